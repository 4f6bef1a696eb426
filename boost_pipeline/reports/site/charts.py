"""Charts: what is drawn of figures. The drawing itself is assets/charts.js, on Observable Plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from boost_pipeline.reports.site.figures import Figures


@dataclass(frozen=True, slots=True)
class Series:
    """A column of figures as bars or as a line."""

    column: str
    name: str
    mark: Literal["bar", "line"] = "line"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart over one axis of years or releases."""

    id: str
    title: str
    """What it shows, as a sentence would."""
    figures: Figures
    x: str
    """The column along the axis; its rows are in order."""
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    is_share: bool = False
    """Whether the values are shares, written as per cent."""
    open: str | None = None
    """The column that says of a row that its time is not over, so that its values still grow."""

    @property
    def labels(self) -> list[str]:
        """What stands at the points of the axis: a release without `boost-`, an open year with "so far"."""
        return [
            f"{_label(getattr(row, self.x))}{' so far' if is_open else ''}"
            for row, is_open in zip(self.figures, self.open_points, strict=True)
        ]

    @property
    def open_points(self) -> list[bool]:
        """Which points are open."""
        return [bool(self.open and getattr(row, self.open)) for row in self.figures]

    @property
    def summary(self) -> str:
        """What a screen reader says of the whole."""
        labels = self.labels
        names = ", ".join(one.name for one in self.series)
        ends = f"from {labels[0]} to {labels[-1]}" if len(labels) > 1 else "".join(labels)
        return f"{names} by {self.x_label.lower()}: {len(labels)} points {ends}."

    @property
    def data(self) -> dict[str, Any]:
        """What charts.js reads."""
        return {
            "x": self.labels,
            "xLabel": self.x_label,
            "yLabel": self.y_label,
            "isShare": self.is_share,
            "open": self.open_points,
            "series": [
                {"name": one.name, "mark": one.mark, "values": [getattr(row, one.column) for row in self.figures]}
                for one in self.series
            ],
        }


def _label(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).removeprefix("boost-")
