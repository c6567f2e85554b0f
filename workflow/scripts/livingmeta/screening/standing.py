"""Where every record stands, for later stages."""

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening.decisions import STAGES, Resolution

COLUMNS = tables.columns("screening/standing")


def of(records: pd.DataFrame, resolved: Resolution) -> pd.DataFrame:
    """Where every record stands, in the order of `records`: what later stages ask of screening, so
    that a vote which moves no record is nothing to them."""
    found = {}
    for row in as_dicts(resolved.included):
        found[row["record_id"]] = ("included", STAGES[-1], "", row["study_id"])
    for row in as_dicts(resolved.excluded):
        found[row["record_id"]] = ("excluded", row["stage"], row["reason"], "")
    for row in as_dicts(resolved.awaiting):
        found[row["record_id"]] = (row["state"], row["stage"], "", "")
    for row in as_dicts(resolved.conflicts):
        found[row["record_id"]] = ("conflict", row["stage"], "", "")
    for record in resolved.not_retrieved["record_id"]:
        found[record] = ("not-retrieved", STAGES[-1], "", "")
    rows = [(record, *found[record]) for record in records["record_id"]]
    return pd.DataFrame(rows, columns=COLUMNS)
