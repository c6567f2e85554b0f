"""How far each reviewer has come."""

import pandas as pd

from livingmeta import tables
from livingmeta.screening.decisions import STAGES, Resolution

COLUMNS = tables.columns("screening/progress")


def by_person(resolved: Resolution) -> pd.DataFrame:
    """One row a stage and reviewer, in the order of the stages and of the names: records decided,
    how, and those that lack votes and still wait for this reviewer."""
    rows = []
    missing = resolved.awaiting[resolved.awaiting["state"] == "undecided"]
    for stage in STAGES:
        waiting = set(missing.loc[missing["stage"] == stage, "record_id"])
        cast = resolved.votes[resolved.votes["stage"] == stage]
        for reviewer, own in cast.groupby("reviewer", sort=True):
            said = own["decision"].value_counts()
            rows.append(
                {
                    "stage": stage,
                    "reviewer": reviewer,
                    "decided": len(own),
                    "included": int(said.get("include", 0)),
                    "excluded": int(said.get("exclude", 0)),
                    "unsure": int(said.get("unsure", 0)),
                    "waiting": len(waiting - set(own["record_id"])),
                    "latest": own["decided_on"].max(),
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
