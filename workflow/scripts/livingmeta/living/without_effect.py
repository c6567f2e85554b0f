"""Included studies that give no usable effect: one count, for the report and for what waits."""

import pandas as pd

from livingmeta.living.waiting import Tables, rows_of
from livingmeta.words import settling


def without_effect(found: Tables, synthesis: str = "") -> list[str]:
    """The included studies, in the order of studies.csv, that give no effect to `synthesis`; where
    it is not named to no synthesis at all, and no interval to a curve.

    `found`: tables by name. A comparison that counts with another of its trial gives its effect
    there (`counted_with`).
    """
    usable = [row["study_id"] for row in _of(found, "intervals", synthesis) if not row["reason"]]
    has = {*_named(found, "effects", synthesis)["study_id"], *usable}
    has.update(counted_with(found, synthesis))
    if not synthesis:  # no number is missing where a filter by risk of bias, or having no event at
        # all, set it aside
        for row in rows_of(found["unusable"]):
            if row["reason"].startswith(settling.BY_RISK) or row.get("empty") is True:
                has.add(row["study_id"])
    included = [row["study_id"] for row in rows_of(found["studies"]) if row["status"] == "included"]
    return [study for study in included if study not in has]


def counted_with(found: Tables, synthesis: str = "") -> list[str]:
    """The comparisons that count under the name of another of their trial."""
    return [
        row["study_id"]
        for table in ("unusable", "intervals")
        for row in _of(found, table, synthesis)
        if row["reason"].startswith(settling.COUNTED_WITH)
    ]


def _named(found: Tables, table: str, synthesis: str) -> pd.DataFrame:
    """The rows of a table that are of a synthesis, all where it is not named: only these are
    looked at, for there may be as many syntheses as rows of one."""
    whole = found[table]
    return whole[whole["synthesis"] == synthesis] if synthesis else whole


def _of(found: Tables, table: str, synthesis: str) -> list[dict]:
    return rows_of(_named(found, table, synthesis)[["study_id", "reason"]])
