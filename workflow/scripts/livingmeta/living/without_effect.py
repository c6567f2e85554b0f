"""Included studies that give no usable effect: one count, for the report and for what waits."""

from livingmeta.living.waiting import Tables, rows_of
from livingmeta.words import settling


def without_effect(found: Tables, synthesis: str = "") -> list[str]:
    """The included studies, in the order of studies.csv, that give no effect to `synthesis`; where
    it is not named to no synthesis at all, and no interval to a curve.

    `found`: tables by name. A comparison that counts with another of its trial gives its effect
    there (`counted_with`).
    """
    effects, intervals = rows_of(found["effects"]), rows_of(found["intervals"])
    giving = [*effects, *(row for row in intervals if not row["reason"])]
    has = {row["study_id"] for row in giving if synthesis in ("", row["synthesis"])}
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
        for row in [*rows_of(found["unusable"]), *rows_of(found["intervals"])]
        if synthesis in ("", row["synthesis"]) and row["reason"].startswith(settling.COUNTED_WITH)
    ]
