"""What stands in a new workbook: today's values, what was typed into the old one, and a row to be
filled in for everything that the protocol asks of an included study."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.cells import cell, reader
from livingmeta.extraction.workbook import form, layout
from livingmeta.extraction.workbook.form import Wide
from livingmeta.extraction.workbook.read import AT, GIVEN, Book
from livingmeta.plan import Outcome, Synthesis

OVERALL = "overall"


@dataclass
class Content:
    """Rows by sheet: of those with arms side by side as Wide, without the sheets that no outcome
    needs, and of the others as text by column."""

    wide: dict[str, list[Wide]] = field(default_factory=dict)
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def content(
    csv: Mapping[str, list[dict[str, str]]],
    book: Book,
    included: Iterable[str],
    outcomes: Mapping[str, Outcome],
    syntheses: Mapping[str, Synthesis],
    courses: Mapping[str, Synthesis],
) -> Content:
    """What a workbook is to hold.

    `csv`: rows of the CSV files as text, by sheet, of printed numbers under OTHER; `book`: what the
    old workbook holds; `included`: studies to be filled in; `outcomes`, `syntheses`, `courses`: the
    protocol's. What the old workbook says of a cell stays; of other cells the CSV files' values are
    filled in.
    """
    found = Content()
    for sheet in (layout.STUDIES, layout.BIAS, layout.CERTAINTY):
        found.tables[sheet] = _filled(csv.get(sheet, []), book, sheet)
    studies = [row["study_id"] for row in found.tables[layout.STUDIES]]
    asked = [study for study in studies if study in set(included)]
    _to_judge(found, asked, syntheses)
    rows = _printed(csv.get(layout.OTHER, []), book.rows.get(layout.OTHER, []))
    single = _of_single_arms([*syntheses.values(), *courses.values()])
    wanted = [(one.outcome, tables.text(one.time)) for one in syntheses.values()]
    wanted += [(one.outcome, "") for one in courses.values()]  # of every time that is printed
    by_sheet: dict[str, list[dict[str, str]]] = {sheet: [] for sheet in (*layout.FORMS, "")}
    for row in rows:
        of = outcomes.get(row["outcome"])
        sheet = layout.sheet_of(of.kind, row["outcome"] in single) if of else ""
        by_sheet[sheet if sheet and form.fits(row, sheet) else ""].append(row)
    found.tables[layout.OTHER] = by_sheet.pop("")
    sheet_of = {name: layout.sheet_of(of.kind, name in single) for name, of in outcomes.items()}
    for sheet, held in by_sheet.items():
        wide = form.widen(held)
        wide += _unfilled(book.unfilled.get(sheet, []), wide, sheet)
        mine = [one for one in wanted if sheet_of[one[0]] == sheet]
        wide += _asked(wide, asked, mine)
        if not wide and sheet not in sheet_of.values():
            continue
        order = {s: {k: i for i, k in enumerate(k)} for s, k in _orders(studies, outcomes).items()}
        found.wide[sheet] = sorted(wide, key=lambda one: _place(one, order))
    return found


def _orders(studies: list[str], outcomes: Mapping[str, Outcome]) -> dict[str, list[str]]:
    return {"study_id": studies, "outcome": list(outcomes)}


def _place(wide: Wide, order: Mapping[str, Mapping[str, int]]) -> tuple:
    names = (order[c].get(wide.once[c], len(order[c])) for c in ("study_id", "outcome"))
    time = wide.once["time"]  # of a row that is not filled in as somebody typed it
    return (*names, float(time) if re.fullmatch(r"\d+(\.\d+)?", time) else -1.0)


def _of_single_arms(syntheses: Iterable[Synthesis]) -> set[str]:
    """Outcomes that are asked of single arms and of no two."""
    arms = [(one.outcome, len(one.arms)) for one in syntheses]
    return {name for name, _ in arms} - {name for name, many in arms if many > 1}


def _filled(csv: list[dict[str, str]], book: Book, sheet: str) -> list[dict[str, str]]:
    """Rows of a table: the old workbook's cells, and where it has none the CSV's."""
    key = layout.KEYS[sheet]
    of: dict[tuple, dict[str, str]] = {}
    for row in csv:
        of.setdefault(tuple(row[name] for name in key), dict(row))
    for row in [*book.rows.get(sheet, []), *_not_yet(book, sheet, of)]:
        one = of.setdefault(tuple(row.get(name, "") for name in key), {})
        one |= {c: text for c, text in row.items() if c != AT and (text or c not in one)}
    return list(of.values())


def _not_yet(book: Book, sheet: str, csv: Iterable[tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Rows of the old workbook without a judgement, but for those that say nothing of their own and
    that somebody has judged since, or that name no tool: these are proposed again if needed."""
    rows = [tuple(row.get(c, "") for c in layout.KEYS[sheet]) for row in book.rows.get(sheet, [])]
    judged = {place[:4] for place in (*csv, *rows)} if sheet == layout.BIAS else set()
    for row in book.unfilled.get(sheet, []):
        place = tuple(row.get(c, "") for c in layout.KEYS[sheet])
        own = any(text for c, text in row.items() if c not in GIVEN[sheet][:4])
        bare = sheet == layout.BIAS and not row.get("tool")
        if own or not (bare or place[:4] in judged):
            yield row


def _printed(csv: list[dict[str, str]], own: list[dict[str, str]]) -> list[dict[str, str]]:
    """Printed numbers of the old workbook, and of the CSV those whose cell it does not hold."""
    columns = dict.fromkeys(tables.columns("data/outcomes"))
    columns |= dict.fromkeys(c for row in (*own, *csv) for c in row if c != AT)
    held = {_cell(row) for row in own}
    kept = [*own, *(row for row in csv if _cell(row) not in held)]
    return [{column: row.get(column, "") for column in columns} for row in kept]


def _cell(row: Mapping[str, str]) -> tuple[str, ...]:
    return (*cell(row), row.get("time", ""), row.get("time_unit", ""), reader(row))


def _moment(once: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(once.get(column, "") for column in ("study_id", "outcome", "time"))


def _unfilled(rows: list[dict[str, str]], filled: list[Wide], sheet: str) -> list[Wide]:
    """Rows of the old workbook without a number: all that say something of their own, the others
    where nothing has been filled in since."""
    held = {_moment(one.once) for one in filled}
    blank = dict.fromkeys(layout.ONCE, "")
    found: dict[tuple, Wide] = {}
    for row in rows:
        own = any(text for c, text in row.items() if c not in GIVEN[sheet][:3])
        if own or _moment(row) not in held:
            found.setdefault(tuple(sorted(row.items())), Wide({**blank, **row}))
    return list(found.values())


def _asked(there: list[Wide], studies: list[str], wanted: Iterable[tuple[str, str]]) -> list[Wide]:
    """A row for each study and each `wanted` outcome and time, unless there is one."""
    held = {_moment(one.once) for one in there}
    any_time = {moment[:2] for moment in held}
    found = []
    for study in studies:
        for name, time in wanted:
            moment = (study, name, time)
            if moment in held or (not time and moment[:2] in any_time):
                continue
            held.add(moment)
            any_time.add(moment[:2])
            named = dict(zip(("study_id", "outcome", "time"), moment, strict=True))
            found.append(Wide({**dict.fromkeys(layout.ONCE, ""), **named}))
    return found


def _to_judge(found: Content, studies: list[str], syntheses: Mapping[str, Synthesis]) -> None:
    """Rows for what is still to be judged: risk of bias by the tools and domains in use, certainty
    overall."""
    bias, sure = found.tables[layout.BIAS], found.tables[layout.CERTAINTY]
    what = ("outcome", "tool", "domain")
    used = list(dict.fromkeys(tuple(r.get(c, "") for c in what) for r in bias if r.get("tool")))
    judged = {tuple(row.get(c, "") for c in ("study_id", *what)) for row in bias}
    for study in studies:
        for of in used or [("", "", OVERALL)]:
            if (study, *of) not in judged:
                bias.append({"study_id": study, **dict(zip(what, of, strict=True))})
    has = {(row["synthesis"], row["domain"]) for row in sure}
    for synthesis in syntheses:
        if (synthesis, OVERALL) not in has:
            sure.append({"synthesis": synthesis, "domain": OVERALL})


def proposed(
    included: pd.DataFrame, records: pd.DataFrame, studies: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Rows of studies for included reports that no study names: a name of first author and year.

    `included`, `records`: as in screening/included and screening/records; `studies`: those that
    have a row already, whose names differ in more than case from those proposed.
    """
    of = records.set_index("record_id")
    taken = {_plain(row["study_id"]) for row in studies}
    held = {name for row in studies for name in row["records"].split()}
    found = []
    for report in included[included["study_id"] == ""]["record_id"]:
        if report in held:
            continue
        author = str(of.at[report, "authors"]).partition(";")[0].partition(",")[0].strip()
        year = tables.text(of.at[report, "year"])
        family = author or "study"
        name, n = _plain(f"{family} {year}") or "study", 1
        while (own := name if n == 1 else f"{name}-{n}") in taken:
            n += 1
        taken.add(own)
        year = year if re.fullmatch(r"\d{4}", year) else ""
        label = f"{family} {year}".strip()
        found.append({"study_id": own, "records": report, "label": label, "year": year})
    return found


def _plain(name: str) -> str:
    """A name as a study_id may be written: letters, digits, hyphens."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")
