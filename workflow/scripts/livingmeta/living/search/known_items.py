"""The known-item alarm: which included reports a database holds and its query does not find."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.living.search.fetch import Client
from livingmeta.living.search.found import Found
from livingmeta.living.search.pages import Pages
from livingmeta.living.search.states import concerned
from livingmeta.words import settling

COLUMNS = tables.columns("data/known_items")
_PART = re.compile(r'"[^"]*"|[()]|[^\s()"]+|\s+')


def missed(
    module: Any,
    service: Client,
    query: str,
    every: Found,
    reports: Mapping[str, frozenset[str]],
    day: str,
    pages: Path | str,
) -> list[dict[str, str]]:
    """Rows of known_items.csv of one database.

    `module`, `service`: the database; `every`: what its query finds; `reports`: the names of each
    included report. Each part of the query is asked for these records alone, where the database
    knows AND. Raises FetchError where it cannot be asked.
    """
    found = {report for hit in every.hits for report in concerned(hit, reports)}
    left = {report: known for report, known in reports.items() if known and report not in found}
    if not left:
        return []
    at = Pages(pages, [module.NAME, "known", day])
    hits = module.look_up(service, left.values(), day, at.of("look up"))
    held = {hit.own: hit for hit in hits}
    # What the query finds under another identifier of the report is found.
    own = [name for name in held if name not in {hit.own for hit in every.hits}]
    lost: dict[str, list[str]] = {name: [] for name in own}
    for part, wanted in parts(query) if own and hasattr(module, "among") else []:
        these = module.among(service, part, own, day, at)
        for name in own:
            if (name in these) != wanted:
                lost[name].append(part if wanted else f"NOT {part}")
    of = {report: name for name in own for report in concerned(held[name], left)}
    return [
        dict(zip(COLUMNS, (module.NAME, report, part, day, day), strict=True))
        for report, name in sorted(of.items())
        for part in lost[name] or [""]
    ]


def with_numbers(
    reports: Mapping[str, frozenset[str]], registrations: pd.DataFrame
) -> dict[str, frozenset[str]]:
    """The reports with the numbers of ClinicalTrials.gov that they name, as names of theirs.

    `registrations`: as screening/registrations.csv.
    """
    numbers: dict[str, set[str]] = {}
    for row in as_dicts(registrations):
        if row["number"].startswith("NCT"):
            numbers.setdefault(row["record_id"], set()).add(f"nct:{row['number']}")
    return {name: known | numbers.get(name, set()) for name, known in reports.items()}


def parts(query: str) -> list[tuple[str, bool]]:
    """The parts of a query that AND and NOT join at its top, each with whether it must be found
    (False behind NOT); [] where it has one part, or OR stands among them."""
    found: list[list[str]] = [[]]
    wanted, depth = [True], 0
    for token in _PART.findall(query.strip()):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token == "OR":
            return []
        if depth == 0 and token in ("AND", "NOT"):
            # `AND NOT` is one joint.
            if not "".join(found[-1]).strip():
                wanted[-1] = token == "AND"
                continue
            found.append([])
            wanted.append(token == "AND")
        else:
            found[-1].append(token)
    texts = ["".join(part).strip() for part in found]
    if len(texts) == 1:
        inner = texts[0]
        return parts(inner[1:-1]) if _is_one_group(inner) else []
    return [] if depth or not all(texts) else list(zip(texts, wanted, strict=True))


def _is_one_group(text: str) -> bool:
    """Whether the first parenthesis closes at the end."""
    depth = 0
    for place, token in enumerate(tokens := _PART.findall(text)):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth <= 0:
            return tokens[0] == "(" and place == len(tokens) - 1
    return False


def keep(
    rows: list[dict[str, str]], asked: list[str], named: Collection[str], root: Path | str
) -> None:
    """Write known_items.csv: `rows` for the databases `asked`, for others what it said before,
    unless the protocol has no query for them any more: `named` are those that it has one for."""
    path = Path(root) / settling.KNOWN_ITEMS
    before = tables.brought([str(path)] if path.exists() else [], "data/known_items")
    others = before[~before["database"].isin(asked) & before["database"].isin(list(named))][COLUMNS]
    of_row = ["database", "report", "lost_by"]
    days = before["missed_since"].fillna("").where(lambda day: day != "", before["searched_on"])
    since = dict(
        zip(before[of_row].fillna("").itertuples(index=False, name=None), days, strict=True)
    )
    rows = [
        row | {"missed_since": since.get(tuple(row[c] for c in of_row), row["missed_since"])}
        for row in rows
    ]
    if rows or path.exists():
        table = pd.concat([others, pd.DataFrame(rows, columns=COLUMNS)], ignore_index=True)
        tables.write(table.fillna(""), path, "data/known_items")
