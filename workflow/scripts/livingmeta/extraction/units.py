"""Units of printed numbers: which a statistic has, and rows of one study that do not say alike in
which they are."""

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from livingmeta.effect_measures import contrasts
from livingmeta.extraction import places
from livingmeta.extraction.reworded import LOGARITHMS
from livingmeta.plan import Outcome
from livingmeta.tables import text

# Days in each unit; a month is a twelfth of a year of 365.25 days. As fractions, so that
# 2 years are 24 months to the last bit.
DAYS = {
    "days": Fraction(1),
    "weeks": Fraction(7),
    "months": Fraction(1461, 48),
    "years": Fraction(1461, 4),
}
# Statistics that are a length of time, and those that lie between 0 and 1.
TIMES = {"rmst", "rmst-difference", "minimum-followup", "maximum-followup", "person-time"}
PROPORTIONS = {"survival", "mortality", "proportion"}
# Statistics in the outcome's own unit: of a survival outcome or a time, a length of time.
QUANTILES = {"median", "q1", "q3", "minimum", "maximum"}
MEASURED = {*QUANTILES, "mean", "sd", "se", "mean-difference"}
RATIOS = contrasts(ratios=True)
COUNTS = {"events", "at-risk"}
# Statistics that are in no unit at all: a hazard ratio of 52% would have been 0.52.
TESTS = {"t", "f", "log-rank-chi2"}
BARE = RATIOS | TESTS | {*LOGARITHMS, "correlation", "icc", "standardised-mean-difference"}
# A rate is of a unit of person-time: `per 100 person-years`; without one of the protocol's. A comma
# or a blank parts thousands alone: `per 1,5` is none, and neither is `per 0`.
_MANY = r"[1-9]\d{0,2}(?:[,\s]\d{3})+|[1-9]\d*"
_OF_WHOM = (
    r"(?:(?:person|patient|participant|subject|child|people|children|(?:wo)?m[ae]n)s?"
    r"(?:\s*(?:per|/)\s*|[ -])|p[ -]?)"
)
_EVENTS = (
    r"(?:events?|episodes?|cases?|deaths?|attacks?|relapses?|falls?|infections?|exacerbations?"
    r"|seizures?|admissions?|hospitali[sz]ations?)"
)
A_RATE = re.compile(
    rf"(?:(?:{_EVENTS}\s*)?(?:per|/)\s*(?P<many>{_MANY})?\s*{_OF_WHOM}?"
    rf"|(?P<of>{_MANY})?\s*{_OF_WHOM})(?P<unit>day|week|month|year|yr|y)s?(?: at risk)?",
    re.IGNORECASE,
)
# What is printed instead of a unit of an outcome: the other one, and what its numbers are of those
# of the first (times, and then more). Only such as differ by less than checks see without them.
PRINTED_FOR = {
    "kg": ("lb", 2.2046, 0.0),
    "lb": ("kg", 0.45359, 0.0),
    "cm": ("in", 0.3937, 0.0),
    "in": ("cm", 2.54, 0.0),
    "m": ("ft", 3.2808, 0.0),
    "ft": ("m", 0.3048, 0.0),
    "kcal": ("kJ", 4.184, 0.0),
    "kj": ("kcal", 0.239, 0.0),
    "°c": ("°F", 1.8, 32.0),
    "°f": ("°C", 1 / 1.8, -32 / 1.8),
    "weeks": ("months", float(7 / DAYS["months"]), 0.0),
    "months": ("weeks", float(DAYS["months"] / 7), 0.0),
}
# How these are written otherwise.
_SPELT = {
    **dict.fromkeys(("kgs", "kilogram", "kilograms", "kilo"), "kg"),
    **dict.fromkeys(("lbs", "pound", "pounds"), "lb"),
    **dict.fromkeys(("centimetre", "centimetres", "centimeter", "centimeters"), "cm"),
    **dict.fromkeys(("inch", "inches"), "in"),
    **dict.fromkeys(("metre", "metres", "meter", "meters"), "m"),
    **dict.fromkeys(("feet", "foot"), "ft"),
    **dict.fromkeys(("c", "celsius", "degrees celsius", "degrees c", "deg c", "° c"), "°c"),
    **dict.fromkeys(("f", "fahrenheit", "degrees fahrenheit", "degrees f", "deg f", "° f"), "°f"),
    **dict.fromkeys(("week", "wk", "wks"), "weeks"),
    **dict.fromkeys(("month", "mo"), "months"),
}


def printed_for(unit: str) -> tuple[str, float, float] | None:
    """The unit that is printed instead of one, as in PRINTED_FOR; None where none is known."""
    name = unit.strip().casefold()
    return PRINTED_FOR.get(_SPELT.get(name, name))


LONGER = {"rmst-difference", "mean-difference"}  # contrasts that may be a length of time
# What an SE is of.
_HAVE_AN_ERROR = {"mean", "median", "rmst", "survival", "proportion", "mortality"}


def faults(
    records: list[dict], outcomes: Mapping[str, Outcome], time_unit: str
) -> Iterator[tuple[dict, str, str]]:
    """Rows of one study and outcome of which some have a unit and others, which would count in
    another, none; SEs that cannot be in the unit in which they would be read. Each as row, column
    and what is wrong.

    `records`: rows as they were written; `outcomes`, `time_unit`: the protocol's.
    """
    yield from _some_with_units(records, outcomes, time_unit)
    yield from _some_rates_with_units(records, time_unit)
    yield from _some_shares_with_units(records)
    yield from _errors_of_shares(records)
    yield from _errors_of_rates(records)
    yield from _errors_of_percentages(records)


def kind_of(record: Mapping[Any, Any], outcomes: Mapping[str, Outcome]) -> str:
    """Whether the value is a proportion or a difference of two, a time, a count, in the unit of its
    outcome, or something plain."""
    statistic = record["statistic"]
    if statistic == "se" and "/" in record["arm"]:
        return "error"  # of a difference of whatever kind, or of the logarithm of a ratio
    if statistic == "rate" or (statistic == "se" and A_RATE.fullmatch(record["unit"])):
        return "rate"
    if statistic in PROPORTIONS:
        return "proportion"
    if statistic in TIMES:
        return "time"
    kind = outcomes[record["outcome"]].kind if record["outcome"] in outcomes else ""
    if statistic == "se" and kind == "survival" and record["unit"] in ("%", "proportion"):
        return "error"  # of survival at a time
    if statistic in MEASURED and kind in ("survival", "time"):
        return "time"
    # An SE may be that of a difference of risks, which is a percentage.
    if statistic in MEASURED and (statistic != "se" or kind == "continuous"):
        return "measured"
    if statistic == "risk-difference":
        return "proportion"
    if statistic in BARE:
        return "bare"
    if statistic in COUNTS:
        return "count"
    return "plain"


def _some_with_units(
    records: list[dict], outcomes: Mapping[str, Outcome], time_unit: str
) -> Iterator[tuple[dict, str, str]]:
    """Lengths of time without a unit beside others of one study and outcome that have another than
    the protocol's: the unit was forgotten as likely as not."""
    pairs = {(r["study_id"], r["outcome"], _pair(r)) for r in records if r["statistic"] in LONGER}
    times = [
        row
        for row in records
        if (kind := kind_of(row, outcomes)) == "time"
        or (kind == "error" and (row["study_id"], row["outcome"], _pair(row)) in pairs)
    ]
    given = {
        (row["study_id"], row["outcome"]): row
        for row in times
        if row["unit"] in DAYS and row["unit"] != time_unit
    }
    for row in times:
        other = given.get((row["study_id"], row["outcome"]))
        if other and not row["unit"] and not math.isnan(row["value"]):
            yield (
                row,
                "unit",
                f"it would count as {time_unit}, the protocol's unit, but row {places.of(other)} "
                f"of this study is in {other['unit']}: write the unit of both",
            )


def of_rate(found: re.Match[str]) -> tuple[int, str]:
    """How many units of person-time a rate is of, and which as in DAYS."""
    unit = found["unit"].lower()
    many = int(re.sub(r"\D", "", found["many"] or found["of"] or "1"))
    return many, "years" if unit in ("y", "yr") else f"{unit}s"


def _some_rates_with_units(records: list[dict], time_unit: str) -> Iterator[tuple[dict, str, str]]:
    """Rates, and person-time, that say of no unit of time beside others of one study and outcome
    that are of another than the protocol's."""
    given: dict[tuple, dict] = {}
    bare: list[dict] = []
    for row in records:
        if row["statistic"] not in ("rate", "person-time") or math.isnan(row["value"]):
            continue
        of = A_RATE.fullmatch(row["unit"])
        many, unit = of_rate(of) if of else (1, row["unit"] if row["unit"] in DAYS else "")
        if not unit:
            bare.append(row)
        elif unit != time_unit or many != 1:
            given[row["study_id"], row["outcome"]] = row
    for row in bare:
        other = given.get((row["study_id"], row["outcome"]))
        if other:
            yield (
                row,
                "unit",
                f"it would count in {time_unit}, the protocol's unit, but row {places.of(other)} "
                f"of this study is {other['unit']}: write the unit of both, such as per 100 "
                "person-years, or years of person-time",
            )


def _errors_of_shares(records: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """SEs beside a difference of risks that are above 1, which no difference of shares has."""
    of_shares = {
        (row["study_id"], row["outcome"], _pair(row))
        for row in records
        if row["statistic"] == "risk-difference"
    }
    for row in records:
        pair = (row["study_id"], row["outcome"], _pair(row))
        beside = row.get("se", math.nan) if row["statistic"] == "risk-difference" else math.nan
        alone = row["value"] if row["statistic"] == "se" and pair in of_shares else math.nan
        if row["unit"] != "%" and (beside > 1 or alone > 1):
            column = "unit" if alone > 1 else "se"
            yield row, column, "an SE of a difference of risks is below 1, or 100%: see the unit"


def _some_shares_with_units(records: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """Shares without a unit beside others of one study and outcome that are percentages."""
    shares = PROPORTIONS | {"risk-difference"}
    given = {
        (row["study_id"], row["outcome"]): row
        for row in records
        if row["statistic"] in shares and row["unit"] == "%"
    }
    for row in records:
        other = given.get((row["study_id"], row["outcome"]))
        if other and row["statistic"] in shares and not row["unit"] and 0 < abs(row["value"]) <= 1:
            yield (
                row,
                "unit",
                f"without one {text(row['value'])} is {100 * row['value']:g}%, but row "
                f"{places.of(other)} of this study is in %: write the unit of both, % or "
                "proportion",
            )


def _pair(record: Mapping[Any, Any]) -> frozenset[str]:
    """The arms of a row, whichever stands first."""
    return frozenset(record["arm"].split("/"))


def _errors_of_rates(records: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """An SE without a unit beside a rate that has one, and nothing else that it could be of."""
    arms: dict[tuple, dict[str, dict]] = {}
    for row in records:
        arms.setdefault((row["study_id"], row["outcome"], row["arm"]), {})[row["statistic"]] = row
    for beside in arms.values():
        unit = beside["rate"]["unit"] if {"rate", "se"} <= {*beside} else ""
        if unit and not beside["se"]["unit"] and not _HAVE_AN_ERROR & {*beside}:
            yield beside["se"], "unit", f"its rate is {unit}: write the unit of the SE too"


def _errors_of_percentages(records: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """An SE without a unit beside a percentage of its arm and time, and nothing else that it could
    be of: as a share it may be one of the whole, and beside survival it would be a time."""
    arms: dict[tuple, list[dict]] = {}
    for row in records:
        arms.setdefault((row["study_id"], row["outcome"], row["arm"]), []).append(row)
    for here in arms.values():
        if {row["statistic"] for row in here} & {*_HAVE_AN_ERROR - PROPORTIONS, "rate"}:
            continue
        shares = [r for r in here if r["statistic"] in PROPORTIONS and r["unit"] == "%"]
        for se in (r for r in here if r["statistic"] == "se" and not r["unit"]):
            of = next((r for r in shares if _at_one_time(r, se)), None)
            if of is not None and not math.isnan(se["value"]):
                share = f"{of['statistic']} (row {places.of(of)})"
                yield (
                    se,
                    "unit",
                    f"its {share} is in %: write the unit of the SE too, % or proportion",
                )


def _at_one_time(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether two rows are of one time as it is written, or one of them says of none."""
    if math.isnan(one["time"]) or math.isnan(other["time"]):
        return True
    return (one["time"], one.get("time_unit")) == (other["time"], other.get("time_unit"))


def scaled(number: float, factor: Fraction) -> float:
    """`number` times `factor`, rounded once: 66.6% is the float nearest to 0.666."""
    if math.isnan(number) or factor == 1:
        return number
    return float(Fraction(repr(number)) * factor)
