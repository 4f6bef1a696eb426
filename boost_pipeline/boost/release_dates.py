"""The days on which releases of Boost came out, as far as no list can be asked for them.

A tag's commit does not tell it: up to boost-1.53.0 all carry the day of the conversion from Subversion, 2013-04-13;
later ones are days, once a month, older than the release. Two sources of boostorg/website do, each day taken as it is
written there, in its own time zone.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

HISTORY: Final[Mapping[str, date]] = MappingProxyType(
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
        "boost-1.54.0": date(2013, 7, 1),
        "boost-1.55.0": date(2013, 11, 11),
        "boost-1.56.0": date(2014, 8, 7),
        "boost-1.57.0": date(2014, 11, 3),
        "boost-1.58.0": date(2015, 4, 17),
        "boost-1.59.0": date(2015, 8, 13),
        "boost-1.60.0": date(2015, 12, 17),
        "boost-1.61.0": date(2016, 5, 12),
        "boost-1.62.0": date(2016, 9, 28),
        "boost-1.63.0": date(2016, 12, 26),
        "boost-1.68.0": date(2018, 8, 9),
        "boost-1.69.0": date(2018, 12, 12),
    }
)
"""Tag -> day, by Boost's version history: `last-revision` of `feed/history/boost_X_Y_Z.qbk`, where that is filled.

One day is corrected: the history has 1.33.1 on 2006-12-05, the notes of the download itself
(`feed/downloads/boost_1_33_1.qbk`) have 2005-12-05.
"""

WEBSITE: Final[Mapping[str, date]] = MappingProxyType(
    {
        "boost-1.64.0": date(2017, 4, 19),
        "boost-1.65.0": date(2017, 8, 21),
        "boost-1.65.1": date(2017, 9, 7),
        "boost-1.66.0": date(2017, 12, 18),
        "boost-1.67.0": date(2018, 4, 14),
        "boost-1.70.0": date(2019, 4, 12),
        "boost-1.71.0": date(2019, 8, 19),
        "boost-1.72.0": date(2019, 12, 11),
        "boost-1.73.0": date(2020, 4, 28),
        "boost-1.74.0": date(2020, 8, 14),
        "boost-1.75.0": date(2020, 12, 11),
        "boost-1.76.0": date(2021, 4, 16),
        "boost-1.77.0": date(2021, 8, 11),
        "boost-1.78.0": date(2021, 12, 8),
        "boost-1.79.0": date(2022, 4, 13),
        "boost-1.80.0": date(2022, 8, 10),
        "boost-1.81.0": date(2022, 12, 14),
        "boost-1.82.0": date(2023, 4, 14),
        "boost-1.83.0": date(2023, 8, 11),
        "boost-1.84.0": date(2023, 12, 13),
        "boost-1.85.0": date(2024, 4, 15),
        "boost-1.86.0": date(2024, 8, 14),
        "boost-1.87.0": date(2024, 12, 12),
        "boost-1.88.0": date(2025, 4, 10),
        "boost-1.89.0": date(2025, 8, 14),
    }
)
"""Tag -> day, of releases whose history leaves the day out, by the web site: `release_date` of
`generated/state/release.txt`, whose newest entry is boost-1.89.0.
"""
