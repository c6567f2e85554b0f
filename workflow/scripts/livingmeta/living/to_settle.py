"""What waits for a person: one list, from the tables of all stages.

The end of a run, a batch and the report read this list and count nothing themselves. FINDERS has a
function for each kind of words/settling.py.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from livingmeta import tables, taken
from livingmeta.extraction import places
from livingmeta.extraction.checks import problem
from livingmeta.extraction.settled import Clash, clashes, content
from livingmeta.living import (
    to_settle_judgement,
    to_settle_readings,
    to_settle_reports,
    to_settle_screening,
    to_settle_texts,
)
from livingmeta.living.waiting import Item, Tables, rows_of, where_it_stands
from livingmeta.living.without_effect import without_effect
from livingmeta.words import english, guard_rails, settling
from livingmeta.words.cells import qualified, said_as

# Guard rails that say that something planned was not done: for want of data, or of studies.
NOT_DONE = (
    *("no-study", "no-column-for-groups", "no-column-for-subgroups", "no-column-for-regression"),
    *("not-reported", "method-not-done", "bias-test-not-made", "regression-not-done"),
)
HELD_BACK = ("subgroups-held-back", "subgroup-test-not-made", "regression-held-back")
# What of a row may be read differently; a value without its p is a p alone.
READ_OFF = ("value", "p_value", "n", "ci_low", "ci_high", "ci_level", "se", "sd")

# The check of extraction that finds one arm in two studies: told where it counts in both.
IN_TWO_STUDIES = "one arm in two studies"


def everything(
    found: Tables,
    brought: Iterable[str],
    asked: Mapping[str, Mapping[str, Any]],
    joins: Mapping[str, Collection[str]],
    owed: Mapping[str, Collection[str]] | None = None,
    unsaid: Mapping[str, Sequence[dict[str, str]]] | None = None,
    named: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """What waits for people, in the columns of to_settle.csv and the order of the kinds.

    `found`: tables of results/ by name, as workflow/scripts/settle.py reads them; `brought`: every
    file under data/raw, by its path from the review's folder; `asked`: outcome and arms of each
    synthesis of the protocol; `joins`: the parts of its arms that are made of others; `owed`: the
    items that reporting checklists still want, by checklist; `unsaid`: what the protocol leaves
    unsaid (`taken.unsaid`); `named`: the values of studies.csv that each synthesis names.
    """
    finders = FINDERS | {
        "unread-file": lambda t: to_settle_screening.unread(brought, t["searches"]),
        "outcome-without-effect": lambda t: outcomes_without_effect(t, asked, joins),
        "value-of-no-study": lambda t: to_settle_readings.values_of_no_study(t, named or {}),
        "value-like-named": lambda t: to_settle_readings.values_like_named(t, named or {}),
        settling.OF_CHECKLISTS: lambda _: reporting_owed(owed or {}),
        taken.DIRECTION: lambda _: left_unsaid(unsaid or {}, taken.DIRECTION),
        taken.UNLIKE_LABEL: lambda _: left_unsaid(unsaid or {}, taken.UNLIKE_LABEL),
        taken.TIME_UNIT: lambda _: left_unsaid(unsaid or {}, taken.TIME_UNIT),
    }
    brought = set(map(str, brought))
    rows = []
    for kind in settling.KINDS:
        for item in finders[kind.code](found):
            place = item._asdict()
            words = settling.phrase(kind.code, place.pop("facts"))
            rows.append(where_it_stands(words | place, brought))
    return pd.DataFrame(rows, columns=tables.columns("to_settle"), dtype=object)


def reporting_owed(owed: Mapping[str, Collection[str]]) -> Iterator[Item]:
    """What reporting checklists still want: one thing, however many items there are."""
    if owed:
        said = (
            f"{name}, {english.plural(len(n), 'item')} {', '.join(n)}" for name, n in owed.items()
        )
        yield Item({"items": "; ".join(said)}, file=settling.CHECKLISTS)


def left_unsaid(unsaid: Mapping[str, Sequence[dict[str, str]]], kind: str) -> Iterator[Item]:
    """What the protocol leaves unsaid that decides a direction or a unit."""
    return (Item(dict(facts), file=settling.PROTOCOL) for facts in unsaid.get(kind, ()))


def printed_twice(found: Tables) -> Iterator[Item]:
    """Cells of outcomes.csv to which one extractor gives two values, unless a synthesis uses all
    of them as several effects of a study, and none has left them out."""
    used = found["used"][found["used"]["used"].astype(bool)]
    # Of what two extractors read alike the row of one is used.
    says = {int(row["row"]): content(row) for row in rows_of(found["outcomes"])}
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
        yield _of_cell(list(clash.records), by=True, apart=clash.apart)


def misfits(found: Tables) -> Iterator[Item]:
    """What the checks of extraction hold to be impossible or unlikely, errors before warnings."""
    for study, each in sorted(problem.each(found["problems"]), key=lambda one: one[1].severity):
        if each.severity != "note" and each.check != IN_TWO_STUDIES:
            facts = {"severity": each.severity, "check": each.check, "message": each.message}
            facts["beside"] = settling.beside(each.value, each.expected)
            where = _where(found, each.rows) if each.rows else {"file": settling.STUDIES}
            yield Item(facts, study_id=study, **where)


def routes_apart(found: Tables) -> Iterator[Item]:
    """Routes of one study that lead to different places."""
    for row in rows_of(found["disagreements"]):
        facts = {"synthesis": row["synthesis"], "message": row["message"]}
        printed = (r for r in rows_of(found["outcomes"]) if r["study_id"] == row["study_id"])
        file = places.together(printed).file
        yield Item(facts, study_id=row["study_id"], file=file)


def of_parts(found: Tables) -> Iterator[Item]:
    """Studies of which parts alone are printed, and nothing says which of them counts."""
    for row in rows_of(found["unusable"]):
        _, undecided, parts = row["reason"].partition(settling.ONLY_OF_PARTS)
        if undecided:
            facts = {"synthesis": row["synthesis"], "parts": parts}
            yield Item(facts, study_id=row["study_id"], **_told(found, parts))


def shared_arms(found: Tables) -> Iterator[Item]:
    """Arms that stand in two studies, unless the syntheses of both count it once; and those that a
    synthesis cannot count once."""
    study_of = {int(row["row"]): row["study_id"] for row in rows_of(found["outcomes"])}
    for study, each in problem.each(found["problems"]):
        if each.check == IN_TWO_STUDIES:
            pair = sorted({study, *(study_of[row] for row in each.rows)})
            if not _counted_once(found, pair):
                facts = {"studies": " and ".join(pair), "what": settling.twice(each.message)}
                yield Item(facts, study_id=study, **_where(found, each.rows))
    said: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(found["unusable"]):
        _, shared, why = row["reason"].partition(settling.SHARED_ARM)
        if shared:
            said.setdefault((row["synthesis"], why), []).append(row["study_id"])
    for (synthesis, why), studies in said.items():
        trial, _, because = why.partition(": ")
        facts = {"studies": trial, "what": f"{synthesis}: {because}"}
        yield Item(facts, study_id=studies[0], **_told(found, because))


def _counted_once(found: Tables, pair: list[str]) -> bool:
    """Whether a synthesis counts the shared arm of two studies once, or neither of them, and none
    counts it twice."""
    effects = [row for row in rows_of(found["effects"]) if row["study_id"] in pair]
    said = (settling.COUNTED_WITH, settling.SHARED_ARM)  # of the latter there is a row already
    aside = [*rows_of(found["unusable"]), *rows_of(found["intervals"])]
    unusable = (row for row in aside if row["study_id"] in pair)
    once = any(row["reason"].startswith(said) for row in unusable)
    for rows in _grouped(effects, "synthesis").values():
        if len({row["study_id"] for row in rows}) > 1:
            if not all(settling.SHARED_OUT in row["assumed"] for row in rows):
                return False
            once = True
    # A curve has no effects: there the arm counts once where only one of the two is on it.
    usable = (r for r in rows_of(found["intervals"]) if r["study_id"] in pair and not r["reason"])
    curves = _grouped(list(usable), "synthesis")
    return once and all(len({row["study_id"] for row in rows}) == 1 for rows in curves.values())


def clusters_left_out(found: Tables) -> Iterator[Item]:
    """Cluster trials of which neither the print nor studies.csv tells what clusters do."""
    return _of_designs(found, settling.AS_PRINTED)


def pairs_left_out(found: Tables) -> Iterator[Item]:
    """Crossover and paired studies whose effects are as of parallel arms."""
    return _of_designs(found, settling.AS_PARALLEL)


def _of_designs(found: Tables, said: str) -> Iterator[Item]:
    """Studies by what their effects leave out of account, with the syntheses."""
    why: dict[tuple[str, str], list[str]] = {}
    for row in [*rows_of(found["effects"]), *rows_of(found["intervals"])]:
        for text in row["assumed"].split("; "):
            if text.startswith(said):
                why.setdefault((row["study_id"], text), []).append(row["synthesis"])
    for (study, text), names in why.items():
        facts = {"syntheses": ", ".join(dict.fromkeys(names)), "why": text}
        yield Item(facts, study_id=study, file=settling.STUDIES)


def of_no_effect(found: Tables) -> Iterator[Item]:
    """Included studies that give an effect to no synthesis, and no interval to a curve."""
    intervals = [row for row in rows_of(found["intervals"]) if row["reason"]]
    why: dict[str, dict[str, list[str]]] = {}
    for row in [*rows_of(found["unusable"]), *intervals]:
        reasons = why.setdefault(row["study_id"], {})
        reasons.setdefault(row["reason"], []).append(row["synthesis"])
    printed = _grouped(rows_of(found["outcomes"]), "study_id")
    for study in without_effect(found):
        facts = {"reasons": settling.without_effect(why.get(study, {}))}
        where = places.together(printed.get(study, []))._asdict()
        yield Item(facts, study_id=study, **where)


def outcomes_without_effect(
    found: Tables, asked: Mapping[str, Mapping[str, Any]], joins: Mapping[str, Collection[str]]
) -> Iterator[Item]:
    """Outcomes that an included study prints and gives no effect of, though it has the arms that
    the syntheses compare, and gives other effects: an arm or an SD was forgotten as likely as not.

    `asked`: outcome and arms of each synthesis; `joins`: the parts of each arm that has some.
    """
    has = {(row["study_id"], row["synthesis"]) for row in rows_of(found["effects"])}
    studies = {study for study, _ in has} & {
        row["study_id"] for row in rows_of(found["studies"]) if row["status"] == "included"
    }
    printed = _grouped(rows_of(found["outcomes"]), "study_id")
    why: dict[tuple, dict[str, list[str]]] = {}
    for row in rows_of(found["unusable"]):
        study, name, reason = row["study_id"], row["synthesis"], row["reason"]
        empty = row.get("empty") is True  # nobody or everybody had the event: nothing is missing
        if study in studies and name in asked and not empty and not _waits_elsewhere(row):
            key = (study, asked[name]["outcome"], tuple(asked[name]["arms"]))
            why.setdefault(key, {}).setdefault(reason, []).append(name)
    for (study, outcome, arms), reasons in why.items():
        alike = {n for n, a in asked.items() if (a["outcome"], tuple(a["arms"])) == (outcome, arms)}
        rows = [r for r in printed.get(study, []) if r["outcome"] == outcome]
        own = {arm for r in printed.get(study, []) for arm in r["arm"].split("/")}
        here = {arm for r in rows for arm in r["arm"].split("/")}
        parts = [{arm, *joins.get(arm, ())} for arm in arms]
        compared = all(of & own for of in parts) and any(of & here for of in parts)
        if compared and not any((study, name) in has for name in alike):
            facts = {"outcome": outcome, "reasons": settling.without_effect(reasons)}
            yield Item(facts, study_id=study, **places.together(rows)._asdict())


def _waits_elsewhere(row: dict[str, Any]) -> bool:
    """Whether what a study is set aside for is told as a thing of its own."""
    told = (
        *(settling.COUNTED_WITH, settling.SHARED_ARM),
        *(settling.ONLY_OF_PARTS, settling.BY_RISK, settling.READ_TWICE),
    )
    return bool(row["unsettled"]) or row["reason"].startswith(told)


def not_done(found: Tables) -> Iterator[Item]:
    """Planned analyses for which something is missing."""
    return _rails(found["decisions"], NOT_DONE)


def held_back(found: Tables) -> Iterator[Item]:
    """Planned analyses for which there are too few studies."""
    return _rails(found["decisions"], HELD_BACK)


def _rails(table: pd.DataFrame, rules: tuple[str, ...]) -> Iterator[Item]:
    """Each guard rail of these codes once, whatever models and subgroups it fired for."""
    said = set()
    for row in rows_of(table):
        words = guard_rails.of_row(row, spelt=True)
        if row["rule"] in rules and (row["synthesis"], words) not in said:
            said.add((row["synthesis"], words))
            yield Item({"synthesis": row["synthesis"], **words._asdict()}, file=settling.PROTOCOL)


def _clashes(found: Tables, kind: str) -> Iterator[Clash]:
    """Cells with two values of one kind, from which no number is taken."""
    return (clash for clash in clashes(rows_of(found["outcomes"])) if clash.kind == kind)


def _differ(rows: list[dict]) -> list[str]:
    """In what the rows of one cell contradict one another: that which one leaves out is none."""
    return [
        column
        for column in READ_OFF
        if len({str(row[column]) for row in rows if row.get(column, "") != ""}) > 1
    ]


def _of_cell(rows: list[dict], *, by: bool, apart: Sequence[str] = ()) -> Item:
    """A cell with all that its rows say of it; `by`: and who read each; `apart`: in which columns
    two readings of one number differ."""
    beside = {"n": "of", "p_value": "p", "ci_level": "at", "extractor": "by"}
    beside |= {"se": "SE", "sd": "SD"}
    columns = [column for column in _differ(rows) if column in beside] + ["extractor"] * by
    kinds = {row["statistic"] for row in rows}
    # A mean shows its SD in any case.
    if len({said_as(row) for row in rows}) > 1:
        columns += ["statistic", *(name for name in ("se", "sd") if name in kinds - {*columns})]
    told = [*apart, *(["arm"] * (len({row["arm"] for row in rows}) > 1))]
    further = [qualified(row, told) if told else "" for row in rows]
    said = english.listed(
        dict.fromkeys(
            " ".join(filter(None, [*_shown(row, columns, beside), more]))
            for row, more in zip(rows, further, strict=True)
        )
    )
    place = {"study_id": rows[0]["study_id"], **places.together(rows)._asdict()}
    cell = settling.cell(rows[0], further=not apart)
    return Item({"cell": cell, "values": said}, **place)


def _shown(row: dict, apart: list[str], beside: dict[str, str]) -> Iterator[str]:
    """A row as printed, and what tells it `apart` from the others where that does not show it."""
    if "statistic" in apart:
        yield said_as(row)
    yield row["printed"]
    for column in apart:
        # An SD is mostly part of what is printed.
        if column in beside and row[column] != "" and not row["printed"].count(column.upper()):
            yield f"{beside[column]} {tables.text(row[column])}"


def _where(found: Tables, numbers: Iterable[int]) -> dict[str, str]:
    """Where rows stand, by their numbers."""
    printed = {int(row["row"]): row for row in rows_of(found["outcomes"])}
    rows = [printed.get(int(number), {"row": number}) for number in numbers]
    return places.together(rows)._asdict()


def _told(found: Tables, text: str) -> dict[str, str]:
    """Where the rows stand that a reason names: `(row 7`, or `(row 4 of outcomes-kim.csv`."""
    printed = {str(places.of(row)): row for row in rows_of(found["outcomes"])}
    named = dict.fromkeys(re.findall(r"\(row ([^,;()]+)", text))
    return places.together(printed.get(name, {"row": name}) for name in named)._asdict()


def _grouped(rows: list[dict], column: str) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


FINDERS: dict[str, Callable[[Tables], Iterator[Item]]] = {
    "nothing-searched": to_settle_screening.nothing_searched,
    "undecided-record": to_settle_screening.awaiting,
    "conflict-of-reviewers": to_settle_screening.conflicts,
    "reviewer-under-two-names": to_settle_screening.one_under_two_names,
    "full-text-at-odds": to_settle_screening.full_texts,
    "machine": to_settle_screening.machines,
    "decision-without-record": to_settle_screening.unmatched,
    "decision-at-odds": to_settle_screening.outdone,
    "reason-like-not-retrieved": to_settle_screening.unread_reasons,
    "settled-pair-waits": to_settle_screening.pairs_waiting,
    "doubtful-duplicate": to_settle_screening.doubtful,
    "rejected-entry": to_settle_screening.rejects,
    "hits-unlike-records": to_settle_screening.hits,
    "unnamed-export": to_settle_screening.unnamed,
    "export-twice": to_settle_screening.twice,
    "decisions-not-taken": to_settle_screening.not_taken,
    "retracted-report": to_settle_screening.retracted,
    "notice-on-no-report": to_settle_reports.perhaps_noticed,
    "corrected-report": to_settle_reports.corrected,
    "state-without-report": to_settle_reports.states_of_nothing,
    "known-item-missed": to_settle_reports.missed,
    "patients-in-common": to_settle_screening.in_common,
    "registration-unread": to_settle_reports.registrations_unread,
    "answer-without-warning": to_settle_screening.answers_to_nothing,
    "report-without-study": to_settle_reports.without_study,
    "study-not-screened": to_settle_reports.not_screened,
    "numbers-not-counted": to_settle_reports.not_counted,
    "numbers-of-report-out": to_settle_reports.of_reports_out,
    "printed-twice": printed_twice,
    "conflict-of-extractors": extractors_differ,
    "conflict-on-study": to_settle_readings.on_studies,
    "conflict-on-curve": to_settle_readings.on_curves,
    "reader-under-two-names": to_settle_readings.under_two_names,
    "copied-reading": to_settle_readings.copied,
    "quote-unlike": to_settle_texts.unlike,
    "unread-text": to_settle_texts.unread,
    "printed-misfit": misfits,
    "routes-disagree": routes_apart,
    "parts-undecided": of_parts,
    "shared-arm": shared_arms,
    "clusters-not-accounted": clusters_left_out,
    "pairs-not-accounted": pairs_left_out,
    "study-without-effect": of_no_effect,
    "analysis-not-done": not_done,
    "analysis-held-back": held_back,
    "change-without-reason": to_settle_texts.without_reason,
    "other-than-registered": to_settle_reports.other_than_registered,
    **to_settle_judgement.FINDERS,
}
