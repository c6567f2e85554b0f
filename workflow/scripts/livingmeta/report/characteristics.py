"""The studies: their characteristics, and how their risk of bias was judged."""

from typing import Any

import pandas as pd

from livingmeta.analyses import slug
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.checks import problem
from livingmeta.extraction.checks.study import starts
from livingmeta.judgement import assessments, tools
from livingmeta.plan import Protocol
from livingmeta.report import inline, table_numbers
from livingmeta.words import english, inspect_sr
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers

STATUS = {
    "included": "included",
    "awaiting": "awaiting classification",
    "excluded": "excluded",
    "not-screened": "not screened",
}
UNSETTLED = {assessments.CONFLICT: "assessors differ", assessments.MISSING: "not judged"}
SHOWN = ("included", "awaiting")
SUPPORT = {"funding": "Funding", "interests": "Interests declared"}  # columns of studies.csv
# ASSUME: a column that fewer than one study in three says anything in is a list beneath the table,
# not a column of it: on paper it would be blank but for a line here and there.
SPARSE = 1 / 3


def table(asked: Protocol, tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict:
    """Columns and rows of the table of characteristics, included studies first.

    Excluded and unscreened studies are left out unless one of them gives an effect. A cell is
    {"id": ...} where it is a registered number, else {"text": ...}. Where a study says from when
    its arms are counted, that is the last column, with {"flag": ...} where they differ. A column
    in which no study shown says anything is left out, and named in `unsaid`; of one in which fewer
    than `SPARSE` do, `sparse` has the `head`, the number of studies that say something, as the id
    `said`, and their `values`. `support`: who paid for each study and what its authors declare.
    """
    studies = tables["studies"]
    used = set(tables["effects"]["study_id"])
    shown = studies[studies["status"].isin(SHOWN) | studies["study_id"].isin(used)]
    columns = [c for c in asked.report.characteristics if _says(shown, c)]
    unsaid = [english.within(_head(c)) for c in asked.report.characteristics if c not in columns]
    arms = {name: arm.label for name, arm in asked.arms.items()}
    said = any(any(starts(study).values()) for study in as_dicts(shown))
    rows = []
    for study in as_dicts(shown):
        reports = str(study.get("records") or "").split()
        rows.append(
            {
                "label": study["label"],
                "status": STATUS.get(study["status"], study["status"]),
                "waiting": study["status"] == "awaiting",
                "cells": [
                    *(_cell(study, column, numbers) for column in columns),
                    *([_counted_from(study, arms)] if said else []),
                ],
                "addresses": [(r, inline.record_address(r)) for r in reports],
            }
        )
    heads = [*map(_head, columns), *["Counted from"] * said]
    order = list(STATUS.values())
    rows.sort(key=lambda row: order.index(row["status"]) if row["status"] in order else 9)
    counts = pd.Series([row["status"] for row in rows], dtype=object).value_counts()
    for status in order:
        id_, source = (
            f"studies/count/{status.split()[0]}",
            [table_numbers.STUDIES, table_numbers.DECISIONS],
        )
        numbers.add(id_, int(counts.get(status, 0)), "count", "studies", source, status)
    heads, sparse = _without_sparse(heads, rows, numbers)
    return {
        "columns": heads,
        "rows": rows,
        "unsaid": unsaid,
        "sparse": sparse,
        "support": _support(shown),
    }


def _without_sparse(
    heads: list[str], rows: list[dict], numbers: Numbers
) -> tuple[list[str], list[dict]]:
    """The heads that stay, and what the others hold; their cells are taken out of `rows`."""
    numbers.add("studies/shown", len(rows), "count", "studies", [table_numbers.STUDIES], "shown")
    stay, sparse = [], []
    for index, head in enumerate(heads):
        of = [(row["label"], row["cells"][index]) for row in rows]
        values = [{"label": label, "cell": cell} for label, cell in of if cell.get("text") != ""]
        if len(values) >= SPARSE * len(rows):
            stay.append(index)
            continue
        id_ = f"studies/said/{slug(head)}"
        what = f"studies that say something of: {english.within(head)}"
        numbers.add(id_, len(values), "count", "studies", [table_numbers.STUDIES], what)
        sparse.append({"head": head, "said": id_, "values": values})
    for row in rows:
        row["cells"] = [row["cells"][index] for index in stay]
    return [heads[index] for index in stay], sparse


def _head(column: str) -> str:
    return "Patients" if column == "n" else english.heading(column)


def _says(shown: pd.DataFrame, column: str) -> bool:
    """Whether a study says something in this column."""
    return column in shown and not shown[column].map(missing).all()


def _support(shown: pd.DataFrame) -> dict[str, Any]:
    """Who paid for each study, and the interests that its authors declare: the `columns` in which
    studies.csv says anything with their `heads`, the `unsaid`, and `rows` of texts; no row where it
    says nothing of either."""
    columns = [column for column in SUPPORT if _says(shown, column)]
    rows = [
        {"label": row["label"]} | {c: "" if missing(row.get(c)) else str(row[c]) for c in columns}
        for row in as_dicts(shown)
    ]
    unsaid = [column for column in SUPPORT if column not in columns]
    heads = [SUPPORT[column] for column in columns]
    return {"columns": columns, "heads": heads, "unsaid": unsaid, "rows": rows if columns else []}


def _cell(study: dict, column: str, numbers: Numbers) -> dict:
    id_ = f"studies/{study['study_id']}/{column}"
    if id_ in numbers:
        return {"id": id_}
    value = study[column]
    return {"text": "" if missing(value) else str(value)}


def _counted_from(study: dict, arms: dict[str, str]) -> dict:
    """Time zero of a study's arms; where they differ, the time between is immortal."""
    told = {arms.get(arm, arm): start for arm, start in starts(study).items() if start}
    if len({start.casefold() for start in told.values()}) > 1:
        text = "; ".join(f"{arm}: {start}" for arm, start in told.items())
        return {"text": text, "flag": "different starts (immortal time)"}
    return {"text": next(iter(told.values()), "")}


def trust(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict[str, Any]:
    """What was found for INSPECT-SR: its domains, and for each study of which something was found
    the texts of each domain; what is left to people, by domain."""
    table = tables["inspect_sr"]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    keys = dict.fromkeys(tables["problems"]["problem_id"])
    raised = problem.each(tables["problems"])
    message = {key: each.message for key, (_, each) in zip(keys, raised, strict=True)}
    rows = []
    for study, mine in table.groupby("study_id", sort=False):
        cells: dict[int, list[Any]] = {domain: [] for domain in inspect_sr.DOMAINS}
        for i, row in enumerate(as_dicts(mine)):
            said = inspect_sr.said(row, message.get(row["source"], ""))
            key = f"trust/{study}/{i}"
            found = with_numbers(numbers, key, said, [table_numbers.STUDIES])
            cells[int(row["domain"])].append(
                {"asked": inspect_sr.LABELS[row["check"]], "said": found}
            )
        rows.append({"label": labels.get(study, study), "cells": list(cells.values())})
    return {
        "domains": list(inspect_sr.DOMAINS.values()),
        "studies": rows,
        "left": inspect_sr.left_to_people(),
    }


def contacts(tables: dict[str, pd.DataFrame], numbers: Numbers) -> list[dict[str, str]]:
    """What authors were asked for, and what came, in words; their number is registered."""
    table = tables["contacts"]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    answered = int((table["answered_on"] != "").sum())
    for name, count, what in (
        ("contacts", len(table), "questions put to authors"),
        ("contacts/answered", answered, "questions that authors answered"),
    ):
        numbers.add(name, count, "count", "", [table_numbers.CONTACTS], what)
    return [
        {str(column): "" if missing(cell) else str(cell) for column, cell in row.items()}
        | {"label": labels.get(row["study_id"], row["study_id"])}
        | {day: english.date(row[day]) if row[day] else "" for day in ("asked_on", "answered_on")}
        for row in as_dicts(table)
    ]


def risk_of_bias(tables: dict[str, pd.DataFrame], outcomes: dict[str, str]) -> list[dict]:
    """One entry a tool and result: its domains and, for each study, the judgement of each, as
    {"said", "light", "support"}; `outcomes`: what a result is of, by key, in words."""
    judged = tables.get("risk_of_bias")
    if judged is None or judged.empty:
        return []
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    found = []
    for (name, outcome), rows in judged.groupby(["tool", "outcome"], sort=False):
        tool = tools.every()[str(name)]
        own = [*tool.domains, tool.domain(tools.OVERALL)]
        domains = [domain for domain in own if domain.id in set(rows["domain"])]
        studies = []
        for study, mine in rows.groupby("study_id", sort=False):
            by_domain = {row["domain"]: row for row in as_dicts(mine)}
            cells = [_judgement(tool, by_domain.get(domain.id)) for domain in domains]
            studies.append({"label": labels.get(study, study), "cells": cells})
        found.append(
            {
                "tool": tool.name,
                "source": tool.source,
                "of": outcomes.get(str(outcome), str(outcome)),
                "domains": [domain.short for domain in domains],
                "studies": studies,
            }
        )
    return found


def _judgement(tool: tools.Tool, row: dict[Any, Any] | None) -> dict[str, str]:
    """A judgement with its sign, so that nobody needs the colour."""
    if row is None:
        return {"said": "–", "light": "", "support": ""}
    light = tool.light(row["light"])
    said = row["judgement"]
    if not missing(row["score"]) and not said:
        said = f"{row['score']:g} of {row['maximum']:g}"
    said = UNSETTLED.get(row["state"], said)
    said = f"{light.sign} {said}" if light else said
    support = row["said"] if row["state"] == assessments.CONFLICT else row["support"]
    return {"said": said, "light": row["light"], "support": support}
