"""Works that a review names, as items of CSL-JSON, in the groups in which a report lists them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.screening import identity, kinds, normalise
from livingmeta.words import guard_rails
from livingmeta.words.numbers import missing

LISTED = ("trials", "included", "excluded", "awaiting")
METHODS = (Path(__file__).parents[3] / "schemas" / "cited_methods").with_suffix(".yaml")
# The type that a record's own words mean; an article where none of them stands there.
TYPES = (
    ("preprint", "article"),
    ("conference", "paper-conference"),
    ("chapter", "chapter"),
    ("book", "book"),
    ("thesis", "thesis"),
    ("registration", "dataset"),
)


@dataclass(frozen=True)
class Work:
    """One work. `item`: as CSL-JSON has it; `keys`: the names by which a text may cite it; `note`:
    the study that it reports, or why it was excluded; `flag`: of a retraction or its like in words.
    """

    item: dict[str, Any]
    keys: tuple[str, ...]
    note: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Group:
    """Works under one head; `folded`: whether a page may fold them."""

    name: str
    title: str
    works: Sequence[Work] = field(default_factory=tuple)
    folded: bool = False


def groups(tables: Mapping[str, pd.DataFrame], reasons: Mapping[str, str]) -> list[Group]:
    """What a review has on file, without groups that hold nothing.

    `tables`: records, included, excluded, awaiting, trials, studies; `reasons`: of exclusion at
    full text in words, by code. Records that wait on title and abstract are no works yet.
    """
    of_trials, in_, out, waits = (tables[name] for name in LISTED)
    of_trials = of_trials[of_trials["ongoing"].fillna(False).astype(bool)]
    out, waits = (table[table["stage"] == "full-text"] for table in (out, waits))
    # Of a large review few records are works: the others are not even looked at.
    listed = pd.concat([table["record_id"] for table in (of_trials, in_, out, waits)])
    records = {row["record_id"]: row for row in _rows(_of_ids(tables["records"], listed))}
    labels = {row["study_id"]: row["label"] for row in _rows(tables["studies"])}
    trials = _rows(of_trials)
    # Entries alone are no works of theirs, neither the one that tells a trial nor its twin.
    bare = tables["trials"]["reports"].fillna("") == ""
    registered = set(tables["trials"].loc[bare, "record_id"]) - {""}
    included = [
        _of(row, records, keys=row["study_id"].split(), note=_studies(row["study_id"], labels))
        for row in _rows(in_)
        if row["record_id"] not in registered
    ]
    excluded = [
        _of(row, records, note=reasons.get(row["reason"], row["reason"])) for row in _rows(out)
    ]
    awaiting = [_of(row, records) for row in _rows(waits) if row["record_id"] not in registered]
    excluded, awaiting = _by_study((excluded, awaiting), tables["studies"])
    found = [
        Group("included", "Included studies", _ordered(included)),
        Group("excluded", "Excluded at full text", _ordered(excluded), folded=True),
        Group("awaiting", "Awaiting full text or a decision", _ordered(awaiting), folded=True),
        Group("ongoing", "Ongoing studies", [_trial(row, records) for row in trials]),
    ]
    return [group for group in found if group.works]


def _by_study(groups_: Iterable[list[Work]], studies: pd.DataFrame) -> Iterator[list[Work]]:
    """Works that do not count, or not yet, which go by their study too: a text may discuss it."""
    groups_ = list(groups_)
    known = {key for works in groups_ for work in works for key in work.keys}
    of: dict[str, list[str]] = {}
    for row in _rows(studies):
        for name in identity.several(str(row.get("records") or ""), known):
            of.setdefault(name, []).append(row["study_id"])
    for works in groups_:
        also = ([study for key in work.keys for study in of.get(key, ())] for work in works)
        yield [
            replace(work, keys=tuple(dict.fromkeys([*work.keys, *more])))
            for work, more in zip(works, also, strict=True)
        ]


def others(records: pd.DataFrame, cited: pd.DataFrame, keys: Collection[str]) -> dict[str, Work]:
    """Further works that may be cited, by key: what the methods cite, the records `cited` that
    people brought for it (as readers.export.read gives them), and those of the review's own
    `records` that are among the `keys` cited, by any of their identifiers.

    Raises InputError where one key of these is of two works, or of another than a record's."""
    found = {key: Work({"id": key, **one}, (key,)) for key, one in methods().items()}
    wrong: list[str] = []
    brought = [(row, tuple(_own_keys(row))) for row in _rows(cited)]
    asked = {key: identity.canonical(key) for key in keys}
    names = {*asked.values(), *(key for _, own in brought for key in own)}
    held: dict[str, Work] = {}
    for row in _rows(_named(records, names)):
        work = _of(row, {})
        held |= dict.fromkeys(work.keys, work)
    for row, own in brought:
        flag = kinds.flag(*(row[name] for name in ("title", "type", "doi", "journal")))
        said = item(row | {"record_id": own[0] if own else row["title"]})
        work = Work(said, own, flag=guard_rails.FLAGS.get(flag, ""))
        for key in own:
            other = found.get(key) or held.get(key)
            if other and not _one_work(said, other.item):
                wrong.append(
                    f"{row['file']}, line {row['line']}: '{key}' is '{said.get('title', '')}' here "
                    f"and '{other.item.get('title', '')}' elsewhere (another entry, a record of "
                    "the review, or a work that the methods cite). Call it otherwise, or mend its "
                    "DOI or number."
                )
            elif other:
                # One work of two entries: what either is called means it, and either's flag holds.
                flag = other.flag or work.flag
                work = Work(other.item, tuple(dict.fromkeys((*other.keys, *own))), other.note, flag)
        found |= dict.fromkeys(work.keys, work)
    if wrong:
        raise InputError(wrong)
    found = held | found
    return found | {key: found[name] for key, name in asked.items() if name in found}


def _one_work(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two items may be of one work. ASSUME: titles of one work, with or without a subtitle
    or a word on a retraction, share half the words of the shorter."""
    titles = (str(work.get("title", "")) for work in (one, other))
    a, b = (set(normalise.title_key(title).split("_")) - {""} for title in titles)
    return 2 * len(a & b) >= min(len(a), len(b))


def _named(records: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """The records that go by one of the names."""
    wanted = set(names)
    if not wanted:
        return records.iloc[:0]
    cells = records["identifiers"].fillna("").map(str.split)
    return records[records["record_id"].isin(wanted) | ~cells.map(wanted.isdisjoint).astype(bool)]


def _of_ids(records: pd.DataFrame, ids: Iterable[str]) -> pd.DataFrame:
    return records[records["record_id"].isin(list(ids))]


@cache
def methods() -> dict[str, dict[str, Any]]:
    """The works that the report's own account of its methods cites, as CSL items by key."""
    return yaml.load(METHODS.read_text("utf-8"), Loader=yaml.CSafeLoader)


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of records.csv as an item of CSL-JSON, without what is not known."""
    kind = str(row.get("type", "")).lower()
    year = re.search(r"\d{4}", str(row.get("year", "")))
    pages = str(row.get("pages", "")).replace("--", "-")
    found = {
        "id": row["record_id"],
        "type": next((type_ for word, type_ in TYPES if word in kind), "article-journal"),
        "title": " ".join(str(row.get("title", "")).split()),
        "author": [
            _person(name) for name in str(row.get("authors", "")).split(";") if name.strip()
        ],
        "container-title": row.get("journal", ""),
        "issued": {"date-parts": [[int(year[0])]]} if year else "",
        "volume": _whole(row.get("volume", "")),
        "issue": _whole(row.get("issue", "")),
        "page": pages,
        "DOI": row.get("doi", ""),
        "PMID": _whole(row.get("pmid", "")),
        "URL": row.get("url", ""),
        "language": row.get("language", ""),
    }
    return {name: value for name, value in found.items() if value}


def _of(row: dict, records: Mapping[str, dict], keys: Iterable[str] = (), note: str = "") -> Work:
    id_ = row["record_id"]
    scheme, _, value = id_.partition(":")
    bare = {"record_id": id_, "title": row.get("title", "")}
    known = records.get(id_) or row | bare | ({scheme: value} if scheme in ("doi", "pmid") else {})
    flag = guard_rails.FLAGS.get(known.get("flag", ""), known.get("flag", ""))
    also = [n for n in known.get("identifiers", "").split() if n.startswith(("doi:", "pm"))]
    return Work(item(known), tuple(dict.fromkeys([*keys, id_, *also])), note, flag)


def _trial(row: dict, records: Mapping[str, dict]) -> Work:
    """An ongoing study, by what its register says."""
    known = records.get(row["record_id"], {})
    found = {
        "id": row["number"],
        "type": "dataset",
        "title": row["title"],
        "author": [{"literal": row["sponsor"]}] if row["sponsor"] else "",
        "publisher": row["register"],
        "number": row["number"],
        "URL": known.get("url", ""),
        "status": row["status"],
    }
    named = [row["number"], row["record_id"], *row["studies"].split()]
    keys = tuple(dict.fromkeys(key for key in named if key))
    return Work({name: value for name, value in found.items() if value}, keys)


def _own_keys(row: dict) -> Iterable[str]:
    """The names of a record of people's own file: DOI, PubMed's number, and its key there."""
    for scheme in ("doi", "pmid"):
        if row[scheme]:
            yield f"{scheme}:{row[scheme]}"
    for pattern in (r"^\s*@\w+\s*\{\s*([^\s,]+)\s*,", r"^ID  - (\S+)", r'"id"\s*:\s*"([^"\s]+)"'):
        if key := re.search(pattern, row["raw"], flags=re.MULTILINE):
            yield key[1]


def _person(name: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in name.partition(","))
    return {"family": family, "given": given} if comma and given else {"literal": family}


def _studies(named: str, labels: Mapping[str, str]) -> str:
    return ", ".join(labels.get(study, study) for study in named.split())


def _ordered(works: list[Work]) -> list[Work]:
    """By first author and year, as readers look for them."""
    return sorted(works, key=_place)


def _place(work: Work) -> tuple[str, str, str]:
    first = work.item.get("author", [{}])[0]
    name = first.get("family") or first.get("literal") or work.item.get("title", "")
    return name.casefold(), str(year(work.item)), str(work.item["id"])


def year(item: Mapping[str, Any]) -> str:
    """The year of an item, or ""."""
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""


def _whole(value: Any) -> str:
    text = str(value)
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _rows(table: pd.DataFrame) -> list[dict]:
    """The rows of a table with empty text where pandas holds nothing."""
    return [
        {str(column): "" if missing(value) else value for column, value in row.items()}
        for row in as_dicts(table)
    ]
