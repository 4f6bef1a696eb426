"""Measurements against the limits of git, PostgreSQL and Dagster, as ratios taken in one run.

`python -m benchmarks` (or `make benchmark`) prints them; docs/performance.md keeps them. Nothing here is a test.
"""
