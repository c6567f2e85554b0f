"""What the protocol asks of its syntheses and outcomes, as every stage reads it.

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


def _pinned(given: Any) -> analyses.Model | None:
    return None if given == "auto" else analyses.Model(**given)


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
    include: allowed values by column of studies.csv
    routes: the order of routes to the effect; empty for the usual one
    model: the model pinned; None where the number of studies decides
    sensitivity: further analyses, as analyses.py knows them
    subgroups, moderators: columns of studies.csv
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
    model: analyses.Model | None
    sensitivity: tuple[Mapping[str, Any], ...]
    subgroups: tuple[str, ...]
    moderators: tuple[str, ...]
    thresholds: tuple[float, ...]
    information_size: InformationSize | None

    _made: ClassVar = {
        "model": _pinned,
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


def syntheses(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Synthesis]:
    """`syntheses` of a completed protocol, or slices of them, by name in the protocol's order."""
    return {name: Synthesis.of(one) for name, one in given.items()}


def outcomes(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
    """`outcomes` of a completed protocol, or slices of them, by name in the protocol's order."""
    return {name: Outcome.of(one) for name, one in given.items()}
