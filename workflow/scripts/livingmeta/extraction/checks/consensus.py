"""A row of consensus on what nobody reads: what it settled has been corrected since, or moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livingmeta import tables
from livingmeta.extraction.cells import cells, is_consensus, reader
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.compared import differ, differing
from livingmeta.extraction.settled import settled
from livingmeta.words import english

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
        *_read_alike(records),
        *(
            Problem(
                "warning",
                (int(record["row"]),),
                CHECK,
                "counts alone: no reader has a row of this cell, which may have changed since",
                tables.text(record.get("printed") or record.get("value")),
                "a reading of it, or no row of consensus",
            )
            for record in records
            if is_consensus(record)
            and int(record["row"]) not in read
            and tuple(record[name] for name in _SAME) not in gone
        ),
    ]


def _read_alike(records: Sequence[dict]) -> Iterator[Problem]:
    """Rows of consensus beside readers, two or more, who all read one other thing: there is nothing
    to settle, so what was settled has been corrected since."""
    for alike in cells(records):
        agreed = [record for record in alike if is_consensus(record)]
        readers = [record for record in alike if not is_consensus(record)]
        if len({reader(record) for record in readers}) < 2 or differing(readers):
            continue
        for record in agreed:
            if all(differ(record, other) for other in readers):
                names = english.listed(
                    list(dict.fromkeys(tables.text(r["extractor"]).strip() for r in readers))
                )
                said = tables.text(readers[0].get("printed") or readers[0].get("value"))
                yield Problem(
                    "warning",
                    tuple(sorted(int(r["row"]) for r in (record, *readers))),
                    CHECK,
                    f"counts alone: {names} read otherwise, and alike",
                    tables.text(record.get("printed") or record.get("value")),
                    f"{said}, or no row of consensus",
                )
