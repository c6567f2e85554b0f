"""Printed numbers to typed ones: units converted, names resolved, impossible values refused."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from livingmeta import spreadsheets
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import directions, p_values, places, units
from livingmeta.extraction.reworded import LARGEST_LOGARITHM, LOGARITHMS, REVERSED, TURNED
from livingmeta.extraction.rows import DIFFERENCES
from livingmeta.extraction.units import (
    A_RATE,
    COUNTS,
    DAYS,
    PROPORTIONS,
    QUANTILES,
    RATIOS,
    TESTS,
    TIMES,
    kind_of,
    of_rate,
    scaled,
)
from livingmeta.plan import Outcome
from livingmeta.tables import TableError, text

# Statistics of patients, which nobody's cannot be; counts can be nought of none.
OF_SOMEBODY = {*PROPORTIONS, *QUANTILES, *RATIOS, *LOGARITHMS, *DIFFERENCES, *TESTS}
OF_SOMEBODY |= {"mean", "sd", "se", "rmst", "rate", "correlation", "icc", "effect"}
NO_VALUE = {"log-rank-p"}
# A median without a value is one that was not reached, if the note or the quote says so.
NOT_REACHED = re.compile(r"\bnot (?:yet |been )*(?:reached|estimable|evaluable)\b|\bN[RE]\b")


def tidy(
    raw: pd.DataFrame,
    study_ids: Iterable[str],
    outcomes: Mapping[str, Outcome],
    arms: Collection[str],
    time_unit: str,
) -> pd.DataFrame:
    """The rows of `data/raw/extraction/outcomes.csv` in the pipeline's units.

    `raw`: as read under schema data/outcomes; `study_ids`: those of studies.csv; `outcomes`,
    `arms`, `time_unit`: the protocol's. Percentages become proportions, times the protocol's unit
    (`value`, `ci_low`, `ci_high` alike); `printed` keeps what the report prints. Row order is kept.

    Raises TableError listing every row that names something unknown or cannot be true.
    """
    faults, rows = [], []
    known = set(study_ids)
    records = [{**r, "unit": _spelt(r, outcomes)} for r in as_dicts(raw)]
    for record in records:
        wrong = [
            *_unknown_names(record, known, outcomes, arms),
            *_wrong_unit(record, outcomes),
        ]
        faults += [_at(record, column, fault) for column, fault in wrong]
        if not wrong:
            kind, own = kind_of(record, outcomes), outcomes[record["outcome"]].unit
            converted = _converted(record, kind, time_unit, own)
            once = outcomes[record["outcome"]].kind != "count"
            cannot_be = impossible(converted, once=once)
            faults += [_at(record, column, fault) for column, fault in cannot_be]
            rows.append(converted)
    faults += [_at(*fault) for fault in units.faults(records, outcomes, time_unit)]
    faults += [_at(*fault) for fault in directions.faults(rows)]
    problems = places.sentences(faults)
    for name in sorted({"printed", "time_as_written"} & {*raw}):
        problems.append(
            f"{places.FILE}, row 1, column {name}: the results have a column of this name."
        )
    if problems:
        raise TableError(problems)
    columns = [c for c in raw.columns if c not in ("time_unit", "row")] + ["row", "printed"]
    columns += ["time_as_written"] if any("time_as_written" in row for row in rows) else []
    return pd.DataFrame(rows, columns=columns)


def _at(record: Mapping[Any, Any], column: str, fault: str) -> places.Faulty:
    return places.faulty(record, column, f"'{text(record[column])}'", fault)


def _unknown_names(record, known, outcomes, arms):
    if record["study_id"] not in known:
        near = _near(record["study_id"], known)
        yield "study_id", f"no study of studies.csv has this study_id{near}"
    if record["outcome"] not in outcomes:
        near = _near(record["outcome"], outcomes)
        yield "outcome", f"the protocol defines {', '.join(outcomes)}{near}"
    for arm in record["arm"].split("/"):
        if arm not in arms:
            known_arms = f"which defines {', '.join(arms)}{_near(arm, arms)}"
            yield "arm", f"'{arm}' is no arm of the protocol, {known_arms}"
    if len(record["arm"].split("/")) > 2:
        yield "arm", "a contrast has two arms, first/second"
    elif len(set(record["arm"].split("/"))) < len(record["arm"].split("/")):
        yield "arm", "a contrast is of two different arms"


def _near(name: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" (perhaps {close[0]})" if close else ""


def _spelt(record: Mapping[Any, Any], outcomes: Mapping[str, Outcome]) -> str:
    """The unit of a row as it is spelt here, or in the protocol, whatever its case and blanks."""
    own = outcomes[record["outcome"]].unit if record["outcome"] in outcomes else ""
    known = {*DAYS, "patients", "proportion", own} - {""}
    return spreadsheets.meant(record["unit"], known) or record["unit"]


def _wrong_unit(
    record: Mapping[Any, Any], outcomes: Mapping[str, Outcome]
) -> Iterator[tuple[str, str]]:
    unit, kind = record["unit"], kind_of(record, outcomes)
    yield from _out_of_place(record, outcomes)
    if math.isnan(record["value"]) and record["statistic"] not in NO_VALUE:
        hint = "; of a median that was not reached, the note says so" * (
            record["statistic"] == "median"
        )
        if not (hint and NOT_REACHED.search(f"{record['note']} {record['quote']}")):
            yield "value", f"it is required (the number as printed{hint})"
    own = outcomes[record["outcome"]].unit if record["outcome"] in outcomes else ""
    allowed = {
        "proportion": ("", "%", "proportion"),
        "time": ("", *DAYS),
        "count": ("", "patients"),
        "measured": ("", *([own] if own else [])),
        "bare": ("",),
        "error": ("", "%", "proportion", *DAYS, *([own] if own else [])),
        "plain": ("", "%", "proportion", "patients"),
        # A rate in % says of no time: 12.5% a year would count as of the protocol's unit.
        "rate": ("", "per year", "per 100 person-years", "per 1000 patient-days"),
    }[kind]
    if kind == "rate" and A_RATE.fullmatch(unit):
        return
    if unit not in allowed:
        shown = ", ".join(u or "(empty)" for u in allowed)
        where = f"; the outcome's own stands in the protocol, outcomes.{record['outcome']}.unit"
        fault = f"{_a(record['statistic'])} of this outcome has one of the units {shown}"
        yield "unit", fault + where * (kind == "measured")


def _out_of_place(
    record: Mapping[Any, Any], outcomes: Mapping[str, Outcome]
) -> Iterator[tuple[str, str]]:
    """What a statistic cannot be of: an arm where it compares two, an outcome of another kind."""
    statistic = record["statistic"]
    kind = outcomes[record["outcome"]].kind if record["outcome"] in outcomes else "survival"
    if statistic == "mortality" and kind != "survival":
        yield "statistic", "mortality is of a survival outcome; of another it is a proportion"
    if statistic in TESTS and "/" not in record["arm"]:
        yield "arm", "a test compares two arms: write the first and the second, first/second"
    said = f"{record.get('quote', '')} {record['note']}"
    df = p_values.degrees_of_freedom(statistic, said, record["value"])
    if df is not None and df != 1:
        of = "numerator degrees of freedom" if statistic == "f" else "degrees of freedom"
        test = "an F" if statistic == "f" else "a chi-squared"
        yield "value", f"{test} with {df} {of} compares more than two arms: it is of no pair"
    if record.get("event") and record["outcome"] in outcomes:
        yield from _other_event(statistic, record["event"], outcomes[record["outcome"]])
    if record.get("direction") == REVERSED and statistic not in TURNED | {"sd", "se"}:
        yield "direction", f"{_a(statistic)} is on no scale: only means, medians and the like turn"


# Words by which the label of an outcome of another kind is of the same event as its rows say.
_OF_DEATH = re.compile(
    r"death|\bdead|\bdied|\bdie\b|dying|mortal|mortes?\b|fatal|l[eé]thal|letal|suicid|stillb"
    r"|\btod|tot\b|todes|verstorben|gestorben|sterb|décès|mort\b|muert|óbito|overleden|overlijden",
    re.IGNORECASE,
)
_OF_LIFE = re.compile(
    r"surviv|alive|überleb|überlebt|survie|supervivencia|sopravviv|sobrevi|overleving",
    re.IGNORECASE,
)
# What these of a survival outcome count by their name, and what is typed instead.
_BY_NAME = {
    "events": ("death", "type those who died"),
    "survival": ("survival", "type the share that is alive, or statistic mortality"),
    "mortality": ("death", "type the share that died, or statistic survival"),
}


def _other_event(statistic: str, event: str, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """An event that a row cannot be of, and would be taken for the other one."""
    if outcome.kind in ("survival", "time"):
        says, instead = _BY_NAME.get(statistic, (event, ""))
        if says != event:
            yield "event", f"{statistic} of a survival outcome count {says}: {instead}"
        return
    names = {"death": bool(_OF_DEATH.search(outcome.label))}
    names["survival"] = bool(_OF_LIFE.search(outcome.label))
    if not names[event] or all(names.values()):
        yield (
            "event",
            f"all numbers of an outcome of kind {outcome.kind} are of what its label names "
            f"({outcome.label}). Leave this column empty where the number is of that; where it is "
            "of the contrary, turn it first (1/ratio, n less events)",
        )


def _a(statistic: str) -> str:
    """A statistic with its article, as one says it: an odds ratio, an se, a mean."""
    said_an = statistic[0] in "aeio" or statistic in ("sd", "se", "f", "rmst", "rmst-difference")
    return f"a{'n' * said_an} {statistic.replace('-', ' ')}"


def _converted(record: Mapping[Any, Any], kind: str, time_unit: str, own: str = "") -> dict:
    """The record with its numbers in the pipeline's units, and `printed` as it stood; `own`: the
    unit of its outcome."""
    unit = record["unit"]
    shown = text(record["value"]) + (f" {unit}" if unit and unit != "%" else unit)
    if not math.isnan(record["ci_low"]) or not math.isnan(record["ci_high"]):
        shown += f" ({text(record['ci_low']) or '?'} to {text(record['ci_high']) or '?'})"
    for column in ("se", "sd"):
        if not math.isnan(record.get(column, math.nan)):
            shown += f" ({column.upper()} {text(record[column])})"
    if math.isnan(record["value"]):
        shown = "not reached" if record["statistic"] == "median" else f"p {record['p_value']}"
    factor = Fraction(1)
    # Percent points stay percent points where they are the unit of what is measured.
    if unit == "%" and kind != "measured" and not (kind == "error" and own == "%"):
        factor = Fraction(1, 100)
    elif unit in DAYS and kind in ("time", "error"):
        factor = DAYS[unit] / DAYS[time_unit]
    elif kind == "rate" and (of := A_RATE.fullmatch(unit)):
        many, of_unit = of_rate(of)
        factor = DAYS[time_unit] / (DAYS[of_unit] * many)
    converted = {**record, "printed": shown}
    for column in ("value", "ci_low", "ci_high", "se", "sd"):
        if column in record:
            converted[column] = scaled(record[column], factor)
    given = record.get("time_unit") or time_unit
    converted["time"] = scaled(record["time"], DAYS[given] / DAYS[time_unit])
    if given != time_unit and not math.isnan(record["time"]):
        converted["time_as_written"] = f"{text(record['time'])} {given}"
    converted.pop("time_unit", None)
    return converted


def impossible(record: Mapping[Any, Any], *, once: bool) -> Iterator[tuple[str, str]]:
    """Columns whose value cannot be true, each with the reason; values in the pipeline's units.

    `once`: whether a patient has the outcome's event once at most; of falls or exacerbations, kind
    `count`, there are often more than patients.
    """
    statistic, value, n = record["statistic"], record["value"], record["n"]
    low, high = record["ci_low"], record["ci_high"]
    if statistic == "risk-difference":
        for column in ("value", "ci_low", "ci_high"):
            if abs(record[column]) > 1:
                yield (
                    column,
                    "a difference of risks lies between -1 and 1, or -100% and 100%: see the "
                    "column unit",
                )
    if statistic in PROPORTIONS and not math.isnan(value) and not 0 <= value <= 1:
        yield "value", "a proportion lies between 0 and 1, or 0% and 100%: see the column unit"
    if statistic in PROPORTIONS and record.get("se", math.nan) > 0.5:
        yield "se", "an SE of a proportion is at most 0.5, or 50%: see the column unit"
    for column in ("ci_low", "ci_high"):
        limit = record[column]
        if statistic in PROPORTIONS and not math.isnan(limit) and not 0 <= limit <= 1:
            yield column, "a limit of a proportion lies between 0% and 100%"
    if statistic in RATIOS and value <= 0:
        logarithm = f"log-{statistic}" if f"log-{statistic}" in LOGARITHMS else "effect"
        yield "value", f"a ratio is above 0; its logarithm belongs under the statistic {logarithm}"
    if statistic in LOGARITHMS:
        for column in ("value", "ci_low", "ci_high"):
            if abs(record[column]) > LARGEST_LOGARITHM:
                yield column, f"no logarithm of a ratio; is it the {LOGARITHMS[statistic]} itself?"
    if (
        statistic
        in (
            "sd",
            "se",
            "f",
            "log-rank-chi2",
            "person-time",
            "rate",
            *COUNTS,
            *TIMES - {"rmst-difference"},
        )
        and value < 0
    ):
        yield "value", "it cannot be negative"
    if statistic in COUNTS and value != int(value):
        yield "value", "a count is a whole number"
    if statistic in OF_SOMEBODY and n == 0 and not math.isnan(value):
        yield "n", f"{_a(statistic)} of nobody: it needs a patient at least"
    if once and statistic == "events" and not pd.isna(n) and value > n:
        yield (
            "value",
            f"more events than the {n} patients they were counted among (column n); where a patient"
            " may have several, the outcome's kind in the protocol is count",
        )
    if statistic == "icc" and not 0 <= value <= 1:
        yield "value", "an intracluster correlation coefficient lies between 0 and 1"
    if statistic == "correlation" and abs(value) > 1:
        yield "value", "a correlation lies between -1 and 1"
    if low > high:
        yield "ci_low", f"the lower limit is above the upper one, {text(high)}"
    elif low > value or value > high:
        yield "value", (f"it lies outside its own confidence interval, {text(low)} to {text(high)}")
