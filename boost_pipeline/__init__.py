"""A data platform for the Boost C++ libraries."""

__version__ = "0.1.0"
