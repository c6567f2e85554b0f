"""Which studies a synthesis takes: its filters on columns of studies.csv and on risk of bias."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.words import settling

# Filters that are of effects, not of studies.
OF_EFFECTS = ("grade", "route", "adjusted")
# What of a study decides how its numbers are read: where extractors differ, it is left out.
DECIDING = (settling.BY_LOT, "allocation", "icc", "cluster_size", "correlation", "comparability")
_DECIMAL = re.compile(r"-?\d+\.\d*")


class FilterError(InputError):
    """A filter that names what studies.csv does not have."""


def select(
    studies: pd.DataFrame,
    include: Mapping[str, tuple | list],
    synthesis: str = "",
    risk: Mapping[str, str] | None = None,
) -> list[str]:
    """Identifiers of the studies that a synthesis takes, in the table's order.

    `include`: column -> allowed values, compared as text, without regard to case and to how blanks
    and noughts after the point are written; those of OF_EFFECTS are of effects and pass. A study
    whose `status` is not `included` stays out unless the filter names `status`. `risk`: overall
    judgements of the results of this synthesis by study, for the filter risk_of_bias.
    """
    if risk:
        judged = [risk.get(str(study), "") for study in studies["study_id"]]
        studies = studies.assign(**{settling.RISK_COLUMN: judged})
    keep = pd.Series(True, index=studies.index)
    for column, allowed in include.items():
        if column in OF_EFFECTS:
            continue
        if column not in studies:
            if column == settling.RISK_COLUMN:
                raise FilterError(
                    f"synthesis {synthesis}: include filters by risk of bias, and "
                    f"{settling.RISK_OF_BIAS} judges none of its results"
                )
            raise FilterError(
                f"synthesis {synthesis}: include names the column {column!r}, which studies.csv "
                f"does not have; it has {', '.join(studies.columns)}"
            )
        keep &= studies[column].map(as_text).isin({as_text(v) for v in allowed})
    keep &= ~studies["study_id"].astype(str).isin(undecided(studies, include))
    if "status" in studies and "status" not in include:
        keep &= studies["status"].map(as_text).isin({"included"})
    return [str(study) for study in studies.loc[keep, "study_id"]]


def set_aside(
    studies: pd.DataFrame,
    include: Mapping[str, tuple | list],
    selected: Collection[str],
    risk: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Studies that a filter by risk of bias alone keeps out, or a field on which extractors differ,
    each with the reason."""
    by = settling.RISK_COLUMN
    said = undecided(studies, include)
    if said:
        bare = studies.drop(columns="unsettled")
        apart = [
            (study, settling.read_twice(on))
            for study, on in said.items()
            if study in select(bare, {c: of for c, of in include.items() if c != on}, "", risk)
        ]
        decided = bare[~bare["study_id"].astype(str).isin(said)]
        return [*apart, *set_aside(decided, include, selected, risk)]
    if by not in include or not risk:
        return []
    others = {column: allowed for column, allowed in include.items() if column != by}
    out = [study for study in select(studies, others) if study not in selected]
    return [(study, settling.by_risk(risk.get(study, ""), include[by])) for study in out]


def undecided(studies: pd.DataFrame, include: Mapping[str, tuple | list]) -> dict[str, str]:
    """By study the first field that it hangs on, and on which two extractors differ."""
    if "unsettled" not in studies:
        return {}
    hangs = (*DECIDING, *include)
    found = {}
    for study, fields in zip(studies["study_id"], studies["unsettled"], strict=True):
        if on := [name for name in tables.text(fields).split() if name in hangs]:
            found[str(study)] = on[0]
    return found


def as_text(value: Any) -> str:
    """A value as filters compare it: without regard to case, blanks and noughts at the end."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(str(value).split()).casefold()
    # 2.0 in the protocol is 2 in a spreadsheet's cell, and 2.50 is 2.5.
    return re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".") if _DECIMAL.fullmatch(text) else text
