"""Names in outcomes.csv as the protocol and studies.csv spell them."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from livingmeta import spreadsheets
from livingmeta.plan import Arm, Outcome


def as_known(
    raw: pd.DataFrame,
    study_ids: Iterable[str],
    outcomes: Mapping[str, Outcome],
    arms: Mapping[str, Arm],
) -> pd.DataFrame:
    """`raw` with studies, outcomes and arms by the keys they are known by.

    A name counts whatever its case, blanks, _ and -; an outcome and an arm go by their label too,
    each arm of a contrast by itself. What nothing or two things are called stays as it is. Parts
    of a study's patients that differ in case and blanks alone are one.
    `attrs["notes"]` gains a sentence for each name that was written otherwise.
    """
    read = {
        "study_id": _Names({name: (name,) for name in study_ids}),
        "outcome": _Names({key: (key, of.label) for key, of in outcomes.items()}),
        "arm": _Names({key: (key, of.label) for key, of in arms.items()}),
    }
    table, notes = raw.copy(), list(raw.attrs.get("notes", []))
    for column, names in read.items():
        for written in dict.fromkeys(raw[column]):
            meant = names.contrast(written) if column == "arm" else names.one(written)
            if meant != written:
                table.loc[raw[column] == written, column] = meant
                notes.append(f"outcomes.csv, column {column}: '{written}' read as {meant}.")
    if "part" in table and table["part"].any():
        _one_way(table, notes)
    table.attrs["notes"] = notes
    return table


def _one_way(table: pd.DataFrame, notes: list[str]) -> None:
    """Writes a part of a study's patients as most of its rows do, where they differ in case and
    blanks alone; a note for each that was written otherwise."""
    for study, written in table.groupby("study_id", sort=False)["part"]:
        ways = Counter(filter(None, written))
        usual = {_said(part): part for part in sorted(ways, key=lambda w: (ways[w], w))}
        for part in ways:
            meant = usual[_said(part)]
            if meant != part:
                table.loc[(table["study_id"] == study) & (table["part"] == part), "part"] = meant
                notes.append(f"outcomes.csv, column part: '{part}' of {study} read as {meant}.")


def _said(part: str) -> str:
    return " ".join(part.split()).casefold()


class _Names:
    """What things are called, from each thing's key to its names."""

    def __init__(self, called: Mapping[str, tuple[str, ...]]):
        self.keys = set(called)
        self.key: dict[str, set[str]] = {}
        for key, names in called.items():
            for name in filter(None, names):
                self.key.setdefault(spreadsheets.squeezed(name), set()).add(key)

    def one(self, written: str) -> str:
        """The key meant, or what was written."""
        found = self.key.get(spreadsheets.squeezed(written), set())
        return written if written in self.keys or len(found) != 1 else next(iter(found))

    def contrast(self, written: str) -> str:
        """An arm, or two with a stroke between; a label may hold a stroke itself."""
        pieces = written.split("/")
        found = {self.one(written)} & self.keys
        for cut in range(1, len(pieces)):
            pair = ("/".join(pieces[:cut]).strip(), "/".join(pieces[cut:]).strip())
            first, second = map(self.one, pair)
            if {first, second} <= self.keys:
                found.add(f"{first}/{second}")
        return found.pop() if len(found) == 1 else written
