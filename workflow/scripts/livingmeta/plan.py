"""What the protocol asks and says, as every stage reads it.

Made of a protocol that the schema has checked and completed, so no reader brings a default of its
own. A rule hands over the keys that it depends on and no more; to read another is a fault of ours,
not an empty value, since the rule would not run again when that key changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import nan
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from livingmeta import analyses
from livingmeta.errors import InternalError


class NotAskedError(InternalError, AttributeError):
    """A key of the protocol is read that the rule did not hand over."""


class _Part:
    """A part of the protocol with one attribute a key; lists are tuples."""

    _made: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """`given`: this part as the protocol has it once completed, or a slice of it."""
        part = object.__new__(cls)
        for field in fields(cls):  # type: ignore[arg-type]  # each of them is a dataclass
            if field.name in given:
                value = given[field.name]
                value = tuple(value) if isinstance(value, list) else value
                make = cls._made.get(field.name)
                object.__setattr__(part, field.name, make(value) if make else value)
        return part

    def but(self, **changed: Any) -> Self:
        """The same with these fields changed."""
        part = object.__new__(type(self))
        for name, value in (vars(self) | changed).items():
            object.__setattr__(part, name, value)
        return part

    if not TYPE_CHECKING:  # a checker shall know the fields, and these alone

        def __getattr__(self, name: str) -> NoReturn:
            raise NotAskedError(
                f"{type(self).__name__}.{name} is read, which was not handed over: name the key "
                "among what the rule asks of the protocol (workflow/rules)"
            )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InformationSize(_Part):
    """`information_size`: the smallest `difference` worth finding, on the printed scale of the
    measure, the two-sided `alpha` of all looks together, and the `power`, both as shares."""

    difference: float
    alpha: float
    power: float


def _overall(given: Any) -> Any:
    """Allowed values of a filter; those of risk_of_bias stand under `overall`."""
    return given["overall"] if isinstance(given, Mapping) else given


def _joined(terms: Any) -> str:
    """A model of meta-regression as one text: `year`, `year + dose + year:dose`."""
    return terms if isinstance(terms, str) else " + ".join(terms)


def _pinned(given: Any) -> analyses.Model | analyses.Method | None:
    return None if given == "auto" else analyses.model(given)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Synthesis(_Part):
    """One entry of `syntheses`.

    title: its heading in the report
    outcome: a key of `outcomes`
    measure: the effect measure, a code of effect_measures
    arms: keys of `arms`: one, or two of which the first is compared with the second
    other_measures: measures to take, in this order, from a study that does not give `measure`
    narrative: whether the protocol asks that nothing be pooled
    time: the time point, in the protocol's unit of time; None where it has none
    include: allowed values by column of studies.csv; risk_of_bias: overall judgements
    routes: the order of routes to the effect; empty for the usual one
    several, correlation: what is made of several effects of one study
    shared_control: what is made of comparisons of one trial that share an arm
    zeros: what is added to which cells of counts, and whether studies without information drop out
    rules: whose formulas are taken: standard or revman
    level: the confidence level of the pooled results, as a share
    model: the model or the method pinned; None where the number of studies decides
    sensitivity: further analyses beside the result
    subgroups: columns of studies.csv
    subgroup_labels: by such a column its values in order, each with its label
    moderators: models of meta-regression: columns of studies.csv, "year + dose + year:dose"
    thresholds: values that matter to patients, on the printed scale
    information_size: what is asked of it, or None
    """

    title: str
    outcome: str
    measure: str
    arms: tuple[str, ...]
    other_measures: tuple[str, ...]
    narrative: bool
    time: float | None
    include: Mapping[str, tuple | list]
    routes: tuple[str, ...]
    several: str
    correlation: float | None
    shared_control: str
    zeros: Mapping[str, Any]
    rules: str
    level: float
    model: analyses.Model | analyses.Method | None
    sensitivity: tuple[analyses.Analysis, ...]
    subgroups: tuple[str, ...]
    subgroup_labels: Mapping[str, Mapping[str, str]]
    moderators: tuple[str, ...]
    thresholds: tuple[float, ...]
    information_size: InformationSize | None

    _made: ClassVar = {
        "include": lambda given: {c: _overall(v) for c, v in given.items()},
        "model": _pinned,
        "moderators": lambda given: tuple(map(_joined, given)),
        "sensitivity": lambda given: tuple(map(analyses.of, given)),
        "information_size": lambda given: given and InformationSize.of(given),
    }

    @property
    def time_or_nan(self) -> float:
        """The time point as a number, NaN where the synthesis has none."""
        return nan if self.time is None else float(self.time)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Outcome(_Part):
    """One entry of `outcomes`.

    label: how figures and tables name it
    kind: survival, binary, continuous, time or count
    unit: the unit of a continuous outcome; "" where it has none
    good: which direction is good for the patient, higher or lower
    definition: how it is defined, or ""
    """

    label: str
    kind: str
    unit: str
    good: str
    definition: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Arm(_Part):
    """One entry of `arms`: its `label` in figures and tables, what belongs to it, or "", and the
    arms that it `joins`, where it is made of others."""

    label: str
    description: str
    joins: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Question(_Part):
    """`review.question`, as PICO; what the review does not say is ""."""

    population: str
    intervention: str
    comparator: str
    outcomes: str
    study_designs: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Review(_Part):
    """`review`: what it asks, and who asks it; `registration`, `doi` and `note` may be ""."""

    title: str
    question: Question
    registration: str
    doi: str
    authors: tuple[str, ...]
    version: str
    note: str

    _made: ClassVar = {"question": Question.of}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Criteria(_Part):
    """`screening.criteria`: what a study must be, and what rules one out, in words."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Stopping(_Part):
    """`screening.stopping`: the recall to reach before reading may stop, and how sure of it, as
    proportions."""

    recall: float
    confidence: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Assign(_Part):
    """`screening.assign`: lists of people to one of which each record falls, and how many records
    all of them read first."""

    batches: tuple[tuple[str, ...], ...]
    pilot: int

    _made: ClassVar = {"batches": lambda given: tuple(map(tuple, given))}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Screening(_Part):
    """`screening`: decisions that a record needs at each stage, when reading may stop, who reads
    what, reasons of exclusion at full text by their code, and the criteria."""

    reviewers: int
    stopping: Stopping
    assign: Assign
    reasons: Mapping[str, str]
    criteria: Criteria

    _made: ClassVar = {"criteria": Criteria.of, "stopping": Stopping.of, "assign": Assign.of}


@dataclass(frozen=True)
class PublishedResult:
    """A result of an earlier review beside one of our syntheses, on the printed scale of its
    measure, in percent where `unit` is %; None where it was not printed."""

    synthesis: str
    label: str
    estimate: float
    unit: str
    note: str
    ci_low: float | None = None
    ci_high: float | None = None
    i2: float | None = None


@dataclass(frozen=True)
class Published:
    """`published`: an earlier review, "" or None for what the protocol does not say of it."""

    citation: str
    doi: str
    searched_to: str
    results: tuple[PublishedResult, ...]
    differs_because: tuple[str, ...]
    studies: int | None = None
    patients: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """`given`: as the protocol has it once completed."""
        results = tuple(PublishedResult(**row) for row in given["results"])
        reasons = tuple(given["differs_because"])
        return cls(**{**given, "results": results, "differs_because": reasons})


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Shown(_Part):
    """`report`: columns of studies.csv in the table of characteristics, what stands in forest plots
    between study and plot (arms, patients, route or such columns), the report's language by its
    code, and survival of the comparator, as a proportion, by synthesis."""

    characteristics: tuple[str, ...]
    forest: tuple[str, ...]
    language: str
    baseline_survival: Mapping[str, float]


def syntheses(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Synthesis]:
    """`syntheses` of a completed protocol, or slices of them, by name in the protocol's order."""
    return {name: Synthesis.of(one) for name, one in given.items()}


def outcomes(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
    """`outcomes` of a completed protocol, or slices of them, by name in the protocol's order."""
    return {name: Outcome.of(one) for name, one in given.items()}


def one_unit(of: Mapping[str, Outcome], asked: Mapping[str, Synthesis]) -> list[str]:
    """The outcomes whose numbers all studies should have in one unit: those that name it, times,
    and those of which means or their differences are pooled as they are, and none free of units.

    `asked`: the syntheses, of which outcome and measures are read.
    """
    pooled: dict[str, set[str]] = {}
    for synthesis in asked.values():
        measures = {synthesis.measure, *synthesis.other_measures}
        pooled.setdefault(synthesis.outcome, set()).update(measures)
    plain = {
        name
        for name, measures in pooled.items()
        if measures & {"MD", "MN"} and not measures & {"SMD", "ROM"}
    }
    return [
        name
        for name, outcome in of.items()
        if outcome.unit or outcome.kind == "time" or name in plain
    ]


def arms(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Arm]:
    """`arms` of a completed protocol, or slices of them, by name in the protocol's order."""
    return {name: Arm.of(one) for name, one in given.items()}


def joins(of: Mapping[str, Arm]) -> dict[str, tuple[str, ...]]:
    """The arms that are made of others, each with its parts."""
    return {name: arm.joins for name, arm in of.items() if arm.joins}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Extraction(_Part):
    """`extraction`: whose reading counts where two extractors differ and nobody has settled it,
    `leave-out` for neither."""

    until_settled: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Protocol(_Part):
    """The whole protocol, or the slice of it that a rule hands over; without `search`, which one
    script alone reads. `courses`: the syntheses of measure SURV, which are no `syntheses` here."""

    review: Review
    screening: Screening
    extraction: Extraction
    time_unit: str
    arms: Mapping[str, Arm]
    outcomes: Mapping[str, Outcome]
    syntheses: Mapping[str, Synthesis]
    courses: Mapping[str, Synthesis]
    published: Published
    report: Shown

    _made: ClassVar = {
        "review": Review.of,
        "screening": Screening.of,
        "extraction": Extraction.of,
        "arms": lambda given: arms(given),
        "outcomes": lambda given: outcomes(given),
        "syntheses": lambda given: syntheses(given),
        "courses": lambda given: syntheses(given),
        "published": Published.of,
        "report": Shown.of,
    }
