"""The new records that wait for a decision, and how far each could move which result.

Which result a record belongs to is known once it has been read. Until then it may be any: each is
shown for a study of its size, and the one that it could move most stands first. A record that
shares its registration with an included study is likely to tell of that study again: it would add
no weight, and what it could move is left open.
"""

from collections import defaultdict
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effects.several import of_studies
from livingmeta.living.news import movement, patients
from livingmeta.living.waiting import Tables, rows_of
from livingmeta.screening.decisions import STAGES

COLUMNS = tables.columns("living/news")
TEXTS = [c for c, of in tables.schema("living/news")["columns"].items() if of["type"] == "string"]
# What was retracted or withdrawn is to be decided on like all else, but read last.
LAST = ("retracted", "withdrawn")


def table(found: Tables) -> pd.DataFrame:
    """The table results/living/news.csv (schema living/news).

    `found`: tables by name, of screening `records`, `awaiting`, `conflicts`, `queue` and `trials`,
    `studies`, `changes` since the latest release, `effects` and `pooled`. Rows without a record are
    of a study of as many patients as the median study of the result. Records come in the order in
    which to read them: by the sum of two places, that by relevance and that by the largest weight
    it could have; what was retracted or withdrawn last.
    """
    pools = _pools(found)
    rows = [_moved(name, pool, pool.patients, "median") for name, pool in pools.items()]
    waiting = [_could_move(record, pools) for record in _new(found)]
    by_weight: dict[float, int] = {}
    for p, weight in enumerate(sorted((_largest(moved) for _, moved in waiting), reverse=True)):
        by_weight.setdefault(weight, p)
    by_relevance = sorted(range(len(waiting)), key=lambda i: _relevance(waiting[i][0]))
    place = {i: p for p, i in enumerate(by_relevance)}

    def order(i: int) -> tuple[bool, int, int]:
        # ASSUME both count alike. The score of the queue makes an order and is no probability, so
        # it cannot be multiplied with a weight; places can be added.
        record, moved = waiting[i]
        return record["flag"] in LAST, place[i] + by_weight[_largest(moved)], place[i]

    for at, i in enumerate(sorted(range(len(waiting)), key=order), 1):
        record, moved = waiting[i]
        rows += [record | {"place": at} | one for one in moved]
    news = pd.DataFrame([dict.fromkeys(TEXTS, "") | row for row in rows], columns=list(COLUMNS))
    return news.astype({"place": "Int64", "relevance": "Int64"})


def _pools(found: Tables) -> dict[str, movement.Pool]:
    """The results that one more study could move, by synthesis."""
    pools = {}
    for result in as_dicts(found["pooled"]):
        if not result["primary"] or result["subgroup"]:
            continue
        name = result["synthesis"]
        effects = found["effects"]
        each = as_dicts(of_studies(effects[effects["synthesis"] == name]))
        if each and (pool := movement.pool(result, each)):
            pools[name] = pool
    return pools


def _new(found: Tables) -> list[dict[str, Any]]:
    """The records that the latest release did not have and nobody has decided on."""
    known = {row["record_id"]: row for row in rows_of(found["records"])}
    ranks = {row["record_id"]: row["rank"] for row in rows_of(found["queue"])}
    new = {
        row["what"]
        for row in rows_of(found["changes"])
        if row["kind"] == "record" and not row["before"]
    }
    again = _reports_of_included(found)
    conflicts = [row | {"state": "conflict"} for row in rows_of(found["conflicts"])]
    records = []
    for row in [*rows_of(found["awaiting"]), *conflicts]:
        name = row["record_id"]
        if name in new:
            records.append(
                {column: row[column] for column in ("record_id", "title", "stage", "state")}
                | {"relevance": ranks.get(name), "flag": known[name]["flag"]}
                | {"study_id": again.get(name, ""), "abstract": known[name]["abstract"]}
            )
    return records


def _reports_of_included(found: Tables) -> dict[str, str]:
    """The included studies whose registration a record shares, by record."""
    included = {r["study_id"] for r in rows_of(found["studies"]) if r["status"] == "included"}
    again: dict[str, set[str]] = defaultdict(set)
    for trial in rows_of(found["trials"]):
        for record in (trial["record_id"], *trial["reports"].split()):
            again[record] |= included.intersection(trial["studies"].split())
    return {record: " ".join(sorted(studies)) for record, studies in again.items()}


def _could_move(
    record: dict[str, Any], pools: dict[str, movement.Pool]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A record, and what it could move, the most first; one empty row where that is nothing."""
    read = patients.read(record["title"], record.pop("abstract"))
    moved = [
        _moved(name, pool, read.n, read.where)
        if read
        else _moved(name, pool, pool.patients, "median")
        for name, pool in pools.items()
        if not record["study_id"]
    ]
    if not moved:
        moved = [{"synthesis": "", "n": read.n, "n_from": read.where} if read else {}]
    moved.sort(key=_weight, reverse=True)
    return record | {"said": read.said if read else ""}, moved


def _moved(name: str, pool: movement.Pool, n: float, n_from: str) -> dict[str, Any]:
    low, high = pool.between(n)
    return {
        "synthesis": name,
        "n": n,
        "n_from": n_from,
        "measure": pool.measure,
        "display_estimate": pool.shown(),
        "weight": 100 * pool.share(n),
        "moves": pool.movement(n),
        "display_low": low,
        "display_high": high,
    }


def _weight(row: dict[str, Any]) -> float:
    return row.get("weight", 0.0)


def _largest(moved: list[dict[str, Any]]) -> float:
    return max(map(_weight, moved), default=0.0)


def _relevance(record: dict[str, Any]) -> tuple[int, int]:
    """What somebody wanted in full text comes first, and on what people differ: it is in no queue,
    and one of them included it."""
    return -STAGES.index(record["stage"]), record["relevance"] or 0
