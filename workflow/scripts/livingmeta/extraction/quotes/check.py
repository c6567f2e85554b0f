"""Each quote of outcomes.csv held against the text it was read from, and its value against it.

What was found in a text is kept with the digest of that text, so that a copy of the review without
the texts knows it too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.outcomes import NOT_REACHED
from livingmeta.extraction.p_values import PValueError, parse_p
from livingmeta.extraction.quotes import stream
from livingmeta.extraction.quotes.texts import Text
from livingmeta.extraction.units import PROPORTIONS

# What becomes of a quote.
FOUND, NOT_FOUND, OTHER_VALUE = "found", "not-found", "value-not-in-quote"
NO_TEXT, UNREAD, NO_QUOTE = "no-text", "unread", "no-quote"
STATES = (FOUND, NOT_FOUND, OTHER_VALUE, NO_TEXT, UNREAD, NO_QUOTE)
COLUMNS = tables.columns("extraction/quotes")
# Counts that are written in words.
_WORDS = [
    *("no zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
]
_IN_WORDS = {word: i for i, words in enumerate(_WORDS) for word in words.split()} | {"none": 0}
# What a proportion may be printed as beside the value in outcomes.csv: 0.718 is 71.8%.
_PERCENT = 100


def check(
    outcomes: pd.DataFrame,
    held: Mapping[str, Sequence[str]],
    read: Callable[[str], Text],
    digests: Mapping[str, str],
    kept: pd.DataFrame,
) -> pd.DataFrame:
    """What became of each quote, in the columns of extraction/quotes and the order of `outcomes`.

    `outcomes`: results/extraction/outcomes.csv; `held`: the files of each study; `read`: gives the
    text of a file; `digests`: SHA-256 of each file; `kept`: what was found before (schema
    data/quotes), which counts where a study's text is not held or cannot be read.
    """
    before = {(row["study_id"], row["checked"]): row for row in as_dicts(kept)}
    streams: dict[str, stream.Stream] = {}
    rows = []
    for record in as_dicts(outcomes):
        quote, study = tables.text(record.get("quote")).strip(), record["study_id"]
        paths = _first_named(held.get(study, ()), tables.text(record.get("source")))
        out: dict[str, Any] = {"row": record["row"], "study_id": study, "state": NO_QUOTE}
        out |= dict.fromkeys(("page", "file", "sha256", "why", "checked", "verified_on"), "")
        rows.append(out)
        if not quote:
            continue
        out["checked"] = what(record)
        if not says(quote, record):
            out["state"] = OTHER_VALUE
            continue
        unread = []
        for path in paths:
            text = read(path)
            if text.why:
                unread.append((path, text.why))
                continue
            if path not in streams:
                streams[path] = stream.Stream(text.pages)
            page = stream.find(quote, streams[path])
            if page or out["state"] == NO_QUOTE:
                out |= {"file": path, "sha256": digests[path]}
                out["state"] = FOUND if page else NOT_FOUND
            if page:
                out["page"] = page if len(text.pages) > 1 else ""
                break
        if out["state"] == NO_QUOTE:
            out["state"] = UNREAD if unread else NO_TEXT
            if unread:
                path, out["why"] = unread[0]
                out |= {"file": path, "sha256": digests[path]}
            if earlier := before.get((study, out["checked"])):
                out |= {name: earlier[name] for name in ("state", "page", "sha256", "verified_on")}
                out |= {"file": "", "why": "kept"}
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def to_keep(found: pd.DataFrame) -> pd.DataFrame:
    """What was found in a text, or was not, in the columns of data/quotes: the copy to keep."""
    told = found[found["state"].isin((FOUND, NOT_FOUND))]
    return told[tables.columns("data/quotes")].drop_duplicates(["study_id", "checked"])


def of_studies(
    studies: pd.DataFrame, held: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """The held files of each study. `studies`: results/extraction/studies.csv; `held`: the files of
    each record."""
    return {
        study: tuple(path for record in records.split() for path in held.get(record, ()))
        for study, records in zip(studies["study_id"], studies["records"], strict=True)
    }


def what(record: Mapping[Any, Any]) -> str:
    """What was checked of a row, as a digest: its quote and its number. Another quote or number is
    another check."""
    said = [stream.pieces(tables.text(record.get("quote")))]
    said += [tables.text(record.get(name)) for name in ("value", "p_value")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def says(quote: str, record: Mapping[Any, Any]) -> bool:
    """Whether a quote holds the number of its row, digit by digit as printed.

    A proportion may be printed in percent, a count of up to twenty in words; of a p alone the p.
    """
    printed = tables.text(record.get("printed"))
    value = re.match(r"[-+]?[\d.]+(?:e[-+]?\d+)?", printed)
    there = stream.numbers(quote)
    if value is None:
        if NOT_REACHED.search(quote) or record.get("statistic") == "median":
            return True
        return _same_p(there, tables.text(record.get("p_value")), quote)
    wanted = [float(value[0])]
    if record["statistic"] in PROPORTIONS | {"risk-difference"} and "%" not in printed:
        wanted.append(round(wanted[0] * _PERCENT, 10))
    if any(_same(number, want) for number in there for want in wanted):
        return True
    words = set(re.findall(r"[a-z]+", stream.normal(quote)))
    return any(_IN_WORDS[word] == wanted[0] for word in words & _IN_WORDS.keys())


def _same(there: float, wanted: float) -> bool:
    """-3.8 may be printed as 3.8 lower; a 3.8 is never printed as -3.8."""
    return there == wanted or (wanted < 0 and there == -wanted)


def _same_p(there: Iterable[float], p_value: str, quote: str) -> bool:
    try:
        p = parse_p(p_value, "")
    except PValueError:
        return True
    if p is None:
        return True
    said = stream.normal(quote)
    in_words = not re.search(r"\d", p_value) and re.search(r"\bn\.?s\b|\bnot signif", said)
    return bool(in_words) or any(number == p.value for number in there)


def _first_named(paths: Sequence[str], source: str) -> list[str]:
    """The files of a study, that of the report which the source names first."""
    squeezed = re.sub(r"[^a-z0-9]+", "", source.casefold())

    def named(path: str) -> bool:
        stem = re.sub(r"[^a-z0-9]+", "", path.rpartition("/")[2].rpartition(".")[0].casefold())
        return bool(stem) and re.sub(r"^(doi|pmid|pmcid)", "", stem) in squeezed

    return sorted(paths, key=lambda path: not named(path))


def shares(used: pd.DataFrame, quotes: pd.DataFrame) -> Iterator[tuple[str, str, bool]]:
    """Of each effect that a synthesis uses (synthesis, study, whether verified): whether each
    printed row behind it was found by its quote."""
    found = {int(row) for row in quotes.loc[quotes["state"] == FOUND, "row"]}
    behind: dict[tuple[str, str], list[int]] = {}
    for row in as_dicts(used[used["used"].astype(bool)]):
        rows = behind.setdefault((row["synthesis"], row["study_id"]), [])
        rows.append(-1 if pd.isna(row["row"]) else int(row["row"]))  # a curve is no quote
    for (synthesis, study), rows in behind.items():
        yield synthesis, study, all(row in found for row in rows)
