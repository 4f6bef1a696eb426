"""The GitHub half of a collector: issues, pull requests, what hangs on them, accounts and facts of repositories.

    scope        whose repositories, below which asset keys
    queries      what is asked: the GraphQL texts
    planning     how much of it at once: page sizes by cost
    timeline     which events there are, and what each has to tell
    shapes       answers to rows; loading: rows to tables
    sweep        which repositories changed; items, comments, gaps: one repository; commit_authors: addresses
    releases     what GitHub published of the superproject, for the days of releases
    durations    medians over what is stored
    assets       the factory that makes assets of all that, for one scope; checks, the same for asset checks
    rebuild      the tables from raw pages, without asking

Why it is cut like this: docs/decisions/0010-github-assets.md.
"""
