"""The days on which the old releases of Boost came out.

The commits of all tags up to boost-1.53.0 carry the day of the conversion from Subversion, 2013-04-13; from
1.54.0 on a tag's commit is of the days before its release. Source: Boost's version history, which is the
field `last-revision` of `feed/history/boost_X_Y_Z.qbk` in boostorg/website, taken as the day that is written
there, in its own time zone. One date is corrected: the history has 1.33.1 on 2006-12-05, the notes of the
download itself (`feed/downloads/boost_1_33_1.qbk`) have 2005-12-05.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

RELEASED_ON: Final[Mapping[str, date]] = MappingProxyType(
    {
        "boost-1.16.1": date(2000, 7, 5),
        "boost-1.17.0": date(2000, 8, 3),
        "boost-1.18.0": date(2000, 9, 28),
        "boost-1.18.2": date(2000, 11, 3),
        "boost-1.18.3": date(2000, 11, 18),
        "boost-1.19.0": date(2000, 12, 10),
        "boost-1.20.0": date(2001, 1, 6),
        "boost-1.20.1": date(2001, 1, 10),
        "boost-1.20.2": date(2001, 2, 10),
        "boost-1.21.0": date(2001, 3, 9),
        "boost-1.21.1": date(2001, 3, 14),
        "boost-1.21.2": date(2001, 4, 24),
        "boost-1.22.0": date(2001, 5, 25),
        "boost-1.23.0": date(2001, 7, 6),
        "boost-1.24.0": date(2001, 8, 19),
        "boost-1.25.0": date(2001, 10, 1),
        "boost-1.25.1": date(2001, 11, 5),
        "boost-1.26.0": date(2001, 11, 30),
        "boost-1.27.0": date(2002, 2, 5),
        "boost-1.28.0": date(2002, 5, 15),
        "boost-1.29.0": date(2002, 10, 10),
        "boost-1.30.0": date(2003, 3, 19),
        "boost-1.30.1": date(2003, 8, 4),
        "boost-1.30.2": date(2003, 8, 19),
        "boost-1.31.0": date(2004, 1, 26),
        "boost-1.32.0": date(2004, 11, 19),
        "boost-1.33.0": date(2005, 8, 11),
        "boost-1.33.1": date(2005, 12, 5),
        "boost-1.34.0": date(2007, 5, 12),
        "boost-1.34.1": date(2007, 7, 24),
        "boost-1.35.0": date(2008, 3, 29),
        "boost-1.36.0": date(2008, 8, 14),
        "boost-1.37.0": date(2008, 11, 3),
        "boost-1.38.0": date(2009, 2, 8),
        "boost-1.39.0": date(2009, 5, 2),
        "boost-1.40.0": date(2009, 8, 27),
        "boost-1.41.0": date(2009, 11, 17),
        "boost-1.42.0": date(2010, 2, 2),
        "boost-1.43.0": date(2010, 5, 6),
        "boost-1.44.0": date(2010, 8, 13),
        "boost-1.45.0": date(2010, 11, 19),
        "boost-1.46.0": date(2011, 2, 21),
        "boost-1.46.1": date(2011, 3, 12),
        "boost-1.47.0": date(2011, 7, 11),
        "boost-1.48.0": date(2011, 11, 15),
        "boost-1.49.0": date(2012, 2, 24),
        "boost-1.50.0": date(2012, 6, 28),
        "boost-1.51.0": date(2012, 8, 20),
        "boost-1.52.0": date(2012, 11, 5),
        "boost-1.53.0": date(2013, 2, 4),
    }
)
"""Tag -> day of release, for every stable tag up to boost-1.53.0."""
