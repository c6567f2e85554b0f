"""Exports of ASReview, Rayyan, Covidence and EPPI-Reviewer: the decisions that they hold, and which
of these no table of decisions has."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.screening import labels
from livingmeta.screening.readers import (
    asreview,
    by_hand,
    covidence,
    delimited,
    eppi,
    export,
    rayyan,
    stage_read,
)
from livingmeta.screening.readers.decode import decode
from livingmeta.screening.readers.votes import VoteError
from livingmeta.words import exports as exports_words

# A day behind all others: of an export that tells none every vote that is held is up to it.
LAST = "9999-12-31"


def of(path: Path | str) -> str:
    """The program in whose folder an export lies, however deep; empty where in none."""
    return next((part for part in reversed(Path(path).parts) if part in exports_words.PROGRAMS), "")


def decisions(
    path: Path | str,
    program: str,
    known: dict[str, set[str]],
    years: Mapping[str, str],
    day: str,
    reasons: Mapping[str, str],
    held: pd.DataFrame,
) -> tuple[pd.DataFrame, list[str]]:
    """The votes of one export as rows of decisions.csv, and those lost, in words.

    `program`: covidence or eppi; else what the file holds tells it. `known`: record ids by name;
    `years`: year by record id; `day`: of votes that tell none; `reasons`: the protocol's by key;
    `held`: all rows of decisions.csv, by which a stage is known that no name tells.
    Raises TableError, which names the file, for an export that cannot be read or holds no votes.
    """
    name = Path(path).stem
    try:
        if program == "eppi":
            text, _ = decode(Path(path).read_bytes())
            return stage_read.decided(
                name, lambda at: eppi.decisions(text, known, years, at, day, reasons), held, known
            )
        found, rejects = export.read(path)
        if program == "covidence":
            votes, lost = covidence.decisions(found, known, name, day, reasons)
            return votes, lost + _unread(rejects)
        if rayyan.holds(found) or rayyan.holds(rejects):
            votes, lost = stage_read.decided(
                name, lambda at: rayyan.decisions(found, known, at, day, reasons), held, known
            )
            voted = rejects["raw"].astype("str").str.contains(rayyan.MARK, regex=False)
            return votes, lost + _unread(rejects[voted])
        if (rejects["reason"] == delimited.ANOTHER).any():
            line = rejects.loc[rejects["reason"] == delimited.ANOTHER, "line"].iloc[0]
            raise asreview.LabelError(f"line {line} begins another table; give it its own file")
        header = found.attrs.get("header", "")
        votes, lost = asreview.decisions(found, known, name, day, header)
        return votes, lost + _unread(rejects)
    except (asreview.LabelError, VoteError) as error:
        raise tables.TableError([f"{path}: {error}"]) from error
    except export.ReadError as error:
        raise tables.TableError([str(error)]) from error


def _unread(rejects: pd.DataFrame) -> list[str]:
    """Pieces of an export that are no record, in words: whatever label they hold is not taken."""
    return [f"line {row['line']}: no label is taken; {row['reason']}" for row in as_dicts(rejects)]


def not_taken(
    exports: Iterable[tuple[str, str]],
    known: dict[str, set[str]],
    years: Mapping[str, str],
    held: pd.DataFrame,
    reasons: Mapping[str, str],
) -> pd.DataFrame:
    """The table screening/not_taken: exports with decisions that no table of decisions holds.

    `exports`: path and program of each; the rest as in `decisions`.
    An export without a decision, or of which nothing can be brought to a record only here and
    there, is none.
    """
    rows: list[dict[str, Any]] = []
    read: list[pd.DataFrame] = []
    for path, program in exports:
        row = {"file": path, "program": program, "votes": 0, "missing": 0, "why": ""}
        try:
            if program == "column" and (told := _by_hand(path, held, known)):
                rows.append(row | told)
                continue
            votes, lost = decisions(path, program, known, years, LAST, reasons, held)
        except InputError as error:
            rows.append(row | {"why": str(error).removeprefix(f"{path}: ")})
            continue
        read.append(votes.assign(file=path))
        why = lost[0] if lost and votes.empty else ""
        rows.append(row | {"votes": len(votes), "why": why})
    if read:
        given = pd.concat(read, ignore_index=True)
        missing = given.loc[labels.untaken(given, held, known), "file"].value_counts()
        rows = [row | {"missing": int(missing.get(row["file"], 0))} for row in rows]
    waiting = [row for row in rows if row["missing"] or row["why"]]
    return pd.DataFrame(waiting, columns=tables.columns("screening/not_taken"))


def _by_hand(
    path: str, held: pd.DataFrame, known: dict[str, set[str]]
) -> dict[str, int | str] | None:
    """What a row of `not_taken` says of decisions typed into an export; None where they stand in a
    column of labels."""
    found, _ = export.read(path)
    header = found.attrs.get("header", "")
    if not header or asreview.column_of(asreview.heads_of(header)):
        return None
    votes, lost = by_hand.decisions(found, known, header)
    why = lost[0] if lost and votes.empty else ""
    return {"votes": len(votes), "missing": by_hand.missing(votes, held, known), "why": why}
