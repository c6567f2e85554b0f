"""Guard rails: what a number of studies allows, and what is held back.

After Bender 2018 (Res Synth Methods 9:382), Röver 2015 (BMC Med Res Methodol 15:99) and the
Cochrane Handbook, chapter 10. With `model: auto` a synthesis gets the primary model of its row;
a protocol that pins its model is obeyed, and the rail that would have fired is written down.
"""

from typing import NamedTuple

from livingmeta.analyses import Model
from livingmeta.pooling.engines.inputs import OptionError


class Rail(NamedTuple):
    """What `first` to `last` studies (None: any number) allow.

    `settled` is the primary model where tau² is estimated as 0; `held_back` maps an analysis
    to the code of the reason why it is not done (words/guard_rails.py). `rule` is a code of the
    schema pooling/decisions.
    """

    first: int
    last: int | None
    primary: Model
    settled: Model
    shown: tuple[Model, ...]
    rule: str
    held_back: dict


COMMON = Model("FE")
REML_WALD = Model("REML")
GUARDED = Model("REML", "hksj-guarded")
MANY = (
    *(COMMON, Model("DL"), REML_WALD, Model("REML", "hksj"), GUARDED),
    Model("PM", "hksj-guarded"),
)

ANALYSES = (
    "prediction interval",
    "subgroups",
    "leave-one-out",
    "bias tests",
    "meta-regression",
    "bayesian",
)

_BIAS = "under-ten"
_REGRESSION = "ten-a-moderator"
_LEAVE = "under-five"

RAILS = (
    Rail(
        first=1,
        last=1,
        primary=COMMON,
        settled=COMMON,
        shown=(),
        rule="one-study",
        held_back=dict.fromkeys(ANALYSES, "one-study"),
    ),
    Rail(
        first=2,
        last=2,
        primary=COMMON,
        settled=COMMON,
        shown=(Model("DL"), Model("REML", "hksj")),
        rule="two-studies",
        held_back={
            "prediction interval": "two-no-prediction",
            "subgroups": "two-no-subgroups",
            "leave-one-out": _LEAVE,
            "bias tests": _BIAS,
            "meta-regression": _REGRESSION,
        },
    ),
    Rail(
        first=3,
        last=4,
        primary=GUARDED,
        settled=REML_WALD,
        shown=MANY,
        rule="three-or-four-studies",
        held_back={
            "leave-one-out": _LEAVE,
            "bias tests": _BIAS,
            "meta-regression": _REGRESSION,
        },
    ),
    Rail(
        first=5,
        last=9,
        primary=GUARDED,
        settled=GUARDED,
        shown=MANY,
        rule="five-to-nine-studies",
        held_back={"bias tests": _BIAS, "meta-regression": _REGRESSION},
    ),
    Rail(
        first=10,
        last=None,
        primary=GUARDED,
        settled=GUARDED,
        shown=MANY,
        rule="",
        held_back={},
    ),
)


def rail(k: int) -> Rail:
    """The Rail for k studies (k >= 1)."""
    for row in RAILS:
        if row.first <= k and (row.last is None or k <= row.last):
            return row
    raise OptionError(f"{k} studies: guard rails begin at 1")


def allowed(k: int, analysis: str) -> bool:
    """Whether k studies allow `analysis` (one of ANALYSES)."""
    if analysis not in ANALYSES:
        raise OptionError(f"{analysis!r} is no analysis; known are {', '.join(ANALYSES)}")
    return analysis not in rail(k).held_back


def prediction_in_appendix(k: int) -> bool:
    """Whether a prediction interval is computed but belongs in the appendix only (3 or 4)."""
    return allowed(k, "prediction interval") and k < 5


def moderators_allowed(k: int) -> int:
    """How many moderators one meta-regression of k studies may have: one for every ten."""
    return k // 10


def choose(k: int, tau2: float) -> Model:
    """The primary Model for k studies whose REML tau² is `tau2`."""
    row = rail(k)
    return row.primary if tau2 > 0.0 else row.settled
