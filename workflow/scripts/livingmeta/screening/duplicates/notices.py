"""Notices of retraction and of concern that are records of their own, and whom they are about.

A search made after a retraction may bring the notice alone; the report came with an earlier export
that knew nothing of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from livingmeta.screening import identity, kinds, normalise

# ASSUME: two reports may share a title shorter than this (Editorial, Lung cancer in 2019).
_TELLING = 25
_PMID = re.compile(r"\bPMID:?\s*0*(\d+)", re.IGNORECASE)


def found(
    copies: pd.DataFrame, names: list[str], listed: pd.DataFrame, records: pd.DataFrame
) -> list[tuple[str, str, str]]:
    """The notice, what it says (a flag) and the report it is about, all by record_id.

    `copies`: the records of all exports as they were read, `names` what each is called in `listed`,
    the rows of copies.csv; `records`: as records.csv. A notice is about the report whose DOI or
    PMID its export names with it, a copy that says in its title what became of the report about
    that of its own; where it names none, or none that the report could have, about
    those of its title, to the word, and no younger than it. So is a record of its own that is
    called `RETRACTED: ...`, as some publishers call their notices, whatever identifiers it has.
    """
    if not len(copies):
        return []
    record_of = dict(zip(listed["copy"], listed["record_id"], strict=True))
    said = _each(kinds.says, copies)
    at = [i for i, flag in enumerate(said) if flag]
    rows = copies.iloc[at].to_dict("records")
    notices = [(record_of[names[i]], said[i], row) for i, row in zip(at, rows, strict=True)]
    if not notices:
        return []
    of_notices = {record for record, _, row in notices if not _is_copy(row)}
    called: dict[str, list[dict[Any, Any]]] = {}
    of_reports = records[["record_id", "title", "year", "identifiers"]].to_dict("records")
    for row, kind in zip(of_reports, _each(kinds.kind, records), strict=True):
        if row["record_id"] in of_notices:
            continue
        title = _key(kinds.bare_title(row["title"])) if kind == kinds.REPORT else ""
        for name in {title, *row["identifiers"].split()} - {""}:
            called.setdefault(name, []).append(row)
    # A record is a report, and no notice, by one of its copies that tells nothing, or by its type.
    reports = {
        record_of[name]
        for name, flag, type_ in zip(names, said, copies["type"], strict=True)
        if not flag or "retracted publication" in type_.lower()
    }
    told = {
        (record, flag, report)
        for record, flag, row in notices
        for report in _reports(row, called, flag == kinds.FLAGS[0] and record not in reports)
        if report != record
    }
    return sorted(told)


def _each(tell: Callable[..., str], table: pd.DataFrame) -> list[str]:
    columns = [table[name] for name in ("title", "type", "doi", "journal")]
    return [tell(*fields) for fields in zip(*columns, strict=True)]


def _is_copy(row: Mapping[Any, Any]) -> bool:
    """Whether it is the report itself, by a title that says what became of it."""
    kind = kinds.kind(row["title"], row["type"], row["doi"], row["journal"])
    named = kinds.bare_title(row["title"]) != row["title"]
    return named and kind not in (kinds.NOTICE, kinds.CONCERN)


def _key(title: str) -> str:
    """The title as it is compared; "" where it tells too little."""
    key = normalise.title_key(title)
    return f"title of {key}" if len(key) >= (_TELLING if key.isascii() else 8) else ""


def _reports(
    notice: Mapping[Any, Any], called: Mapping[str, list[dict]], of_any: bool
) -> Iterator[str]:
    """`of_any`: whether what says so of itself, `RETRACTED: ...`, may be the notice on another."""
    # ASSUME: a copy called `WITHDRAWN: ...` is of another text, a preprint or one in press, beside
    # which the article stands; what is retracted was published.
    own = set(identity.identifiers(notice))
    dois = {f"doi:{doi}" for doi in normalise.dois(notice["note"])} - own
    pmids = {f"pmid:{number}" for number in _PMID.findall(notice["note"])} - own
    is_copy = _is_copy(notice)
    if is_copy:  # under the identifiers of the report, if it has some
        dois = {name for name in own if name.startswith("doi:")}
        pmids = {name for name in own if name.startswith("pmid:")}
    if by_name := [row["record_id"] for name in dois | pmids for row in called.get(name, ())]:
        yield from by_name
        if not (is_copy and of_any):
            return
    for title in kinds.about(notice["title"]):
        for row in called.get(_key(title), ()):
            theirs = row["identifiers"].split()
            of_another = not (is_copy and of_any) and any(
                names and any(name.startswith(prefix) for name in theirs)
                for names, prefix in ((dois, "doi:"), (pmids, "pmid:"))
            )
            years = row["year"][:4], notice["year"][:4]
            if not of_another and not (all(map(str.isdigit, years)) and years[0] > years[1]):
                yield row["record_id"]
