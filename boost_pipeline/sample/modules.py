"""The modules of the sample: where they are, when they joined, who works on them, which files they have.

The files include each other across modules as Boost's do: layers, one cycle (conversion and interval), edges through
src/ or test/ alone, unusual spellings of the directive, and a target that exists nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from boost_pipeline.sample import people as who


@dataclass(frozen=True, slots=True)
class Module:
    """A submodule of the superproject.

    Attributes:
        repository: The name of the repository.
        path: Where the superproject mounts it.
        born: The day of its first commit.
        active_until: The day of its last routine commit.
        routine: How many steps of routine work there are between the two.
        people: Who does them.
        files: Day → path → what the file includes; None is the day of birth.
        joined: The first release that has it; empty: the first of all.
        left: The first release that lacks it again; empty: none.
        default_branch: What HEAD names.
        submodule: Its name in .gitmodules before `renamed`, where that is not the repository's.
        renamed: The first release whose .gitmodules calls it by its repository.
    """

    repository: str
    path: str
    born: str
    people: tuple[who.Person, ...]
    files: Mapping[str | None, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    routine: int = 0
    active_until: str = "2019-10-12"
    joined: str = ""
    left: str = ""
    default_branch: str = "develop"
    submodule: str = ""
    renamed: str = ""

    @property
    def name(self) -> str:
        """The path below libs/, or the whole path elsewhere."""
        return self.path.removeprefix("libs/")


_LIGHTWEIGHT_TEST = "boost/core/lightweight_test.hpp"

MODULES: Final = (
    Module(
        "config",
        "libs/config",
        born="2008-02-10",
        routine=58,
        people=(who.JANE, who.JANE, who.JUERGEN_ASCII, who.ADA, who.NOBODY, who.MAX),
        files={
            None: {
                "include/boost/config.hpp": ("boost/config/user.hpp", "#include BOOST_COMPILER_CONFIG"),
                "include/boost/config/user.hpp": (),
                "include/boost/config/compiler/gcc.hpp": (),
                "include/boost/cstdint.hpp": ("boost/config.hpp", "cstddef"),
                "include/boost/static_assert.hpp": ('#   include "boost/config.hpp"',),
                "test/config_test.cpp": ("boost/config.hpp", "boost/cstdint.hpp"),
            },
            "2015-02-03": {"include/boost/config/detail/suffix.hpp": ("climits",)},
        },
    ),
    Module(
        "core",
        "libs/core",
        born="2014-03-01",
        routine=40,
        joined="boost-1.61.0",
        people=(who.ADA, who.ADA, who.JANE_SHORT, who.FULANO, who.INDIRA),
        files={
            None: {
                "include/boost/core/swap.hpp": ("boost/config.hpp", "utility"),
                "include/boost/core/ref.hpp": ("boost/config.hpp", "boost/core/addressof.hpp"),
                "include/boost/core/addressof.hpp": ("boost/config.hpp",),
                f"include/{_LIGHTWEIGHT_TEST}": ("#include<boost/config.hpp>", "iostream"),
                "include/boost/utility/swap.hpp": ("boost/core/swap.hpp",),
                "test/swap_test.cpp": ("boost/core/swap.hpp", _LIGHTWEIGHT_TEST),
            },
            "2017-01-12": {"include/boost/core/noncopyable.hpp": ("boost/config.hpp", "boost/static_assert.hpp")},
        },
    ),
    Module(
        "smart_ptr",
        "libs/smart_ptr",
        born="2008-03-15",
        routine=70,
        people=(who.JANE_AT_HOME, who.JANE, who.ADA, who.TARO, who.OLA, who.NOBODY, who.FULANO),
        files={
            None: {
                "include/boost/shared_ptr.hpp": ("boost/config.hpp", "boost/smart_ptr/detail/count.hpp", "memory"),
                "include/boost/smart_ptr/detail/count.hpp": ("boost/cstdint.hpp",),
                "include/boost/weak_ptr.hpp": ("boost/shared_ptr.hpp",),
                "test/shared_ptr_test.cpp": ("boost/shared_ptr.hpp", "boost/functional/hash.hpp"),
            },
            "2011-05-20": {"include/boost/smart_ptr/intrusive_ptr.hpp": ("boost/config.hpp", "functional")},
            "2015-06-07": {
                "include/boost/smart_ptr/make_shared.hpp": ("boost/core/addressof.hpp", "boost/smart_ptr/weak_ptr.hpp")
            },
        },
    ),
    Module(
        "functional",
        "libs/functional",
        born="2008-04-01",
        routine=36,
        people=(who.OLA, who.INDIRA, who.NOBODY, who.JUERGEN_ASCII),
        files={
            None: {
                "include/boost/functional.hpp": ("boost/config.hpp",),
                "include/boost/functional/factory.hpp": ("boost/config.hpp", "boost/shared_ptr.hpp"),
                "include/boost/functional/hash.hpp": ("boost/functional/detail/hash_float.hpp", "boost/cstdint.hpp"),
                "include/boost/functional/detail/hash_float.hpp": ("boost/config.hpp", "cmath"),
                "test/hash_test.cpp": ("boost/functional/hash.hpp",),
            }
        },
    ),
    Module(
        "container_hash",
        "libs/container_hash",
        born="2017-11-05",
        routine=24,
        joined="boost-1.69.0-beta1",
        people=(who.OLA, who.JANE_SHORT, who.TARO),
        files={
            "2018-01-20": {
                "include/boost/functional/hash.hpp": ("boost/container_hash/hash.hpp",),
                "include/boost/container_hash/extensions.hpp": ("boost/container_hash/hash.hpp", "boost/core/ref.hpp"),
            }
        },
    ),
    Module(
        "numeric_conversion",
        "libs/numeric/conversion",
        born="2009-01-20",
        routine=28,
        people=(who.FULANO, who.MAX, who.NOBODY),
        files={
            None: {
                "include/boost/numeric/conversion/cast.hpp": (
                    "boost/config.hpp",
                    "boost/numeric/conversion/detail/bounds.hpp",
                ),
                "include/boost/numeric/conversion/detail/bounds.hpp": (
                    "boost/numeric/interval/interval.hpp",
                    "#\tinclude <limits>",
                ),
                "test/cast_test.cpp": ("boost/numeric/conversion/cast.hpp",),
            }
        },
    ),
    Module(
        "interval",
        "libs/numeric/interval",
        born="2008-06-11",
        routine=22,
        people=(who.ERIKA, who.NOBODY, who.INDIRA),
        files={
            None: {
                "include/boost/numeric/interval.hpp": ("boost/numeric/interval/interval.hpp",),
                "include/boost/numeric/interval/interval.hpp": (
                    '#include "detail/rounding.hpp"',
                    "boost/numeric/conversion/cast.hpp",
                ),
                "include/boost/numeric/interval/detail/rounding.hpp": ("boost/config.hpp",),
                "example/bounds.cpp": ("boost/numeric/interval.hpp",),
            }
        },
    ),
    Module(
        "signals",
        "libs/signals",
        born="2008-05-05",
        active_until="2017-05-01",
        routine=18,
        left="boost-1.69.0-beta1",
        people=(who.MAX, who.NOBODY),
        files={
            None: {
                "include/boost/signal.hpp": ("boost/signals/connection.hpp", "boost/functional.hpp"),
                "include/boost/signals/connection.hpp": ("boost/config.hpp",),
                "src/signal_base.cpp": ("boost/signal.hpp", "boost/shared_ptr.hpp"),
            }
        },
    ),
    Module(
        "ratio",
        "libs/ratio",
        born="2010-09-12",
        routine=22,
        people=(who.TARO, who.JANE_SHORT),
        files={
            None: {
                "include/boost/ratio.hpp": ("boost/ratio/ratio.hpp",),
                "include/boost/ratio/ratio.hpp": ("boost/ratio/ratio_fwd.hpp", "boost/static_assert.hpp"),
                "include/boost/ratio/ratio_fwd.hpp": ("boost/cstdint.hpp",),
                "test/ratio_test.cpp": ("boost/ratio.hpp",),
            },
            "2017-09-09": {
                "include/boost/ratio/mpl/sign.hpp": (
                    "boost/ratio/ratio.hpp",
                    "/* #include <boost/core/ref.hpp> in a comment */",
                )
            },
        },
    ),
    Module(
        "geometry",
        "libs/geometry",
        born="2010-03-30",
        routine=76,
        people=(who.INDIRA, who.JAN, who.JAN, who.JUERGEN_ASCII, who.FULANO, who.TARO),
        files={
            None: {
                "include/boost/geometry.hpp": ("boost/geometry/geometry.hpp",),
                "include/boost/geometry/geometry.hpp": ("boost/geometry/algorithms/area.hpp",),
                "include/boost/geometry/core/point.hpp": ("boost/config.hpp", "boost/numeric/conversion/cast.hpp"),
                "include/boost/geometry/algorithms/area.hpp": (
                    "boost/geometry/core/point.hpp",
                    "boost/geometry/algorithms/impl/area.ipp",
                    "boost/geometry/algorithms/detail//sum.hpp",
                ),
                "include/boost/geometry/algorithms/impl/area.ipp": ("boost/shared_ptr.hpp",),
                "include/boost/geometry/algorithms/detail/sum.hpp": ("boost/nowhere/removed_long_ago.hpp",),
                "include/boost/geometry/version": (),
                "test/area_test.cpp": ("boost/geometry.hpp", "boost/ratio.hpp"),
            },
            "2016-09-02": {"test/point_test.cpp": ("boost/geometry/core/point.hpp", _LIGHTWEIGHT_TEST)},
            "2018-06-15": {
                "include/boost/geometry/core/tags.hpp": ("boost/mp11/list.hpp", "boost/container_hash/hash.hpp")
            },
        },
    ),
    Module(
        "hana",
        "libs/hana",
        born="2014-11-02",
        routine=36,
        joined="boost-1.61.0",
        people=(who.ERIKA, who.ERIKA, who.TARO, who.JANE),
        default_branch="master",
        submodule="libs/hana",
        renamed="boost-1.70.0.beta1",
        files={
            None: {
                "include/boost/hana.hpp": ("boost/hana/tuple.hpp", "boost/hana/core.hpp"),
                "include/boost/hana/core.hpp": ("boost/hana/config.hpp",),
                "include/boost/hana/config.hpp": ("  #  include <boost/config.hpp>",),
                "include/boost/hana/tuple.hpp": ("boost/hana/core.hpp", "tuple"),
                "test/tuple_test.cpp": ("boost/hana.hpp",),
            }
        },
    ),
    Module(
        "mp11",
        "libs/mp11",
        born="2017-02-18",
        routine=42,
        joined="boost-1.69.0-beta1",
        people=(who.ADA, who.ADA, who.ADA, who.FULANO, who.JAN),
        files={
            None: {
                "include/boost/mp11.hpp": ("boost/mp11/list.hpp", "boost/mp11/algorithm.hpp"),
                "include/boost/mp11/list.hpp": ("type_traits",),
                "include/boost/mp11/algorithm.hpp": ("boost/mp11/list.hpp",),
                "test/mp_list.cpp": ("boost/mp11.hpp", _LIGHTWEIGHT_TEST),
            }
        },
    ),
    Module(
        "headers",
        "libs/headers",
        born="2018-12-20",
        joined="boost-1.70.0.beta1",
        people=(who.MANAGER,),
    ),
    Module(
        "boostdep",
        "tools/boostdep",
        born="2014-10-10",
        routine=16,
        joined="boost-1.61.0",
        people=(who.ADA, who.MANAGER),
        files={None: {"src/boostdep.cpp": ("boost/config.hpp", "boost/smart_ptr/shared_ptr.hpp", "set")}},
    ),
)
