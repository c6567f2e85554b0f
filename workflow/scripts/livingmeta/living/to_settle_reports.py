"""What waits for a person about the reports of studies: corrections, searches, entries of
registers, and numbers of reports that do not count, or count though their report does not."""

import re
from collections.abc import Iterator

from livingmeta import tables
from livingmeta.extraction import places, sentinel
from livingmeta.extraction.studies import by_identifier
from livingmeta.living.waiting import Item, Tables, rows_of, syntheses_of
from livingmeta.screening import identity, normalise, trial_numbers
from livingmeta.screening.cast import STAGES
from livingmeta.screening.fulltexts import NOT_RETRIEVED
from livingmeta.screening.kinds import CORRECTED, REINSTATED
from livingmeta.words import english, guard_rails, inspect_sr, settling


def without_study(found: Tables) -> Iterator[Item]:
    """Included reports that no study names."""
    for row in rows_of(found["included"]):
        if not row["study_id"]:
            yield Item({}, record=row["record_id"], file=settling.STUDIES)


def not_screened(found: Tables) -> Iterator[Item]:
    """Studies none of whose reports is a record that anybody decides on."""
    many = found["outcomes"]["study_id"].value_counts()
    for row in rows_of(found["studies"]):
        if row["status"] == "not-screened":
            facts = {"numbers": settling.not_counted(int(many.get(row["study_id"], 0)))}
            yield Item(facts, study_id=row["study_id"], file=settling.STUDIES)


def registrations_unread(found: Tables) -> Iterator[Item]:
    """Studies that count or may, whose registration is a number of no register that is known."""
    for row in rows_of(found["studies"]):
        cell = tables.text(row.get("registration"))
        other = re.search(r"\bother\b", cell, re.IGNORECASE)
        known = other or trial_numbers.of_column(cell)
        if row["status"] != "excluded" and not known and trial_numbers.mistyped(cell):
            yield Item({"cell": cell}, study_id=row["study_id"], file=settling.STUDIES)


def not_counted(found: Tables) -> Iterator[Item]:
    """Studies with numbers that count nowhere though nothing of them waits elsewhere: their reports
    are excluded on title and abstract, where nobody reads one, or nobody could get them. Who has
    read and excluded a report knows that its numbers are out."""
    unread = {r["record_id"] for r in rows_of(found["excluded"]) if r["stage"] == STAGES[0]}
    waiting = {*found["awaiting"]["record_id"], *found["conflicts"]["record_id"]}
    many = found["outcomes"]["study_id"].value_counts()
    counted = syntheses_of(found)
    for row in rows_of(found["studies"]):
        study, records = row["study_id"], set(row.get("records", "").split())
        if study not in many or study in counted or records & waiting:
            continue
        titles = row["status"] == "excluded" and records <= unread
        if titles or row["status"] == "awaiting":
            facts = {
                "many": int(many[study]),
                "why": settling.UNREAD if titles else settling.MISSING,
            }
            yield Item(facts, study_id=study, file=settling.DECISIONS)


def of_reports_out(found: Tables) -> Iterator[Item]:
    """Numbers that count since a report of their study is included, though the report that they
    name as their source is not."""
    record_of, known = by_identifier(found["records"]), found["records"]
    flagged = set(known.loc[known["flag"].isin(list(guard_rails.FLAGS)), "record_id"])
    included = {*found["included"]["record_id"]}
    not_got = (r for r in rows_of(found["fulltexts"]) if r["state"] == NOT_RETRIEVED)
    says = {
        **{r["record_id"]: settling.NOT_GOT for r in not_got},
        **{r["record_id"]: settling.EXCLUDED for r in rows_of(found["excluded"])},
        **{r["record_id"]: settling.UNDECIDED for r in rows_of(found["awaiting"])},
        **{r["record_id"]: settling.UNDECIDED for r in rows_of(found["conflicts"])},
    }
    studies = {r["study_id"]: r for r in rows_of(found["studies"]) if r["status"] == "included"}
    own = {study: set(row.get("records", "").split()) for study, row in studies.items()}
    report = {row["record_id"]: row for row in rows_of(known)}
    rows: dict[tuple[str, str], list[dict]] = {}
    for row in rows_of(found["outcomes"]):
        records = {r for name in identity.named_in(row["source"]) for r in record_of.get(name, [])}
        # A review of others' trials is no report of the study, and out for good reason.
        out = records & {*own.get(row["study_id"], ()), *flagged} & set(says)
        if row["study_id"] in own and not records:
            mine = [report[name] for name in sorted(own[row["study_id"]]) if name in report]
            records = _cited(row["source"], mine, studies[row["study_id"]])
            out = records & set(says)
        if row["study_id"] in own and out and not records & included:
            rows.setdefault((row["study_id"], min(out)), []).append(row)
    for (study, record), named in rows.items():
        facts = {"many": len(named), "report": record, "state": says[record]}
        yield Item(facts, study_id=study, record=record, **places.together(named)._asdict())


# As people cite: Costa 2018, Costa et al. (2018), Costa-2018.
_CITED = re.compile(
    r"(?<!\w)([^\W\d_][\w'’-]+?)(?:\s+(?:et al\b\.?|(?:and|und|&)\s+[\w'’-]+))?[\s,(_-]*"
    r"((?:19|20)\d\d)(?!\d)"
)


def _cited(source: str, reports: list[dict], study: dict) -> set[str]:
    """Those of a study's reports that a source names by the first author and the year. Where the
    study itself is called so, by its label or its study_id, no report is named."""
    called = f"{study['study_id']} {study.get('label', '')}"
    named = {
        (normalise.title_key(name), year)
        for name, year in _CITED.findall(source)
        if year not in called
    }
    found = set()
    for row in reports:
        family = normalise.title_key(row["authors"].partition(",")[0])
        found |= {
            row["record_id"] for name, year in named if name == family and year == row["year"]
        }
    return found


def corrected(found: Tables) -> Iterator[Item]:
    """Included reports that were corrected, each once, with what their studies count in."""
    record_of, of = by_identifier(found["records"]), syntheses_of(found)
    answered = sentinel.answered(found["sentinel"], sentinel.CORRECTION, record_of)
    for record, rows in _corrections(found).items():
        studies = _included(found).get(record)
        rows = sentinel.later(rows, answered.get(record), "seen_on", ["notice"])
        if studies is None or not rows:
            continue
        notices = list(dict.fromkeys(row["notice"] for row in rows if row["notice"]))
        for study in studies.split() or [""]:
            facts = {
                "notice": f" ({english.listed(notices)})" if notices else "",
                "source": english.listed(list(dict.fromkeys(row["source"] for row in rows))),
                "counts": settling.counts_in(of.get(study, [])),
            }
            yield Item(facts, study_id=study, record=record, file=settling.SENTINEL)


def perhaps_noticed(found: Tables) -> Iterator[Item]:
    """Included reports of whose titles a notice that is brought to no report holds most."""
    of, included = syntheses_of(found), _included(found)
    for row in rows_of(found["notices"]):
        if row["sure"] or row["report"] not in included:
            continue
        counts = [name for study in included[row["report"]].split() for name in of.get(study, [])]
        facts = {
            "notice": row["notice"],
            "flag": guard_rails.FLAGS[row["state"]],
            "counts": settling.counts_in(list(dict.fromkeys(counts))),
        }
        study = included[row["report"]].partition(" ")[0]
        yield Item(facts, study_id=study, record=row["report"], file=settling.REPORT_STATES)


def states_of_nothing(found: Tables) -> Iterator[Item]:
    """Rows of states.csv about a report that no export holds (any more): nothing is flagged."""
    record_of = by_identifier(found["records"])
    for row in rows_of(found["states"]):
        if not sentinel.named(row["report"], record_of):
            perhaps = sentinel.perhaps(row["report"], record_of)
            facts = {"state": row["state"], "source": row["source"], "perhaps": perhaps}
            at = {"file": settling.REPORT_STATES, "rows": str(row["row"])}
            yield Item(facts, record=row["report"], **at)


def missed(found: Tables) -> Iterator[Item]:
    """Included reports that a database holds and its query does not find."""
    record_of = by_identifier(found["records"])
    answered = sentinel.answered(found["sentinel"], sentinel.MISSED, record_of)
    included = _included(found)
    of: dict[tuple[str, str, str], list[dict]] = {}
    for row in rows_of(found["known_items"]):
        row["missed_since"] = row["missed_since"] or row["searched_on"]
        of.setdefault((row["database"], row["report"], row["searched_on"]), []).append(row)
    for (database, report, day), rows in of.items():
        parts = [row["lost_by"] for row in rows if row["lost_by"]]
        lost = f": lost by {' and by '.join(parts)}" if parts else "; no part alone loses it"
        for record in sentinel.named(report, record_of):
            if record in included and sentinel.later(
                rows, answered.get(record), "missed_since", []
            ):
                facts = {"database": database, "day": day, "lost": lost}
                yield Item(facts, record=record, file="config/config.yaml")


def other_than_registered(found: Tables) -> Iterator[Item]:
    """Studies from whose registration this review's numbers differ, each entry once, with what no
    answer to the entry names as told: results may be posted, and numbers typed, after it."""
    record_of = by_identifier(found["records"])
    told = {
        record: tables.text(row.get("told"))
        for row in rows_of(found["sentinel"])
        if row["kind"] == sentinel.REGISTRATION
        for record in sentinel.named(row["what"], record_of)
    }
    for (record, study), rows in _against_register(found).items():
        all_ = list(dict.fromkeys(map(inspect_sr.said, rows)))
        new = [said for said in all_ if not sentinel.tells(told.get(record, ""), said)]
        if new:
            again = settling.AGAIN if record in told else ""
            facts = {"what": "; ".join(new), "again": again}
            yield Item(facts, study_id=study, record=record, file=settling.SENTINEL)


def warned(found: Tables) -> dict[str, set[str]]:
    """The records of which each kind of warning was given here, answered or not."""
    record_of = by_identifier(found["records"])
    reports = found["known_items"]["report"]
    return {
        sentinel.CORRECTION: set(_corrections(found)),
        sentinel.REGISTRATION: {record for record, _ in _against_register(found)},
        sentinel.MISSED: {r for name in reports for r in sentinel.named(name, record_of)},
    }


def _included(found: Tables) -> dict[str, str]:
    included = found["included"]
    return dict(zip(included["record_id"], included["study_id"], strict=True))


def reinstated(found: Tables) -> dict[str, list[str]]:
    """Who says of a record that its retraction was taken back."""
    told = _told(found, REINSTATED)
    return {record: list(dict.fromkeys(r["source"] for r in rows)) for record, rows in told.items()}


def _corrections(found: Tables) -> dict[str, list[dict]]:
    return _told(found, CORRECTED)


def _told(found: Tables, state: str) -> dict[str, list[dict]]:
    """The rows of states.csv, and of what exports tell, that say so, by record."""
    record_of = by_identifier(found["records"])
    told: dict[str, list[dict]] = {}
    of_exports = [row for row in rows_of(found["notices"]) if row["sure"]]
    for row in [*rows_of(found["states"]), *of_exports]:
        if row["state"] == state:
            for record in sentinel.named(row["report"], record_of):
                told.setdefault(record, []).append(row)
    return told


def _against_register(found: Tables) -> dict[tuple[str, str], list[dict]]:
    """What inspect_sr.csv has of entries that say otherwise, by entry and study."""
    entry = {row["number"]: row["record_id"] for row in rows_of(found["trials"])}
    told: dict[tuple[str, str], list[dict]] = {}
    for row in rows_of(found["inspect_sr"]):
        if row["found"] in inspect_sr.AGAINST_REGISTER:
            told.setdefault((entry[row["source"]], row["study_id"]), []).append(row)
    return told
