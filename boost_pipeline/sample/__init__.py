"""A miniature Boost organisation, made by code, for the demo and for tests."""
