"""A row of consensus on what nobody reads: what it settled has been corrected since, or moved."""

from __future__ import annotations

from collections.abc import Sequence

from livingmeta import tables
from livingmeta.extraction.cells import cells, is_consensus
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.settled import settled

CHECK = "consensus that nobody read"
_SAME = ("outcome", "arm", "statistic")


def unread(records: Sequence[dict]) -> list[Problem]:
    """Rows of consensus in a cell where no reader has a row, though readers have others of the
    study; but for one that settles readings which differ in what makes the cell, as their time.

    `records`: all rows of outcomes.csv of one study.
    """
    readers = [record for record in records if not is_consensus(record)]
    if not readers or len(readers) == len(records):
        return []
    kept = {int(record["row"]) for record in settled(records)}
    gone = {tuple(r[name] for name in _SAME) for r in readers if int(r["row"]) not in kept}
    read = {
        int(record["row"])
        for alike in cells(records)
        if not all(map(is_consensus, alike))
        for record in alike
    }
    return [
        Problem(
            "warning",
            (int(record["row"]),),
            CHECK,
            "counts alone: no reader has a row of this cell, which may have been corrected since",
            tables.text(record.get("printed") or record.get("value")),
            "a reading of it, or no row of consensus",
        )
        for record in records
        if is_consensus(record)
        and int(record["row"]) not in read
        and tuple(record[name] for name in _SAME) not in gone
    ]
