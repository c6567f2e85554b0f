"""The numbers as the page's script needs them, small: what repeats stands once.

A review of 120 results prints thousands of numbers, whose ids share their beginnings, and whose
parents and words repeat. `templates/report.js.jinja` takes them apart again.
"""

from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Any

from livingmeta.report import table_numbers
from livingmeta.words.numbers import Numbers


class _Once:
    """A list in which each value stands once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def place(self, value: Hashable) -> int:
        if value not in self._places:
            self._places[value] = len(self.values)
            self.values.append(value)
        return self._places[value]


def of(numbers: Numbers, begin: str, said_as: Callable[[str], str] = str) -> dict[str, list[Any]]:
    """The numbers whose ids `begin` so, by their ids; `said_as`: their texts and words in the
    language of the page.

    `ids`: of each how many letters it shares with the one before, and the rest; `rows`: of each its
    text and the places in the other lists of its unit, its parents, what it is, and, of a printed
    one, of source, quote and note; `parents`: lists of places in `ids`, or the id itself of what is
    not among them.
    """
    entries = sorted(
        (e for e in numbers.as_list() if e["id"].startswith(begin)), key=lambda e: e["id"]
    )
    places = {e["id"]: place for place, e in enumerate(entries)}
    words, parents, said = _Once(), _Once(), _Once()
    ids: list[Any] = []
    rows, before = [], ""
    for e in entries:
        same = takewhile(lambda two: two[0] == two[1], zip(before, e["id"], strict=False))
        shared = "".join(letter for letter, _ in same)
        before = e["id"]
        # The script counts as JavaScript does: a letter beyond the common ones is two.
        ids += [len(shared.encode("utf-16-le")) // 2, before[len(shared) :]]
        of_these = tuple(places.get(parent, parent) for parent in e["parents"])
        unit_and_what = (words.place(said_as(e[part])) for part in ("unit", "what"))
        row = [said_as(e["text"]), *unit_and_what, parents.place(of_these)]
        if "source" in e:
            row.append(said.place(tuple(e.get(part, "") for part in table_numbers.SAID)))
        rows.append(row)
    lists = {"words": words, "parents": parents, "said": said}
    return {"ids": ids, "rows": rows} | {name: once.values for name, once in lists.items()}
