"""The errors that a person is meant to read.

Each says in one line what failed, on what, and what to do about it; the command line prints it as it is.

    BoostPipelineError
    ├── SettingsError           the operator changes a setting
    ├── ScheduleError           the author of schedule.yaml changes a line
    ├── UnknownName             somebody asked for a collector, release or library that does not exist
    ├── WarehouseError          the database is not there, refuses, or is full
    │   ├── ServerError         the embedded PostgreSQL does not start
    │   └── SchemaError         the database and this code do not fit each other
    └── SourceError             something outside did not answer as promised
        ├── SourceUnavailable   no answer: the next run tries again
        ├── SourceRefused       gone, private, or the credentials are wrong
        ├── SourceUnfit         what the host has is damaged, shallow or of another kind: it is mended over there
        └── SourceCorrupt       what we keep, or what came of it, is damaged

`category` is the word that the table `failures` keeps. This module imports nothing of ours.
"""

from collections.abc import Iterable
from typing import ClassVar


class BoostPipelineError(Exception):
    """The root of all errors that are told without a traceback."""

    category: ClassVar[str] = "unknown"


class SettingsError(BoostPipelineError):
    """A setting has a value that cannot work."""

    category = "settings"


class ScheduleError(BoostPipelineError):
    """schedule.yaml is missing or wrong.

    `problems` holds each mistake of the file as (line, column, message), and the message a line for each of them.
    """

    category = "schedule"

    def __init__(self, message: str, problems: Iterable[tuple[int, int, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class UnknownName(BoostPipelineError):  # noqa: N818 - reads as the sentence it starts
    """A collector, release, library or group of that name does not exist."""

    category = "validation"


class WarehouseError(BoostPipelineError):
    """The database cannot be reached, refuses to write, or ran out of space."""

    category = "database"


class ServerError(WarehouseError):
    """The embedded PostgreSQL server does not start, or no binaries for it were found."""


class SchemaError(WarehouseError):
    """The schema of the database and this code do not fit each other."""


class SourceError(BoostPipelineError):
    """Something outside did not answer as promised."""

    category = "source"


class SourceUnavailable(SourceError):  # noqa: N818
    """No answer in time, or a broken connection; trying again later may help."""

    category = "network"


class SourceRefused(SourceError):  # noqa: N818
    """The thing asked for is gone, private, or the credentials are wrong."""

    category = "permission"


class SourceUnfit(SourceError):  # noqa: N818
    """What the host itself has cannot be used: it is damaged, shallow, empty or of another kind.

    Asking again changes nothing before somebody mends it over there.
    """

    category = "host"


class SourceCorrupt(SourceError):  # noqa: N818
    """Damaged data, from outside or in what we keep of it."""

    category = "corrupt"
