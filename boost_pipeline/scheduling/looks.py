"""Looks: every asset records that it was looked at, also where there was nothing new, for the warehouse and Dagster.

Dagster is told by a materialisation with the data version that the data had before, so that what is made of them stays
in step. A look that failed, or that asked for a part only, is recorded as no check; what it wrote is a change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from boost_pipeline.warehouse.changes import Look
from boost_pipeline.warehouse.warehouse import Warehouse

VERSION = "dagster/data_version"
"""The tag of an event that is logged, not yielded, with the version of the data of its partition."""


def looked(
    warehouse: Warehouse, asset: str, *, changed: bool = False, version: str | None = None, whole: bool = True
) -> Look:
    """Record now that `asset` was looked at; see `Transaction.looked`."""
    with warehouse.transaction() as transaction:
        return transaction.looked(asset, datetime.now(UTC), changed=changed, version=version, whole=whole)


def seen(look: Look) -> dict[str, Any]:
    """Return what the materialisation of a look tells besides its counts."""
    told: dict[str, Any] = {"nothing new": dg.MetadataValue.bool(not look.is_new)}
    for name, at in (("last checked", look.checked_at), ("last changed", look.changed_at)):
        if at is not None:
            told[name] = dg.MetadataValue.timestamp(at)
    return told


def data_version(look: Look) -> dg.DataVersion | None:
    """Return the version of the data for Dagster; None, where nothing was ever written, lets it find one itself."""
    return dg.DataVersion(look.version) if look.version else None


def version_of(position: Mapping[str, Any] | None) -> str:
    """Return the version of the data that a cursor of this position covers."""
    return hashlib.sha256(json.dumps(position, sort_keys=True).encode()).hexdigest()[:16]
