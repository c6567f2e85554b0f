"""What is said where a name that a person has written does not lead to one record."""

from collections.abc import Mapping
from typing import Any

from livingmeta.words.settling import perhaps


def decision(row: Mapping[str, Any]) -> str:
    """Why a decision (a row of screening/unmatched) counts nowhere."""
    if row["several"]:
        some = row["several"].replace(" ", ", ")
        return f"{row['record']} names several records: {some}"
    return f"no export holds this record{perhaps(row['perhaps'])}"


def pair(row: Mapping[str, Any]) -> str:
    """Why a settled pair (a row of screening/unsettled) joins or parts nothing."""
    said = f"{row['record']} and {row['other']}, {row['decision']}"
    if row["why"] == "no-record":
        return f"{said}: no export holds {row['name']}{perhaps(row['records'])}"
    some = row["records"].replace(" ", ", ")
    return f"{said}: {row['name']} names several records, and all of these would be one: {some}"
