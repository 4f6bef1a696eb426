"""schedule.yaml: what it says, what is due, and the jobs and schedules made of it.

No collector is known here by name, and no other module here than those that make jobs of it imports Dagster.
"""
