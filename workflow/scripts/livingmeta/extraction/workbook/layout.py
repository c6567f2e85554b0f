"""Which statistic of which arm stands in which column: the one description of the sheets, by which
they are written and read.

A sheet of printed numbers has one row for what is said once (ONCE) and, for each arm and each pair
of arms, columns headed `arm: field`. A field is a statistic (its value), a statistic and a column
of outcomes.csv (`survival ci_low`), one of SHORT, or `n`, the patients of all numbers of that arm
in that row.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from livingmeta import spreadsheets, tables

# What of a row of outcomes.csv belongs to its number; all else is said once for a row of a sheet.
OF_NUMBER = ("value", "se", "sd", "ci_low", "ci_high", "ci_level", "p_value")
SHARED = "n"
OF_ARM = ("arm", "statistic", SHARED, *OF_NUMBER)
ONCE = tuple(c for c in tables.columns("data/outcomes") if c not in OF_ARM)
# Fields that people know by a shorter name: their statistic and column.
SHORT = {
    "sd": ("mean", "sd"),
    "se": ("mean", "se"),
    "log-rank-p": ("log-rank-p", "p_value"),
}
# Statistics without a unit: one that stands in their row is of another number.
UNITLESS = {
    *("events", "at-risk", "correlation", "hazard-ratio", "odds-ratio", "risk-ratio"),
    *("log-hazard-ratio", "log-odds-ratio", "log-risk-ratio", "incidence-rate-ratio"),
    *("standardised-mean-difference", "t", "f", "icc", "effect"),
    *("log-rank-p", "log-rank-chi2", "log-rank-observed", "log-rank-expected"),
    *("log-rank-o-minus-e", "log-rank-variance"),
}


class Form(NamedTuple):
    """A sheet of printed numbers: the kinds of outcome that it is for, whether for outcomes asked
    of single arms alone, the fields of each arm and of each pair, and what it is for in words."""

    kinds: tuple[str, ...]
    single: bool
    arm: tuple[str, ...]
    pair: tuple[str, ...]
    meaning: str


_LIMITS = ("ci_low", "ci_high")
FORMS = {
    "Binary": Form(
        ("binary",),
        False,
        ("events", SHARED),
        (
            *("odds-ratio", *(f"odds-ratio {c}" for c in _LIMITS)),
            *("risk-ratio", *(f"risk-ratio {c}" for c in _LIMITS)),
        ),
        "What happened or did not: how many of how many patients of each arm.",
    ),
    "Continuous": Form(
        ("continuous", "time"),
        False,
        ("mean", "sd", "se", SHARED, "median", "q1", "q3", "minimum", "maximum"),
        ("mean-difference", *(f"mean-difference {c}" for c in (*_LIMITS, "p_value"))),
        "What is measured: mean and SD (or SE), or median with quartiles or range.",
    ),
    "Time-to-event": Form(
        ("survival",),
        False,
        (
            *("survival", *(f"survival {c}" for c in ("se", *_LIMITS)), SHARED, "events"),
            *("median", *(f"median {c}" for c in _LIMITS), "at-risk"),
        ),
        (
            *("hazard-ratio", *(f"hazard-ratio {c}" for c in (*_LIMITS, "p_value")), SHARED),
            *("log-rank-p", "log-rank-o-minus-e", "log-rank-variance"),
        ),
        "Survival at a time, median survival, numbers at risk, hazard ratios, log-rank tests. A "
        "row is of one time; a hazard ratio or a median has none.",
    ),
    "Rates": Form(
        ("count",),
        False,
        ("events", "person-time", SHARED, "rate", *(f"rate {c}" for c in _LIMITS)),
        ("incidence-rate-ratio", *(f"incidence-rate-ratio {c}" for c in _LIMITS)),
        "What may happen more than once: events and person-time, or a rate.",
    ),
    "Proportions": Form(
        ("binary",),
        True,
        ("events", SHARED, "proportion", *(f"proportion {c}" for c in _LIMITS)),
        (),
        "Outcomes that are asked of single arms: events of patients, or a proportion.",
    ),
}
OTHER, STUDIES, BIAS, CERTAINTY = "Other", "Studies", "Risk-of-bias", "Certainty"
# Sheets that are the tables themselves, a row for a row: their schema.
TABLES = {
    OTHER: "data/outcomes",
    STUDIES: "data/studies",
    BIAS: "data/risk_of_bias",
    CERTAINTY: "data/certainty",
}
# What a row of a table is about, by which it stands once.
KEYS = {
    STUDIES: ("study_id",),
    BIAS: ("study_id", "outcome", "tool", "domain", "assessor"),
    CERTAINTY: ("synthesis", "domain"),
}
# All that hold rows.
SHEETS = (*FORMS, *TABLES)


class Field(NamedTuple):
    """A column of a sheet that is of an arm or a pair: `statistic` "" for SHARED."""

    arm: str
    statistic: str
    column: str


def head(field: Field) -> str:
    """How the column is headed: `drug: events`."""
    return f"{field.arm}: {_name(field.statistic, field.column)}"


def _name(statistic: str, column: str) -> str:
    short = next((name for name, of in SHORT.items() if of == (statistic, column)), "")
    long = statistic if column == "value" else f"{statistic} {column}".strip()
    return short or long


def _names() -> dict[str, tuple[str, str]]:
    """Statistic and column by every name of a field, as far as a name counts."""
    statistics = tables.schema("data/outcomes")["columns"]["statistic"]["allowed"]
    every = [(s, c) for s in statistics for c in OF_NUMBER] + [("", SHARED)]
    long = {f"{s} {c}".strip(): (s, c) for s, c in every}
    # An SD that is a row of its own has no column here, for `sd` is that of the mean.
    alone = {s: (s, "value") for s in statistics if s not in SHORT}
    return {spreadsheets.squeezed(name): of for name, of in (long | alone | SHORT).items()}


NAMES = _names()


def field(heading: str) -> Field | None:
    """What a heading stands for; None where it is none of an arm."""
    arm, colon, name = heading.rpartition(":")
    known = NAMES.get(spreadsheets.squeezed(name))
    return Field(arm.strip(), *known) if colon and arm.strip() and known else None


def looks_like_a_field(heading: str) -> bool:
    """Whether a heading that stands for none names a statistic all the same: `Drug events`."""
    words = {spreadsheets.squeezed(word) for word in re.split(r"[^\w-]+|_", heading)}
    whole = spreadsheets.squeezed(re.sub(r"[^\w-]+", "", heading))
    return bool(words & NAMES.keys()) or any(name in whole for name in NAMES if len(name) > 4)


def fields(sheet: str, arms: Iterable[str], pairs: Iterable[str]) -> list[Field]:
    """The columns that a sheet has for these arms and pairs, in their order."""
    form = FORMS[sheet]
    return [
        Field(arm, *NAMES[spreadsheets.squeezed(name)])
        for group, names in ((arms, form.arm), (pairs, form.pair))
        for arm in group
        for name in names
    ]


def has(sheet: str, statistic: str, arm: str) -> bool:
    """Whether a statistic of an arm, or of a pair, has a place on a sheet."""
    names = FORMS[sheet].pair if "/" in arm else FORMS[sheet].arm
    return statistic in {NAMES[spreadsheets.squeezed(name)][0] for name in names}


def sheet_of(kind: str, single: bool) -> str:
    """The sheet for an outcome of a kind; `single`: asked of single arms alone."""
    fitting = [name for name, form in FORMS.items() if kind in form.kinds]
    own = [name for name in fitting if FORMS[name].single == single]
    return (own or fitting)[0]
