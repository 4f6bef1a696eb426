import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "categories",
        "gitmodules",
        "includes",
        "library_keys",
        "module_graph",
        "people",
        "releases",
        "source_files",
    ],
)
def test_the_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(importlib.import_module(f"boost_pipeline.boost.{module}"))

    assert result.attempted > 0
    assert result.failed == 0
