"""What waits for a person: one list, from the tables of all stages.

The end of a run, a batch and the report read this list and count nothing themselves. FINDERS has a
function for each kind of words/settling.py.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.checks import problem
from livingmeta.extraction.settled import Clash, clashes, content
from livingmeta.words import english, guard_rails, settling

# Tables that people may bring, and folders in which every file is read. A file beside them is read
# by nobody. README files are for people.
READ = (
    *(settling.DECISIONS, "data/raw/screening/duplicates.csv", settling.STUDIES),
    *(settling.OUTCOMES, settling.RISK_OF_BIAS, settling.CERTAINTY),
)
READ_WHOLE = ("data/raw/searches", "data/raw/screening/asreview", "data/raw/extraction/curves")
STRATEGIES = "data/raw/searches/strategies"
# Guard rails that say that something planned was not done: for want of data, or of studies.
NOT_DONE = (
    *("no-study", "no-column-for-groups", "no-column-for-subgroups", "no-column-for-regression"),
    *("not-reported", "method-not-done", "bias-test-not-made", "regression-not-done"),
)
HELD_BACK = ("subgroups-held-back", "subgroup-test-not-made", "regression-held-back")
# What of a row may be read differently; a value without its p is a p alone.
READ_OFF = ("value", "p_value", "n", "ci_low", "ci_high", "ci_level", "se", "sd")

Tables = Mapping[str, pd.DataFrame]


class Item(NamedTuple):
    """One thing that waits: where it stands, and the facts that its words need."""

    facts: dict[str, Any]
    study_id: str = ""
    record: str = ""
    file: str = ""
    rows: str = ""


def everything(found: Tables, brought: Iterable[str]) -> pd.DataFrame:
    """What waits for people, in the columns of to_settle.csv and the order of the kinds.

    `found`: tables of results/ by name, as workflow/scripts/settle.py reads them; `brought`: every
    file under data/raw, by its path from the review's folder.
    """
    finders = FINDERS | {"unread-file": lambda t: unread(brought, t["searches"])}
    rows = []
    for kind in settling.KINDS:
        for item in finders[kind.code](found):
            place = item._asdict()
            rows.append(settling.phrase(kind.code, place.pop("facts")) | place)
    return pd.DataFrame(rows, columns=tables.columns("to_settle"), dtype=object)


def awaiting(found: Tables) -> Iterator[Item]:
    """Records on which votes are missing, or of which more must be read."""
    for row in _rows(found["awaiting"]):
        facts = {"stage": settling.STAGES[row["stage"]], "state": settling.STATES[row["state"]]}
        yield Item(facts, record=row["record_id"], file=settling.DECISIONS)


def conflicts(found: Tables) -> Iterator[Item]:
    """Records on which the reviewers differ."""
    for row in _rows(found["conflicts"]):
        facts = {"stage": settling.STAGES[row["stage"]], "votes": row["votes"]}
        yield Item(facts, record=row["record_id"], file=settling.DECISIONS)


def unmatched(found: Tables) -> Iterator[Item]:
    """Decisions on what no export holds."""
    for row in _rows(found["unmatched"]):
        facts = {
            "stage": settling.STAGES[row["stage"]],
            "reviewer": row["reviewer"],
            "decision": row["decision"],
            "perhaps": settling.perhaps(row["perhaps"]),
        }
        yield Item(facts, record=row["record"], file=settling.DECISIONS, rows=str(row["row"]))


def doubtful(found: Tables) -> Iterator[Item]:
    """Pairs of records that may be one report."""
    for row in _rows(found["doubtful"]):
        facts = {"other": row["duplicate_of"], "rule": row["rule"]}
        yield Item(facts, record=row["record_id"], file="data/raw/screening/duplicates.csv")


def rejects(found: Tables) -> Iterator[Item]:
    """Pieces of exports that could not be read as records."""
    for row in _rows(found["rejects"]):
        yield Item({"reason": row["reason"]}, file=_export(row["file"]), rows=str(row["line"]))


def hits(found: Tables) -> Iterator[Item]:
    """Exports that hold more or fewer records than the database said."""
    for row in _rows(found["searches"]):
        number = row["read"] + row["rejected"]
        if row["hits"] != "" and row["hits"] != number:
            yield Item({"hits": row["hits"], "found": number}, file=_export(row["file"]))


def unnamed(found: Tables) -> Iterator[Item]:
    """Exports that searches.csv does not name."""
    for row in _rows(found["searches"]):
        if row["searched_on"] == "":
            yield Item({}, file=_export(row["file"]))


def unread(brought: Iterable[str], searches: pd.DataFrame) -> Iterator[Item]:
    """Files of data/raw that no stage reads; of a folder in which nothing is read, the folder."""
    known = {*READ, *(_export(name) for name in searches["strategy"] if name)}
    folders = {PurePosixPath(path).parent for path in READ}
    said = set()
    for path in map(PurePosixPath, sorted(map(str, brought))):
        name, within = path.as_posix(), {parent.as_posix() for parent in path.parents}
        if name in known or path.name.upper().startswith("README"):
            continue
        if STRATEGIES not in within and within & set(READ_WHOLE):
            continue
        alone = path.parent in folders or path.parent.as_posix() in (STRATEGIES, "data/raw")
        place = path if alone else path.parent
        if place not in said:
            said.add(place)
            near = difflib.get_close_matches(name, READ, n=1, cutoff=0.9) if alone else []
            near = [other for other in near if other not in set(map(str, brought))]
            yield Item({"perhaps": settling.perhaps(*near or [""])}, file=place.as_posix())


def retracted(found: Tables) -> Iterator[Item]:
    """Included reports that an export marks as retracted or withdrawn."""
    included = set(found["included"]["record_id"])
    for row in _rows(found["records"]):
        if row["flag"] in ("retracted", "withdrawn") and row["record_id"] in included:
            yield Item({"flag": row["flag"]}, record=row["record_id"], file=settling.DECISIONS)


def without_study(found: Tables) -> Iterator[Item]:
    """Included reports that no study names."""
    for row in _rows(found["included"]):
        if not row["study_id"]:
            yield Item({}, record=row["record_id"], file=settling.STUDIES)


def not_screened(found: Tables) -> Iterator[Item]:
    """Studies none of whose reports is a record that anybody decides on."""
    for row in _rows(found["studies"]):
        if row["status"] == "not-screened":
            yield Item({}, study_id=row["study_id"], file=settling.STUDIES)


def printed_twice(found: Tables) -> Iterator[Item]:
    """Cells of outcomes.csv to which one extractor gives two values, unless a synthesis uses all
    of them as several effects of a study, and none has left them out."""
    used = found["used"][found["used"]["used"].astype(bool)]
    # Of what two extractors read alike the row of one is used.
    says = {int(row["row"]): content(row) for row in _rows(found["outcomes"])}
    together = [
        {says.get(int(row)) for row in rows.dropna()}
        for _, rows in used.groupby(["synthesis", "study_id"])["row"]
    ]
    waiting = [*found["unusable"]["reason"], *found["effects"]["assumed"].dropna()]
    for clash in _clashes(found, "printed-twice"):
        rows = {says[int(record["row"])] for record in clash.records}
        left_out = any(clash.words in said for said in waiting)
        if left_out or not any(rows <= mine for mine in together):
            yield _of_cell(list(clash.records), by=False)


def extractors_differ(found: Tables) -> Iterator[Item]:
    """Cells that two extractors read differently, where no consensus says which it is."""
    for clash in _clashes(found, "conflict-of-extractors"):
        yield _of_cell(list(clash.records), by=True)


def misfits(found: Tables) -> Iterator[Item]:
    """What the checks of extraction hold to be impossible or unlikely, errors before warnings."""
    for study, each in sorted(problem.each(found["problems"]), key=lambda one: one[1].severity):
        if each.severity != "note":
            facts = {"severity": each.severity, "check": each.check, "message": each.message}
            facts["beside"] = settling.beside(each.value, each.expected)
            rows = ", ".join(map(str, each.rows))
            file = settling.OUTCOMES if each.rows else settling.STUDIES
            yield Item(facts, study_id=study, file=file, rows=rows)


def routes_apart(found: Tables) -> Iterator[Item]:
    """Routes of one study that lead to different places."""
    for row in _rows(found["disagreements"]):
        facts = {"synthesis": row["synthesis"], "message": row["message"]}
        yield Item(facts, study_id=row["study_id"], file=settling.OUTCOMES)


def of_parts(found: Tables) -> Iterator[Item]:
    """Studies of which parts alone are printed, and nothing says which of them counts."""
    for row in _rows(found["unusable"]):
        _, undecided, parts = row["reason"].partition(settling.ONLY_OF_PARTS)
        if undecided:
            place = {"study_id": row["study_id"], "file": settling.OUTCOMES}
            rows = dict.fromkeys(re.findall(r"\(row (\d+)", parts))
            facts = {"synthesis": row["synthesis"], "parts": parts}
            yield Item(facts, **place, rows=", ".join(rows))


def clusters_left_out(found: Tables) -> Iterator[Item]:
    """Cluster trials of which neither the print nor studies.csv tells what clusters do."""
    return _of_designs(found, settling.AS_PRINTED)


def pairs_left_out(found: Tables) -> Iterator[Item]:
    """Crossover and paired studies whose effects are as of parallel arms."""
    return _of_designs(found, settling.AS_PARALLEL)


def _of_designs(found: Tables, said: str) -> Iterator[Item]:
    """Studies by what their effects leave out of account, with the syntheses."""
    why: dict[tuple[str, str], list[str]] = {}
    for row in _rows(found["effects"]):
        for text in row["assumed"].split("; "):
            if text.startswith(said):
                why.setdefault((row["study_id"], text), []).append(row["synthesis"])
    for (study, text), names in why.items():
        facts = {"syntheses": ", ".join(dict.fromkeys(names)), "why": text}
        yield Item(facts, study_id=study, file=settling.STUDIES)


def without_effect(found: Tables) -> Iterator[Item]:
    """Included studies that give an effect to no synthesis."""
    has = set(found["effects"]["study_id"])
    why: dict[str, dict[str, list[str]]] = {}
    for row in _rows(found["unusable"]):
        reasons = why.setdefault(row["study_id"], {})
        reasons.setdefault(row["reason"], []).append(row["synthesis"])
    printed = _grouped(_rows(found["outcomes"]), "study_id")
    for row in _rows(found["studies"]):
        study = row["study_id"]
        if row["status"] == "included" and study not in has:
            facts = {"reasons": settling.without_effect(why.get(study, {}))}
            rows = _numbers(printed.get(study, []))
            yield Item(facts, study_id=study, file=settling.OUTCOMES, rows=rows)


def not_done(found: Tables) -> Iterator[Item]:
    """Planned analyses for which something is missing."""
    return _rails(found["decisions"], NOT_DONE)


def held_back(found: Tables) -> Iterator[Item]:
    """Planned analyses for which there are too few studies."""
    return _rails(found["decisions"], HELD_BACK)


def without_bias(found: Tables) -> Iterator[Item]:
    """Included studies whose risk of bias nobody has judged."""
    judged = set(found["risk_of_bias"]["study_id"])
    for row in _rows(found["studies"]):
        if row["status"] == "included" and row["study_id"] not in judged:
            yield Item({}, study_id=row["study_id"], file=settling.RISK_OF_BIAS)


def without_certainty(found: Tables) -> Iterator[Item]:
    """Syntheses with a result whose certainty nobody has judged."""
    judged = set(found["certainty"]["synthesis"])
    pooled = found["pooled"]
    for synthesis in dict.fromkeys(pooled["synthesis"][pooled["primary"].astype(bool)]):
        if synthesis not in judged:
            yield Item({"synthesis": synthesis}, file=settling.CERTAINTY)


def _rails(table: pd.DataFrame, rules: tuple[str, ...]) -> Iterator[Item]:
    """Each guard rail of these codes once, whatever models and subgroups it fired for."""
    said = set()
    for row in _rows(table):
        words = guard_rails.of_row(row, spelt=True)
        if row["rule"] in rules and (row["synthesis"], words) not in said:
            said.add((row["synthesis"], words))
            yield Item({"synthesis": row["synthesis"], **words._asdict()}, file=settling.PROTOCOL)


def _clashes(found: Tables, kind: str) -> Iterator[Clash]:
    """Cells with two values of one kind, from which no number is taken."""
    return (clash for clash in clashes(_rows(found["outcomes"])) if clash.kind == kind)


def _differ(rows: list[dict]) -> list[str]:
    """In what the rows of one cell contradict one another: that which one leaves out is none."""
    return [
        column
        for column in READ_OFF
        if len({str(row[column]) for row in rows if row.get(column, "") != ""}) > 1
    ]


def _of_cell(rows: list[dict], *, by: bool) -> Item:
    """A cell with all that its rows say of it; `by`: and who read each."""
    beside = {"n": "of", "p_value": "p", "ci_level": "at", "extractor": "by"}
    beside |= {"se": "SE", "sd": "SD"}
    apart = [column for column in _differ(rows) if column in beside] + ["extractor"] * by
    kinds = {row["statistic"] for row in rows}
    # A mean shows its SD in any case.
    if len({settling.said_as(row) for row in rows}) > 1:
        apart += ["statistic", *(name for name in ("se", "sd") if name in kinds - {*apart})]
    said = english.listed(dict.fromkeys(" ".join(_shown(row, apart, beside)) for row in rows))
    place = {"study_id": rows[0]["study_id"], "file": settling.OUTCOMES, "rows": _numbers(rows)}
    return Item({"cell": settling.cell(rows[0]), "values": said}, **place)


def _shown(row: dict, apart: list[str], beside: dict[str, str]) -> Iterator[str]:
    """A row as printed, and what tells it `apart` from the others where that does not show it."""
    if "statistic" in apart:
        yield settling.said_as(row)
    yield row["printed"]
    for column in apart:
        # An SD is mostly part of what is printed.
        if column in beside and row[column] != "" and not row["printed"].count(column.upper()):
            yield f"{beside[column]} {tables.text(row[column])}"


def _numbers(rows: list[dict]) -> str:
    return ", ".join(str(row["row"]) for row in rows)


def _grouped(rows: list[dict], column: str) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _export(file: str) -> str:
    return f"{PurePosixPath(settling.SEARCHES).parent}/{file}"


def _rows(table: pd.DataFrame) -> list[dict]:
    """The rows of a table with empty text where pandas holds nothing."""
    filled = table.astype(object).where(table.notna(), "")
    return filled.to_dict("records")


FINDERS: dict[str, Callable[[Tables], Iterator[Item]]] = {
    "undecided-record": awaiting,
    "conflict-of-reviewers": conflicts,
    "decision-without-record": unmatched,
    "doubtful-duplicate": doubtful,
    "rejected-entry": rejects,
    "hits-unlike-records": hits,
    "unnamed-export": unnamed,
    "retracted-report": retracted,
    "report-without-study": without_study,
    "study-not-screened": not_screened,
    "printed-twice": printed_twice,
    "conflict-of-extractors": extractors_differ,
    "printed-misfit": misfits,
    "routes-disagree": routes_apart,
    "parts-undecided": of_parts,
    "clusters-not-accounted": clusters_left_out,
    "pairs-not-accounted": pairs_left_out,
    "study-without-effect": without_effect,
    "analysis-not-done": not_done,
    "analysis-held-back": held_back,
    "study-without-risk-of-bias": without_bias,
    "synthesis-without-certainty": without_certainty,
}
