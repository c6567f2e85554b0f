"""Several readings of one cell: which row counts."""

from collections.abc import Iterable

from livingmeta import tables
from livingmeta.words.settling import CELL_FURTHER

CELL = ("study_id", "outcome", "arm", "time", "statistic", *CELL_FURTHER)
CONSENSUS = "consensus"  # the extractor whose row settles a cell


def cell(record: dict) -> tuple[str, ...]:
    """What a row of outcomes.csv is about, whoever read it: rows of one cell say the same."""
    return tuple(tables.text(record.get(column)) for column in CELL)


def is_consensus(record: dict) -> bool:
    """Whether a row is what people agreed on where two had read differently."""
    return tables.text(record.get("extractor")).strip().lower() == CONSENSUS


def settled(records: Iterable[dict]) -> list[dict]:
    """The rows that count: of a cell that has a row of `consensus`, that one alone."""
    records = list(records)
    agreed = {_either_way(record) for record in records if is_consensus(record)}
    if not agreed:
        return records
    return [r for r in records if is_consensus(r) or _either_way(r) not in agreed]


def _either_way(record: dict) -> tuple[str, ...]:
    """The cell of a row, a contrast whichever way round."""
    return cell({**record, "arm": "/".join(sorted(tables.text(record.get("arm")).split("/")))})
