"""Studies and how far their reports have come through screening."""

import difflib

import pandas as pd

from livingmeta.tables import TableError

PATH = "data/raw/extraction/studies.csv"
# What a study is when its reports stand differently: the first of these that any report is.
STATES = ("included", "awaiting", "excluded", "not-screened")


def with_status(raw: pd.DataFrame, record_of: dict, status_of: dict) -> pd.DataFrame:
    """The studies with `records` as record_ids and the column `status`.

    `raw`: as read under schema data/studies; `record_of`: record_id by any identifier of any copy;
    `status_of`: state by record_id (included, awaiting, excluded; not screened if absent). A study
    is as far as its furthest report, so one included report makes it included.

    Raises TableError for an identifier that no record carries.
    """
    problems, rows = [], []
    for study in raw.to_dict("records"):
        found = []
        for identifier in study["records"].split():
            record = record_of.get(identifier) or record_of.get(identifier.lower())
            if record is None:
                close = difflib.get_close_matches(identifier, list(record_of), n=1, cutoff=0.6)
                hint = f" (perhaps {close[0]})" if close else ""
                problems.append(
                    f"{PATH}, row {study['row']}, column records: '{identifier}'; no record of the "
                    f"search exports carries this identifier{hint}."
                )
            elif record not in found:
                found.append(record)
        states = {status_of.get(record, "not-screened") for record in found}
        status = next((state for state in STATES if state in states), "not-screened")
        rows.append({**study, "records": " ".join(found), "status": status})
    if problems:
        raise TableError(problems)
    table = pd.DataFrame(rows, columns=[*raw.columns, "status"])
    return table.astype({"year": "Int64", "n": "Int64"}).drop(columns="row")
