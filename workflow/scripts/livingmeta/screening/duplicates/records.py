"""From all copies of all exports to one row a report."""

import operator
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity, kinds, registrations
from livingmeta.screening.duplicates import links as duplicates
from livingmeta.screening.duplicates import settled as by_people

COLUMNS = tables.columns("screening/records")
COPIES = tables.columns("screening/copies")
LINKED = tables.columns("screening/linked")
MOST_LINKED = 2000  # links that are laid side by side for people
_COPIED = COLUMNS[1:17]
_NO_IDENTIFIER = 3
_OF_COPIES = operator.itemgetter(*COLUMNS[1:])


def assemble(
    copies: pd.DataFrame, *, settled: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Link the copies and make one row a report of each group.

    `copies`: the records of all exports in the columns of `readers.read`, with `source`, the
    database of each. `settled`: pairs of doubtful.csv that a person has settled (`record, other,
    decision, decided_by`; `record` and `other` are `file:line` or any identifier, `decision` is
    `same` or `different`). Returns `records` (columns `COLUMNS`, sorted by record_id), `duplicates`
    and `doubtful` (columns of duplicates.csv; `duplicate_of` is the record's id; a copy is called
    `file:line`, in `doubtful` by a name that outlives its file if it has one, and its
    `attrs["waiting"]` are rows of screening/unsettled: what was settled on records that no export
    holds now, or would join more than two) and `copies` (columns `COPIES`, by record_id). Copies =
    records + duplicates. Raises SettledError for a `file:line` that is not there, a decision that
    is neither `same` nor `different`, and rows that join what another row calls different.
    """
    named = copies.assign(record_id=copy_names(copies))
    columns = {str(name): named[name].to_numpy(object).tolist() for name in named}
    at = {copy: place for place, copy in enumerate(columns["record_id"])}
    own: dict[str, list[str]] = {}
    full: dict[str, str] = {}
    for copy, place in at.items():
        row = _row(columns, place)
        own[copy], full[copy] = identity.identifiers(row), _in_full(row)
    called = _names_of_copies(own, full)
    said = by_people.rows(called, settled)
    links, doubtful = duplicates.find(named, settled=by_people.pairs(said))
    idle = doubtful.attrs["idle"]
    if problems := by_people.contradictions(said, idle):
        raise by_people.SettledError("\n".join(problems))
    kept = dict(zip(links["record_id"], links["duplicate_of"], strict=True))

    groups: dict[str, list[str]] = defaultdict(list)
    for copy in at:
        groups[kept.get(copy, copy)].append(copy)
    names = _names(groups, own, full)
    made = (
        (names[lead], *_OF_COPIES(_merged([_row(columns, at[c]) for c in group], lead, own)))
        for lead, group in groups.items()
    )
    records = pd.DataFrame(made, columns=COLUMNS)
    records = records.astype({c: "int64" if c == "copies" else "str" for c in COLUMNS})
    records = records.sort_values("record_id", ignore_index=True)
    to_record = {name: names[kept.get(name, name)] for name in named["record_id"]}
    links = links.assign(duplicate_of=links["record_id"].map(to_record).astype("str"))
    lasting = [
        _lasting(copy, own, full, called, set(groups[kept.get(copy, copy)]))
        for copy in doubtful["record_id"]
    ]
    doubtful = doubtful.assign(
        record_id=pd.Series(lasting, doubtful.index, dtype="str"),
        duplicate_of=doubtful["duplicate_of"].map(to_record).astype("str"),
    )
    doubtful.attrs["waiting"] = by_people.waiting(said, idle, to_record, called)
    return records, links, doubtful, _listed(named, to_record)


def _listed(named: pd.DataFrame, to_record: dict[str, str]) -> pd.DataFrame:
    """Each copy with the record that it is a copy of."""
    table = named.rename(columns={"record_id": "copy"})
    table = table.assign(record_id=table["copy"].map(to_record).astype("str"))
    return table[COPIES].sort_values(["record_id", "copy"], ignore_index=True)


def _row(columns: Mapping[str, list[Any]], place: int) -> dict[str, Any]:
    """One row; all rows at once, as `to_dict` gives them, are as large as their texts."""
    return {name: cells[place] for name, cells in columns.items()}


def _names_of_copies(own: dict[str, list[str]], full: dict[str, str]) -> identity.ByName:
    """The copies that go by each name; `file:line` is one of them."""
    called = identity.ByName()
    for copy, names in own.items():
        for name in (copy, *names, full[copy]):
            called.add(name, copy)
    return called


def _lasting(
    copy: str,
    own: dict[str, list[str]],
    full: dict[str, str],
    called: identity.ByName,
    group: set[str],
) -> str:
    """A name of this copy that no record beside its own has and that outlives its file."""
    named = [name for name in own[copy] if _rank(name) < _NO_IDENTIFIER]
    return next((name for name in (*named, full[copy]) if called.of(name) <= group), copy)


def copy_names(copies: pd.DataFrame) -> list[str]:
    """`file:line` of each copy, with a number behind where several begin on one line."""
    names = [f"{f}:{n}" for f, n in zip(copies["file"], copies["line"], strict=True)]
    if len(set(names)) == len(names):
        return names
    texts = copies["raw"] if "raw" in copies else copies["title"]
    order = sorted(range(len(names)), key=lambda at: (names[at], texts.iloc[at]))
    seen: Counter[str] = Counter()
    for at in order:
        name = names[at]
        seen[name] += 1
        if seen[name] > 1:
            names[at] = f"{name}.{seen[name]}"
    return names


def _names(
    groups: dict[str, list[str]], own: dict[str, list[str]], full: dict[str, str]
) -> dict[str, str]:
    """A record_id for each group: its DOI, PMID or PMCID, where no other group has it too."""
    holders = identity.ByName()
    for lead, copies in groups.items():
        for copy in copies:
            for name in own[copy]:
                holders.add(name, lead)
    chosen = {}
    for lead, copies in groups.items():
        times = Counter(
            name
            for copy in copies
            for name in own[copy]
            if len(holders.of(name)) == 1 and not name.startswith("title:")
        )
        best = min(times, key=lambda name: (_rank(name), -times[name], name), default="")
        # without one, it shares title, year and author with another
        chosen[lead] = best or min(full[copy] for copy in copies)
    taken: Counter[str] = Counter()
    for lead in sorted(chosen):  # alike in every field and yet two: "Editorial", no author, no year
        taken[chosen[lead]] += 1
        if taken[chosen[lead]] > 1:
            chosen[lead] += f"-{taken[chosen[lead]]}"
    return chosen


def _rank(name: str) -> int:
    for rank, prefix in enumerate(("doi:", "pmid:", "pmcid:")):
        if name.startswith(prefix):
            return rank
    return _NO_IDENTIFIER


def _in_full(row: dict) -> str:
    """A key of one copy by all that tells where it stands, and not by its file."""
    parts = ("journal", "volume", "issue", "pages", "doi", "pmid", "pmcid", "url")
    more = "|".join(str(row.get(part, "")) for part in parts)
    return identity.readable(
        row.get("title", ""), row.get("year", ""), row.get("authors", ""), more
    )


def _merged(rows: list[dict], lead: str, own: dict[str, list[str]]) -> dict:
    """The best of each field: the leading copy's, else the longest of the others'."""
    rows = sorted(rows, key=lambda row: (row["record_id"] != lead, row["record_id"]))
    out = {}
    for column in _COPIED:
        values = [row[column] for row in rows if row.get(column)]
        if column in ("abstract", "keywords", "authors", "title", "journal"):
            out[column] = max(values, key=len, default="")
        else:
            out[column] = next(iter(values), "")
    flags = {
        kinds.flag(
            row.get("title", ""), row.get("type", ""), row.get("doi", ""), row.get("journal", "")
        )
        for row in rows
    }
    names = {name for row in rows for name in own[row["record_id"]]}
    # Two registers may hold one trial: a name for people, by which nothing is linked.
    names |= {number for row in rows if (number := registrations.entry_of(row))}
    return {
        **out,
        "sources": "; ".join(sorted({row["source"] for row in rows if row.get("source")})),
        "copies": len(rows),
        "flag": next((f for f in kinds.FLAGS if f in flags), ""),
        "identifiers": " ".join(sorted(names)),
        "flagged_by": "",
    }


def with_states(records: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """The records with the gravest of their own flags and of what was told of them. A row about no
    record waits in results/to_settle.csv.

    `records`: as in screening/records.csv; `states`: as read under schema data/states.
    """
    named: dict[str, list[str]] = {}
    for record, cell in zip(records["record_id"], records["identifiers"], strict=True):
        for name in cell.split():
            named.setdefault(name, []).append(record)
    named |= {record: [record] for record in records["record_id"]}
    told: dict[str, set[str]] = {}
    for row in as_dicts(states):
        spelt = (row["report"], identity.canonical(row["report"]), row["report"].lower())
        for record in next((named[name] for name in spelt if name in named), []):
            told.setdefault(record, set()).add(row["state"])
    return flagged(records, told)


def flagged(
    records: pd.DataFrame,
    told: Mapping[str, set[str]],
    by: Mapping[str, Iterable[str]] | None = None,
) -> pd.DataFrame:
    """The records with the gravest of their own flags and of what is `told`, by record_id; `by`:
    the records that tell it."""

    def gravest(record: str, flag: str) -> str:
        among = {flag, *told.get(record, ())}
        return next((name for name in kinds.FLAGS if name in among), flag)

    pairs = zip(records["record_id"], records["flag"], strict=True)
    records = records.assign(flag=[gravest(*pair) for pair in pairs])
    if by is None:
        return records
    return records.assign(flagged_by=[" ".join(by.get(r, ())) for r in records["record_id"]])


def side_by_side(copies: pd.DataFrame, links: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The copies of the links that are least sure, with their own fields, for people to compare.

    `copies` as for `assemble`, `links` and `listed` its duplicates and copies. Least sure are those
    of a lower score, then those that differ in more fields; `MOST_LINKED` links and the copies that
    lead their records (columns of screening/linked, a record's own after one another).
    """
    further = set(links["record_id"])
    leads = listed[listed["record_id"].isin(links["duplicate_of"]) & ~listed["copy"].isin(further)]
    lead = dict(zip(leads["record_id"], leads["copy"], strict=True))
    called = copy_names(copies)
    wanted = further | set(lead.values())
    places = {name: at for at, name in enumerate(called) if name in wanted}
    rows = as_dicts(copies.iloc[list(places.values())].fillna("").astype(str))
    fields = dict(zip(places, rows, strict=True))
    told = LINKED[3:-1]

    def unsure(link: tuple[str, str, float]) -> tuple[float, int, str]:
        one, other = fields[link[0]], fields[lead[link[1]]]
        return link[2], -sum(one.get(f, "") != other.get(f, "") for f in told), link[0]

    pairs = zip(links["record_id"], links["duplicate_of"], links["score"], strict=True)
    chosen = sorted(pairs, key=unsure)[:MOST_LINKED]
    shown = {copy: record for copy, record, _ in chosen}
    shown |= {lead[record]: record for _, record, _ in chosen}
    keys = {copy: _in_full(fields[copy]) for copy in shown}
    many = Counter(keys.values())
    table = [
        {
            **fields[copy],
            "copy": copy,
            "name": keys[copy] if many[keys[copy]] == 1 else copy,
            "record_id": record,
        }
        for copy, record in sorted(shown.items(), key=lambda pair: (pair[1], pair[0]))
    ]
    return pd.DataFrame(table, columns=LINKED).fillna("")
