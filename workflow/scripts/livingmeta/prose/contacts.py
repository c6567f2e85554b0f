"""Contacts with authors: what they were asked for, and what came."""

from collections.abc import Collection

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import Fault, sentences
from livingmeta.words import settling


def table(asked: pd.DataFrame, studies: Collection[str]) -> pd.DataFrame:
    """Rows of extraction/contacts.csv, by study and day. `asked`: as read under schema
    data/contacts; `studies`: every study_id. Raises TableError for a study that is not known, an
    answer before its question, and what came without the day it came."""
    faults = []
    for row in as_dicts(asked):
        if row["study_id"] not in studies:
            wrong = "no study of studies.csv is called that"
            faults.append(Fault(row["row"], "study_id", f"'{row['study_id']}'", wrong))
        if row["answered_on"] and row["answered_on"] < row["asked_on"]:
            wrong = "an answer comes on or after the day of the question (asked_on)"
            faults.append(Fault(row["row"], "answered_on", f"'{row['answered_on']}'", wrong))
        if row["came"] and not row["answered_on"]:
            wrong = "what came has a day (answered_on)"
            faults.append(Fault(row["row"], "came", tables.shown(row["came"]), wrong))
    if faults:
        raise tables.TableError(sentences(settling.CONTACTS, faults))
    found = asked.reindex(columns=tables.columns("extraction/contacts"))
    return found.sort_values(["study_id", "asked_on"], kind="stable", ignore_index=True)
