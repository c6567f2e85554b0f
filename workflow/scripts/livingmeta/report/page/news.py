"""The page of news, and the same in one paragraph for an e-mail."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.living.told import Changes
from livingmeta.plan import Protocol
from livingmeta.report import changes_section, inline
from livingmeta.report.page import page
from livingmeta.words import english, measures, news, settling
from livingmeta.words.numbers import Entry, Numbers

# The page is one that is read: further records stand in news.csv.
SHOWN = 50
TABLE = "results/living/news.csv"
CHANGES = "results/living/changes.csv"


def render(
    asked: Protocol,
    changes: Changes,
    tables: Mapping[str, pd.DataFrame],
    printed: Iterable[Entry],
) -> tuple[str, str, list[Entry]]:
    """The page as HTML, the paragraph, and the entries of numbers.json with their own added.

    `changes`: changes.json; `tables`: by name, of living `news`, `changed` (changes.csv),
    `studies`, `records` and `to_settle`; `printed`: the entries of numbers.json so far.
    """
    numbers = Numbers.of(printed)
    titles = {name: one.title for name, one in asked.syntheses.items()}
    rows = as_dicts(tables["news"])
    urls = dict(zip(tables["records"]["record_id"], tables["records"]["url"], strict=True))
    first = [row for row in rows if row["record_id"]]
    first = list({row["place"]: row for row in reversed(first)}.values())[::-1]
    read = sum(row["n_from"] in ("title", "abstract") for row in first)
    shown = [_line(row, f"record/{row['place']}", titles, numbers) for row in first[:SHOWN]]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    for line in shown:
        line["address"] = inline.record_address(line["record_id"], urls.get(line["record_id"], ""))
        line["again"] = _labelled(line["study_id"], labels)
    usual = [
        _line(row, f"usual/{row['synthesis']}", titles, numbers)
        for row in rows
        if not row["record_id"]
    ]
    flags = [
        row | {"label": _labelled(row["study_id"], labels)}
        for row in as_dicts(tables["changed"])
        if row["kind"] == "flag"
    ]
    # Of the latest release, not of the one before it, which the page on changes tells if nothing
    # differs.
    section = changes_section.section(changes, numbers) if changes["counts"] else None
    moved = [s for s in section["syntheses"] if s["change"] != "none"] if section else []
    waits = _waits(tables["to_settle"], numbers)
    weights = tables["to_settle"]["weight"].value_counts()
    waiting = int(weights.get("result", 0))
    for name, count, of, what in (
        ("records", len(first), TABLE, "new records that wait for a decision"),
        ("flags", len(flags), CHANGES, "reports of included studies newly flagged"),
        ("moved", len(moved), CHANGES, "results that changed"),
        ("waiting", waiting, settling.LIST, "things that wait and can change a number"),
    ):
        numbers.add(f"living/news/{name}", count, "count", "", [of], what)
    paragraph = news.paragraph(
        title=asked.review.title,
        since=changes["since"],
        records=len(first),
        read=read,
        most=_most(shown[0], numbers) if shown and shown[0]["synthesis"] else None,
        flags=[f"{flag['label']} ({flag['after'] or 'flagged no more'})" for flag in flags],
        moved=[_moved(s, numbers) for s in moved],
        result=waiting,
        text=int(weights.get("text", 0)),
    )
    found = {
        "title": asked.review.title,
        "since": changes["since"],
        "paragraph": paragraph,
        "records": shown,
        "more": len(first) > SHOWN,
        "usual": usual,
        "flags": flags,
        "moved": moved,
        "waits": waits,
        "from": news.FROM,
        "kinds": news.FLAGS,
        "stages": settling.STAGES,
        "states": settling.STATES,
    }
    mail = f"{paragraph} All of it stands in {news.PAGE}.\n"
    return page.fill("news.html.jinja", found, numbers), mail, numbers.as_list()


def _line(row: dict, name: str, titles: Mapping[str, str], numbers: Numbers) -> dict[str, Any]:
    """A row of news.csv with its numbers registered under `key`."""
    key, of = f"living/news/{name}", [TABLE]
    if row["n_from"]:
        numbers.add(f"{key}/n", row["n"], "count", "patients", of, f"patients: {row['n_from']}")
    if row["relevance"] == row["relevance"] and row["relevance"] is not pd.NA:
        what = "its place in the queue of its stage"
        numbers.add(f"{key}/relevance", row["relevance"], "count", "", of, what)
    if row["synthesis"]:
        kind = measures.SCALES[row["measure"]].kind
        parents = [f"{key}/n", f"{row['synthesis']}/k"]
        now = row["display_estimate"]
        numbers.add(f"{key}/now", now, kind, "", [f"{row['synthesis']}/k"], "the estimate now")
        between = (row["display_low"], row["display_high"])
        what = "weight in the pool of one more study of so many patients"
        numbers.add(f"{key}/weight", row["weight"], "percentage", "", parents, what)
        what = "what the estimate could move to"
        numbers.add(f"{key}/between", between, kind, "", parents, what)
    return row | {
        "key": key,
        "result": titles.get(row["synthesis"], row["synthesis"]),
        "relevant": f"{key}/relevance" in numbers,
        "now": f"{key}/now",
    }


def _labelled(studies: str, labels: Mapping[str, str]) -> str:
    """Studies, by their ids with spaces between, as their labels."""
    return ", ".join(labels.get(name, name) for name in studies.split())


def _waits(to_settle: pd.DataFrame, numbers: Numbers) -> list[dict]:
    """The kinds of things that wait, each with how many and what they are called."""
    counts = to_settle["kind"].value_counts()
    found = []
    for kind in settling.KINDS:
        if n := int(counts.get(kind.code, 0)):
            key = f"living/news/waits/{kind.code}"
            numbers.add(key, n, "count", "", [settling.LIST], f"to settle: {kind.many}")
            called = settling.called(kind.code, n)
            found.append({"key": key, "called": called, "weight": kind.weight})
    return found


def _most(line: dict, numbers: Numbers) -> news.Most:
    return news.Most(
        line["title"] or line["record_id"],
        line["flag"],
        line["result"],
        numbers.text(line["now"]),
        numbers.text(f"{line['key']}/between").replace(" to ", " and "),
        numbers.text(f"{line['key']}/weight"),
        numbers.text(f"{line['key']}/n"),
        line["n_from"],
    )


def _moved(change: dict, numbers: Numbers) -> str:
    """A result then and now, in words."""
    ends = [
        numbers.text(f"{change['key']}/{when}/estimate") if change[when] else "none"
        for when in ("before", "after")
    ]
    return f"{english.within(change['title'])}, {ends[0]} then and {ends[1]} now"
