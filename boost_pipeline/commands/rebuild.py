"""`boost-pipeline db rebuild`: work items made anew from GitHub's answers as they were kept, without asking again."""

from __future__ import annotations

import click

from boost_pipeline.collectors.github.rebuild import rebuild as replay
from boost_pipeline.collectors.github.scope import LLVM, boost
from boost_pipeline.resources import raw_pages
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse


def rebuild(settings: Settings, what: str, *, empty: bool) -> None:
    """Rebuild the tables of one instance of the GitHub assets, and say from how much.

    Raises:
        SourceCorrupt: a page is damaged or missing; nothing was changed.
    """
    scope = LLVM if what == LLVM.prefix else boost(settings.git_owner)
    with Databases(settings).opened() as databases:
        pages = raw_pages(settings).replay(f"{scope.prefix}/")
        counts = replay(Warehouse(databases.warehouse), pages, scope, empty=empty)
    click.echo(f"{counts['pages']:,} pages read: {counts['items']:,} items, {counts['comments']:,} comments.")
