"""The assets, one module per domain, and the commands that schedule.yaml can name."""
