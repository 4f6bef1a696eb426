# Everything runs from .venv, which the first target that needs it makes. It keeps the Python that made it until another
# is asked for: `make test PYTHON=python3.13`; `make test VENV=.venv-3.13 PYTHON=python3.13` has one beside it.
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

ifdef PYTHON
STALE := $(shell test "$$($(PYTHON) --version 2>&1)" = "$$($(BIN)/python --version 2>&1)" || echo stale)
else
STALE := $(shell test -x $(BIN)/python || echo stale)
endif
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: stale help setup demo test run up lint format docs snapshot lock benchmark clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(READY): requirements.lock pyproject.toml $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15) and "boost-pipeline needs Python 3.11 to 3.14: make PYTHON=python3.11 …")'
	@git --version >/dev/null
	@# What an interrupted set-up has left is not built upon.
	test -e $@ -a -z "$(STALE)" || $(PYTHON) -m venv --clear $(VENV)
	@rm -f $@
	@# pip writes byte code whatever PYTHONDONTWRITEBYTECODE says, which halves the start of every process; the lock is
	@# whole, so that nothing else is resolved.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q boost_pipeline
	@touch $@

setup: $(READY)  ## Make .venv with everything in it

demo: $(READY)  ## Run the schedule on a miniature Boost, with dossier, monthly report and dashboard
	@$(BIN)/boost-pipeline demo

test: $(READY)  ## Run all tests
	$(BIN)/python -m pytest

run: $(READY)  ## Run the daily groups on the real boostorg
	@$(BIN)/boost-pipeline run --schedule daily

up: $(READY)  ## Start PostgreSQL, the web UI and the daemon on 127.0.0.1
	@exec $(BIN)/boost-pipeline up

lint: $(READY)  ## Style, types, the laws of the architecture, and that Dagster loads it all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# An instance of its own: the one of dagster.yaml would start PostgreSQL, and leave it running.
	home=$$(mktemp -d) && DAGSTER_HOME=$$home $(BIN)/dagster definitions validate; code=$$?; rm -rf $$home; exit $$code

format: $(READY)  ## Mend what style checks can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## Write the pages that are made from the code
	$(BIN)/python -m boost_pipeline.warehouse.dictionary > docs/data-dictionary.md
	$(BIN)/python -m boost_pipeline.scheduling.json_schema > schedule.schema.json

snapshot: $(READY)  ## Take what Dagster is shown as the new truth of its test
	$(BIN)/python -m boost_pipeline_tests.test_definitions

benchmark: $(READY)  ## Measure against the limits (docs/performance.md)
	$(BIN)/python -m benchmarks

lock: $(READY)  ## Resolve the dependencies of pyproject.toml anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

clean:  ## Remove .venv and the state of the sample
	rm -rf .venv .venv-* .boost-sample
