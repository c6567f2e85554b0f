"""What of the registered plan waits for a person: changes for which nobody gives a reason."""

from collections.abc import Iterator

from livingmeta.living.waiting import Item, Tables, rows_of
from livingmeta.words import settling


def without_reason(found: Tables) -> Iterator[Item]:
    """Keys of the protocol in which it differs from the plan, and no reason stands for."""
    for row in rows_of(found["amendments"]):
        if not row["reason"]:
            was = settling.beside(row["now"], row["registered"], leads=("now", "registered"))
            facts = {"key": row["key"], "mark": row["mark"], "was": was}
            yield Item(facts, file=settling.AMENDMENTS)
