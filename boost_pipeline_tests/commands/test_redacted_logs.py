"""What the commands log holds no secret of the settings."""

import logging

import pytest

from boost_pipeline.commands.terminal import log_to_stderr
from boost_pipeline.settings import load_settings


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_that_gets_into_a_message_or_an_exception_is_blotted_out(monkeypatch, tmp_path, capsys, form):
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "GITHUB_TOKEN": "planted-one",
        "GITHUB_TOKENS_SCRAPING": "planted-two, planted-three",
        "DATABASE_URL": "postgresql://me:planted-four@example.org/boost",
        "LOG_FORMAT": form,
    }.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    logger = logging.getLogger("boost_pipeline")
    try:
        log_to_stderr(load_settings())
        logger.warning("asked with %s, %s and %s", "planted-one", "planted-two", "planted-three")
        trouble = RuntimeError("cannot reach postgresql://me:planted-four@example.org/boost")
        logger.error("failed", exc_info=trouble)
    finally:
        load_settings.cache_clear()

    told = capsys.readouterr().err
    assert "asked with ***" in told
    assert "planted" not in told
