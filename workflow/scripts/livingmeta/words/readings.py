"""What is said of extractors and of what they compare."""

from collections.abc import Mapping, Sequence
from typing import Any

UNNAMED = "a reader without a name"
# What of a cell two readings are compared in.
FIELDS = {
    "all": "All of a cell",
    "found": "Found by both",
    "value": "Value",
    "n": "Patients",
    "interval": "Confidence interval",
    "se": "Standard error",
    "sd": "Standard deviation",
    "p_value": "p",
    "statistic": "Statistic",
    "time": "Time",
    "adjusted": "Adjustment",
    "part": "Part of the patients",
    "event": "Event counted",
    "measured": "Final or change",
    "clusters": "Clusters accounted for",
    "direction": "Direction of the scale",
    "unit": "Unit",
    "arm": "Which arm stands first",
    "source": "Where it stands",
}


def field(table: str, name: str) -> str:
    """What a field is called in which two are compared: of risk of bias a tool, else a column."""
    if table == "curves" and name != "all":
        return "Survival at the times compared"
    if table == "outcomes" or name == "all":
        return FIELDS[name] if table == "outcomes" else "All of it"
    return name if table == "risk_of_bias" else name.replace("_", " ").capitalize()


def reader(name: str) -> str:
    """Who read, by name."""
    return name or UNNAMED


def curves_differ(row: Mapping[str, Any]) -> str:
    """In what two readings of a curve differ; `row`: of extraction/curve_readings."""
    said = []
    if "survival" in row["differs"].split():
        said.append(f"differ by {row['difference']:.3f} in survival at {row['at']:.4g}")
    if "end" in row["differs"].split():
        said.append(f"end at {row['first_end']:.4g} and at {row['second_end']:.4g}")
    people = " and ".join(reader(row[name]) for name in ("first", "second"))
    return f"{people} {' and '.join(said)}"


def curve_waits(arm: str, outcome: str, differ: Sequence[str]) -> str:
    """What is said of a curve from which nothing is taken; `differ`: in what any two differ."""
    return f"curve of {arm} on {outcome} is to be settled: {'; '.join(differ)}"


def curve_until(arm: str, outcome: str, by: str, differ: Sequence[str]) -> str:
    """What is said of a curve that counts as one has it until it is settled."""
    return f"curve of {arm} on {outcome} as {by} has it until it is settled: {'; '.join(differ)}"


def survival_at(time: float, *survival: float) -> str:
    """Survival at a time as each of two reads it, and their difference."""
    one, other = survival
    return f"{time:.4g}: {one:.3f} and {other:.3f} ({one - other:+.3f})"
