"""Guard rails: what a number of studies allows, and what is held back.

After Bender 2018 (Res Synth Methods 9:382), Röver 2015 (BMC Med Res Methodol 15:99) and the
Cochrane Handbook, chapter 10. With `model: auto` a synthesis gets the primary model of its row;
a protocol that pins its model is obeyed, and the rail that would have fired is written down.
"""

from typing import NamedTuple

from livingmeta.pooling.engines.inputs import OptionError


class Model(NamedTuple):
    """A pooling model as `models.fit` takes it; `name` is its id in the tables."""

    tau2: str
    interval: str = "wald"
    prediction: str = "k-1"

    @property
    def name(self):
        words = [self.tau2, self.interval]
        return " ".join(words + ([f"PI {self.prediction}"] if self.prediction != "k-1" else []))


class Rail(NamedTuple):
    """What `first` to `last` studies (None: any number) allow.

    `settled` is the primary model where tau² is estimated as 0; `held_back` maps an analysis
    to the sentence that says why it is not done.
    """

    first: int
    last: int | None
    primary: Model
    settled: Model
    shown: tuple[Model, ...]
    rule: str
    because: str
    done: str
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

_BIAS = "fewer than 10 studies: an uneven funnel could not be told from chance"
_REGRESSION = "meta-regression needs 10 studies for each moderator"
_LEAVE = "leave-one-out needs 5 studies"

RAILS = (
    Rail(
        first=1,
        last=1,
        primary=COMMON,
        settled=COMMON,
        shown=(),
        rule="one study",
        because="only one study gives this effect",
        done="the study is shown as it stands; nothing was pooled",
        held_back=dict.fromkeys(ANALYSES, "one study is no synthesis"),
    ),
    Rail(
        first=2,
        last=2,
        primary=COMMON,
        settled=COMMON,
        shown=(Model("DL"), Model("REML", "hksj")),
        rule="two studies",
        because="two studies cannot tell how far the effects of studies differ",
        done=(
            "the common-effect result is given as a description of these two studies, not as an"
            " estimate for others; random-effects and Bayesian results stand beside it"
        ),
        held_back={
            "prediction interval": "two studies cannot tell how far a further study would differ",
            "subgroups": "two studies cannot be divided",
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
        rule="three or four studies",
        because="with so few studies the heterogeneity is hardly known",
        done=(
            "the Hartung-Knapp interval, never narrower than the ordinary one, where the studies"
            " differ by more than chance (tau² above 0), else the ordinary interval; the prediction"
            " interval belongs in the appendix, and is to be read with caution"
        ),
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
        rule="five to nine studies",
        because="funnel tests and meta-regression mislead with fewer than 10 studies",
        done=(
            "pooled with the guarded Hartung-Knapp interval; tests for small-study effects left out"
        ),
        held_back={"bias tests": _BIAS, "meta-regression": _REGRESSION},
    ),
    Rail(
        first=10,
        last=None,
        primary=GUARDED,
        settled=GUARDED,
        shown=MANY,
        rule="",
        because="",
        done="",
        held_back={},
    ),
)


def rail(k):
    """The Rail for k studies (k >= 1)."""
    for row in RAILS:
        if row.first <= k and (row.last is None or k <= row.last):
            return row
    raise OptionError(f"{k} studies: guard rails begin at 1")


def allowed(k, analysis):
    """Whether k studies allow `analysis` (one of ANALYSES)."""
    if analysis not in ANALYSES:
        raise OptionError(f"{analysis!r} is no analysis; known are {', '.join(ANALYSES)}")
    return analysis not in rail(k).held_back


def prediction_in_appendix(k):
    """Whether a prediction interval is computed but belongs in the appendix only (3 or 4)."""
    return allowed(k, "prediction interval") and k < 5


def moderators_allowed(k):
    """How many moderators one meta-regression of k studies may have: one for every ten."""
    return k // 10


def choose(k, tau2):
    """The primary Model for k studies whose REML tau² is `tau2`."""
    row = rail(k)
    return row.primary if tau2 > 0.0 else row.settled
