"""Decisions of Rayyan (Ouzzani et al. 2016, Syst Rev 5:210), read from its exports.

Rayyan writes them into the notes of a record, CSV and RIS alike:

    RAYYAN-INCLUSION: {"Ann"=>"Included", "Bo"=>"Excluded"} | RAYYAN-LABELS: a,b |
    RAYYAN-EXCLUSION-REASONS: wrong population | USER-NOTES: {"Bo"=>["children only"]}

Quotation marks may have become curly or single on the way, `=>` a colon, and a record may hold
several such notes. What cannot be read is told, never passed over. Neither the stage nor the day is
told, and reasons stand beside the votes, not under a name. Facts on the format: exports and scripts
of reviews that are public; Rayyan itself was not run.
"""

import re
from collections.abc import Mapping

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening.readers import asreview, votes

MARK = "RAYYAN-INCLUSION"
VOTED = re.compile(MARK + r"\s*:?\s*\{\s*[\"'“‘„‚]")
DECISIONS = {"included": "include", "excluded": "exclude", "maybe": "unsure"}
_NOTES = "USER-NOTES"
_REASONS = re.compile(
    r"RAYYAN-EXCLUSION-REASONS:\s*(.*?)\s*(?:[|\n]|;?\s*(?:RAYYAN-|USER-NOTES)|$)"
)
_LABELS = re.compile(r"RAYYAN-LABELS:\s*(.*?)\s*(?:[|\n]|;?\s*(?:RAYYAN-|USER-NOTES)|$)")
_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_PAIR = re.compile(
    rf"\s*,?\s*({_QUOTED})\s*(?:=>|:|=)\s*({_QUOTED}|\[(?:\s*(?:{_QUOTED})\s*,?)*\s*\])"
)
_TEXT = re.compile(_QUOTED)
_END = re.compile(r"\s*,?\s*\}")
_CURLY = dict.fromkeys(map(ord, "“”„‟"), '"')
_CURLY_SINGLE = dict.fromkeys(map(ord, "‘’‚‛"), "'")


def holds(read: pd.DataFrame) -> bool:
    """Whether an export holds decisions of Rayyan. `read`: records or rejects of export.read."""
    return bool(read["raw"].astype("str").str.contains(MARK, regex=False).any())


def decisions(
    read: pd.DataFrame,
    known: dict[str, set[str]],
    stage: str,
    day: str,
    reasons: Mapping[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """The votes of all reviewers as rows of decisions.csv (`asreview.READ`, without a time, and the
    record's labels, semicolons between them), in the order of the file, and in words those that are
    on no record, could be on several or cannot be read.

    `read`: an export as export.read gives it. `known`: record ids by name, as decisions.by_name
    gives them. `stage`: what was read. `day`: the date (YYYY-MM-DD) of all of them. `reasons`: the
    protocol's reasons by their key; at full text the first reason that is one of them, by key or by
    text, is the row's, and the others go into its note. Raises VoteError for a word that is neither
    Included, Excluded nor Maybe.
    """
    rows, lost = [], []
    for record in as_dicts(read):
        many = max(record["raw"].count(MARK), record["note"].count(MARK))
        if not many:
            continue
        where = f"line {record['line']}, '{record['title'][:60]}'"
        cast = _pairs(record["note"], MARK)
        if cast is None or record["note"].count(MARK) < many:
            lost.append(f"{where}: its votes cannot be read: {_cut(record['raw'])}")
            continue
        named, why = asreview.meant(record, known)
        if not named:
            lost.append(f"{where}: {why}")
            continue
        said = [
            w.strip().removeprefix("__EXR__")
            for given in _REASONS.findall(record["note"])
            for w in given.split(",")
        ]
        given = ",".join(_LABELS.findall(record["note"])).split(",")
        labelled = "; ".join(dict.fromkeys(filter(None, map(str.strip, given))))
        told = _pairs(record["note"], _NOTES)
        if told is None:
            lost.append(f"{where}: the notes of reviewers cannot be read; their votes are taken")
        notes: dict[str, list[str]] = {}
        for reviewer, texts in told or []:
            notes.setdefault(reviewer, []).extend(" ".join(text.split()) for text in texts)
        for reviewer, (word, *_) in cast:
            decision = DECISIONS.get(word.strip().casefold())
            if decision is None:
                raise votes.VoteError(
                    f"{where}: {reviewer} decided '{word}'; right would be Included, "
                    "Excluded or Maybe"
                )
            because, more = votes.because(said, stage, decision, reasons)
            note = "; ".join([*more, *notes.get(reviewer, [])])
            told_of = (*named, stage, reviewer, decision, because, day, note, None, where)
            rows.append((*told_of, labelled))
    return pd.DataFrame(rows, columns=[*asreview.READ, "labels"], dtype=object), lost


def _pairs(text: str, mark: str) -> list[tuple[str, list[str]]] | None:
    """Names and what each says behind every `mark` of a note; None where one cannot be read."""
    text = text.translate(_CURLY)
    if '"' not in text:
        text = text.translate(_CURLY_SINGLE)
    found = []
    for part in text.split(mark)[1:]:
        opened = re.match(r"\s*:?\s*\{", part)
        if not opened:
            return None
        at = opened.end()
        while pair := _PAIR.match(part, at):
            found.append((_bare(pair[1]), list(map(_bare, _TEXT.findall(pair[2])))))
            at = pair.end()
        if not _END.match(part, at):
            return None
    return found


def _bare(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


def _cut(raw: str) -> str:
    at = raw.find(MARK)
    return repr(" ".join(raw[at : at + 120].split()))
