"""What changes.json holds: a comparison of the review with its latest release, as whoever makes,
draws and prints it reads it."""

from typing import Any, NotRequired, TypedDict

from livingmeta.judgement.certainty import Standing
from livingmeta.living.conclusions import ConclusionChange
from livingmeta.screening.counts import UpdateCounts

# A result as a row of living/cumulative.csv has it, from its column `measure` on.
Result = dict[str, Any]


class Days(TypedDict):
    """Days of the last search; None or "" where there is none."""

    before: str | None
    after: str | None


class Released(TypedDict):
    """A release in numbers."""

    version: str
    searched_to: str
    records: int
    studies: int
    reports: int


class KeyChange(TypedDict):
    """A key of the protocol, with its values as JSON; "" where it was not there."""

    what: str
    before: str
    after: str


class Effect(TypedDict):
    """A study's effect on the analysis scale."""

    yi: float
    vi: float
    route: str


class EffectChange(TypedDict):
    """A study whose effect is not what it was; None where it had none, or has none now. `kind`:
    new, removed or corrected."""

    study_id: str
    label: str
    kind: str
    before: Effect | None
    after: Effect | None
    because: str


class Share(TypedDict):
    """What one change did to an estimate, on the analysis scale, with the error of that share;
    `display`: the same as the result is printed (Attribution)."""

    kind: str
    name: str
    label: str
    share: float
    error: float
    display: float
    because: str


class Attribution(TypedDict):
    """The `total` change of an estimate and the `parts` that add up to it, on the analysis scale;
    by which `method`, over how many `orders`. `note`: what could not be told apart, or "".

    `display_total`: the change as the result is printed: where that is by logarithms the factor
    (`times`), and the parts' are factors that multiply to it; else the difference, to which the
    parts' add up."""

    total: float
    display_total: float
    times: bool
    method: str
    orders: int
    note: str
    parts: list[Share]


class SynthesisChange(TypedDict):
    """One synthesis. `change`: none, changed, new, gone or another question."""

    synthesis: str
    title: str
    change: str
    before: Result | None
    after: Result | None
    effects: list[EffectChange]
    attribution: Attribution | None
    conclusion: ConclusionChange | None
    certainty: Standing


class CurvePoint(TypedDict):
    """Survival, or the median, of a pooled curve with its interval, of so many studies; None where
    not reached."""

    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    k: int


class CurveTime(TypedDict):
    """One time of a pooled curve; None where the curve has or had it not."""

    time: float
    before: CurvePoint | None
    after: CurvePoint | None


class EffectOfCurve(TypedDict):
    """A study whose part of a curve is not what it was, with its survival in words."""

    study_id: str
    label: str
    kind: str
    before: str
    after: str
    because: str


class CurveChange(TypedDict):
    """One pooled survival curve: its times and its median, of the model that is the result.
    `change`: as of a synthesis, or `not kept` by the release."""

    synthesis: str
    title: str
    change: str
    times: list[CurveTime]
    before: CurvePoint | None
    after: CurvePoint | None
    studies: list[EffectOfCurve]


class Changes(TypedDict):
    """The whole. `since` is None where there is no release yet; `counts`: rows of changes.csv by
    kind; `previous`: where nothing has changed since, what the latest release changed itself, with
    the `rows` that changes.csv had then."""

    version: str
    since: str | None
    searched_to: Days
    text: str
    counts: dict[str, int]
    flow: UpdateCounts | None
    protocol: list[KeyChange]
    syntheses: list[SynthesisChange]
    curves: list[CurveChange]
    previous: "Changes | None"
    releases: list[Released]
    rows: NotRequired[list[dict[str, str]]]
