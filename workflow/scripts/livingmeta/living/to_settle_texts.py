"""What waits for a person of texts: quotes, what they are looked up in, reasons for amendments."""

from collections.abc import Iterator

from livingmeta.extraction import places
from livingmeta.living.waiting import Item, Tables, rows_of
from livingmeta.words import quotes as words
from livingmeta.words import settling


def unlike(found: Tables) -> Iterator[Item]:
    """Numbers whose quote holds another number, or stands in no held text of the study."""
    printed = {int(row["row"]): row for row in rows_of(found["outcomes"])}
    for told in rows_of(found["quotes"]):
        if told["state"] in words.UNLIKE:
            row = printed[int(told["row"])]
            what = words.UNLIKE[told["state"]].format(quote=words.shortened(row["quote"]))
            facts = {"cell": settling.cell(row), "value": row["printed"], "what": what}
            yield Item(facts, study_id=row["study_id"], **places.together([row])._asdict())


def unread(found: Tables) -> Iterator[Item]:
    """Held texts that a quote should be looked up in and that cannot be read, each once."""
    texts = {row["file"]: row for row in rows_of(found["quotes"]) if row["why"] in words.WHY}
    for file, row in sorted(texts.items()):
        yield Item({"why": words.WHY[row["why"]]}, study_id=row["study_id"], file=file)


def without_reason(found: Tables) -> Iterator[Item]:
    """Keys of the protocol in which it differs from the plan, and no reason stands for."""
    for row in rows_of(found["amendments"]):
        if not row["reason"]:
            was = settling.beside(row["now"], row["registered"], leads=("now", "registered"))
            facts = {"key": row["key"], "mark": row["mark"], "was": was}
            yield Item(facts, file=settling.AMENDMENTS)
