"""Every N minutes, exactly: the cron expressions that wake a schedule, and whether a moment is one of its ticks.

Cron counts within the hour: `*/45` fires at :00 and :45, and `*/90` every hour. So the ticks of N are defined
without it: the minutes since 1970-01-01 00:00 UTC that N divides. They are N apart for ever, across hours, days and
restarts, and the same on every machine. Where N divides a day some cron expressions name exactly these ticks;
elsewhere a grid that contains them wakes the schedule, which then asks `ticks`.
"""

import datetime as dt
import math
from typing import Final

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTE: Final = dt.timedelta(minutes=1)
_HOUR, _DAY = 60, 24 * 60


def crons(minutes: int) -> list[str]:
    """Return cron expressions (UTC) that together fire at every tick of `minutes`, 1 to 180.

    They fire at nothing else if `minutes` divides a day (1440 minutes).

    >>> crons(15), crons(90), crons(7)
    (['*/15 * * * *'], ['0 0,3,6,9,12,15,18,21 * * *', '30 1,4,7,10,13,16,19,22 * * *'], ['* * * * *'])
    """
    if _DAY % minutes:
        return [_within_the_hour(math.gcd(minutes, _HOUR))]
    if _HOUR % minutes == 0:
        return [_within_the_hour(minutes)]
    hours: dict[int, list[str]] = {}
    for tick in range(0, _DAY, minutes):
        hours.setdefault(tick % _HOUR, []).append(str(tick // _HOUR))
    return [f"{minute} {','.join(hours[minute])} * * *" for minute in sorted(hours)]


def _within_the_hour(step: int) -> str:
    return {1: "* * * * *", _HOUR: "0 * * * *"}.get(step, f"*/{step} * * * *")


def ticks(minutes: int, at: dt.datetime) -> bool:
    """Tell whether the minute of `at` (aware) is a tick of `minutes`."""
    return (at - _EPOCH) // _MINUTE % minutes == 0


def last_tick(minutes: int, at: dt.datetime) -> dt.datetime:
    """Return the latest tick of `minutes` that is not after `at` (aware), in UTC.

    A schedule that slept learns by it which tick it missed.
    """
    return _EPOCH + (at - _EPOCH) // _MINUTE // minutes * minutes * _MINUTE
