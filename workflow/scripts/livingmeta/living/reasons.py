"""Why the effect of a study is not what it was, from what else differs between two states."""

from collections import defaultdict

from livingmeta.as_dicts import as_dicts
from livingmeta.living import differences
from livingmeta.living.state import State
from livingmeta.plan import Synthesis


def filters(*syntheses: Synthesis) -> set[str]:
    """The columns of studies.csv by which syntheses of a protocol pick their studies."""
    return {column for asked in syntheses for column in asked.include}


def kind(a: dict | None, b: dict | None) -> str:
    """new, removed or corrected: `a` and `b` are a study's rows of effects.csv, or None."""
    if a is None and b is not None:
        return "new"
    return "removed" if a is not None and b is None else "corrected"


class Reasons:
    """What differs between two states by study, looked up once for all syntheses."""

    def __init__(self, before: State, after: State) -> None:
        self.after = after
        self.before, self.now = (
            {study["study_id"]: study for study in as_dicts(state.studies)}
            for state in (before, after)
        )
        self.cells, self.traits = defaultdict(list), defaultdict(list)
        for row in differences.of_cells(before, after):
            self.cells[row["study_id"]].append(row)
        for row in differences.of_studies(before, after):
            self.traits[row["study_id"]].append(row)

    def why(self, study: str, a: dict | None, b: dict | None, filters: set[str]) -> str:
        """In words, the first that holds: the study itself, the state of its reports, its printed
        numbers, its columns of studies.csv, the route. `a`, `b`: its rows of effects.csv;
        `filters`: the columns of studies.csv by which the synthesis picks its studies."""
        old, new = self.before.get(study), self.now.get(study)
        if old is None:
            return self._found(self.now[study])
        if new is None:
            return "studies.csv names it no more"
        if old["status"] != new["status"]:
            return f"its reports are {new['status']} now, {old['status']} before"
        if self.cells[study]:
            return f"printed numbers: {_first(self.cells[study], 'nothing')}"
        traits = [row for row in self.traits[study] if row["what"] in filters]
        if traits:
            return f"studies.csv: {_first(traits, 'empty')}"
        if a and b and a["route"] != b["route"]:
            return f"the same printed numbers by route {b['route']}, by {a['route']} before"
        if a and b:
            return "the same printed numbers, computed anew"
        return "the same study and numbers; the protocol lets it in or out"

    def _found(self, study: dict) -> str:
        mine = self.after.records["record_id"].isin(study["records"].split())
        days = sorted(day for day in self.after.records["found_on"][mine] if day)
        return f"new study; first found by the search of {days[0]}" if days else "new study"


def _first(rows: list[dict], nothing: str) -> str:
    first = rows[0]
    more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    now, was = first["after"] or nothing, first["before"] or nothing
    return f"{first['what']} {now} now, {was} before{more}"
