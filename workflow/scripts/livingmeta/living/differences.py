"""What differs between two states of a review, table by table, one row a difference.

Each function takes the State before and the State after and returns rows in the columns ROW; an
empty list where nothing differs. The estimates and why they moved: `parts` and `changes`.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from livingmeta import courses, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.living.state import State
from livingmeta.screening.counts import Source
from livingmeta.words import guard_rails, settling
from livingmeta.words.measures import SCALES
from livingmeta.words.numbers import show

ROW = tables.columns("living/changes")
CELL = ("value", "n", "ci_low", "ci_high", "ci_level", "p_value", "unit", "adjusted", "source")
# What the program adds to studies.csv of reports and pairs; flags and guard rails tell it.
OF_FLAGS = ("report_flag", "flag_kept", "shares_with")
# What every version has anew.
OF_A_VERSION = ("review.version", "review.doi")
NO_FLAG = "none"  # of a record that is not flagged, as a release keeps it
ESTIMATE = ("k", "estimate", "ci_low", "ci_high", "tau2")


def row(
    kind: str,
    what: str,
    before: str,
    after: str,
    *,
    synthesis: str = "",
    study_id: str = "",
    because: str = "",
) -> dict:
    """One row of changes.csv."""
    values = (kind, synthesis, study_id, what, before, after, because)
    return dict(zip(ROW, values, strict=True))


def of_protocol(before: State, after: State) -> list[dict]:
    """Keys of the protocol whose value differs; version and DOI, which always do, apart.

    A synthesis, outcome or arm that only one of the two has is one key, with all that it says.
    """
    given = [courses.together(state.protocol) for state in (before, after)]
    old, new = map(_flat, given)
    for section in ("syntheses", "outcomes", "arms"):
        named = [protocol.get(section) or {} for protocol in given]
        for name in named[0].keys() ^ named[1].keys():
            whole = f"{section}.{name}"
            for flat, mine in zip((old, new), named, strict=True):
                if name in mine:
                    inside = {key for key in flat if key.startswith(f"{whole}.")}
                    # In the place of its first key: the order stays that of the protocol.
                    kept = {whole if k in inside else k: v for k, v in flat.items()}
                    flat.clear()
                    flat.update(kept | {whole: mine[name]})
    rows = []
    for key in dict.fromkeys([*new, *old]):
        if old.get(key) == new.get(key) or key in OF_A_VERSION:
            continue
        inside = key.split(".")
        synthesis = inside[1] if inside[0] == "syntheses" else ""
        values = (json.dumps(d[key], ensure_ascii=False) if key in d else "" for d in (old, new))
        rows.append(row("protocol", key, *values, synthesis=synthesis))
    return rows


def _flat(value: Any, path: str = "") -> dict:
    """The leaves of nested mappings by their dotted path; lists are leaves."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    leaves: dict[Any, Any] = {}
    for key, inner in value.items():
        leaves |= _flat(inner, f"{path}.{key}" if path else str(key))
    return leaves


def of_searches(before: State, after: State) -> list[dict]:
    """Searches, by database and day, that are new, gone, or hold another number of records."""
    old, new = (
        {f"{d['database']}, {d['searched_on']}": d["records"] for d in _databases(state)}
        for state in (before, after)
    )
    return [
        row("search", what, _counted(old.get(what)), _counted(new.get(what)))
        for what in dict.fromkeys([*new, *old])
        if old.get(what) != new.get(what)
    ]


def _databases(state: State) -> list[Source]:
    return state.flow["identified"]["databases"]


def _counted(records: int | None) -> str:
    return "" if records is None else f"{records} records"


def matched(before: State, after: State) -> dict[str, str]:
    """record_id after by record_id before, for records that are in both.

    A record keeps its place when a later copy gives it a better identifier: any identifier of
    any copy will do, the record_id first. Two that turned out to be one both lead to it.
    """
    holder: dict[str, str] = {}
    for record, names in zip(after.records["record_id"], _names(after), strict=True):
        for name in names:
            holder.setdefault(name, record)
    holder |= {record: record for record in after.records["record_id"]}
    found = {}
    for record, names in zip(before.records["record_id"], _names(before), strict=True):
        ranked = [record, *sorted(names, key=_rank)]
        same = next((holder[name] for name in ranked if name in holder), None)
        if same is not None:
            found[record] = same
    return found


def _names(state: State) -> Iterator[Any]:
    return (cell.split() for cell in state.records["identifiers"])


def _rank(name: str) -> tuple[int, str]:
    order = ("doi:", "pmid:", "pmcid:")
    return next((i for i, p in enumerate(order) if name.startswith(p)), len(order)), name


def of_records(before: State, after: State, same: dict[str, str]) -> list[dict]:
    """Records that are new or gone, and those whose decision differs. `same`: `matched`."""
    old = {r["record_id"]: r for r in as_dicts(before.records)}
    known = set(same.values())
    rows = []
    for record in as_dicts(after.records):
        if record["record_id"] not in known:
            found = f"found by the search of {record['found_on']}" if record["found_on"] else ""
            rows.append(
                row(
                    "record",
                    record["record_id"],
                    "",
                    stand(record),
                    study_id=record["study_id"],
                    because=found or "its search has no date",
                )
            )
    new = {r["record_id"]: r for r in as_dicts(after.records)}
    for record in old.values():
        now = new.get(same.get(record["record_id"], ""))
        if now is None:
            gone = "no search export holds it any more"
            rows.append(row("record", record["record_id"], stand(record), "", because=gone))
        elif stand(record) != stand(now):
            rows.append(
                row(
                    "decision",
                    now["record_id"],
                    stand(record),
                    stand(now),
                    study_id=now["study_id"] or record["study_id"],
                    because=f"decisions on it: {now['reason']}" if now["reason"] else "",
                )
            )
    return rows


def of_flags(before: State, after: State, same: dict[str, str]) -> list[dict]:
    """Reports of studies that are flagged now (retracted, withdrawn, doubted) and were not, or
    otherwise, with the syntheses in which the study counts. `same`: `matched`. A release that did
    not keep flags tells nothing."""
    was = dict(zip(before.records["record_id"], before.records["flag"], strict=True))
    old = {now: was[record] for record, now in same.items()}
    counts: dict[str, dict[str, None]] = defaultdict(dict)
    for study, synthesis in zip(after.effects["study_id"], after.effects["synthesis"], strict=True):
        counts[study][synthesis] = None
    rows = []
    for record in as_dicts(after.records):
        name = record["record_id"]
        then, now = old.get(name, NO_FLAG), record["flag"]
        for study in record["study_id"].split() if then and then != now else ():
            said = [guard_rails.FLAGS.get(flag, "") for flag in (then, now)]
            because = settling.counts_in(list(counts[study])).removeprefix("; ")
            rows.append(row("flag", name, *said, study_id=study, because=because))
    return rows


def stand(record: dict) -> str:
    """Where a record stands, in words: `excluded at full-text: no-outcome`."""
    words = f"{record['state']} at {record['stage']}"
    return f"{words}: {record['reason']}" if record["reason"] else words


def of_studies(before: State, after: State) -> list[dict]:
    """Studies that are new or gone, and each column in which one differs."""
    old, new = ({s["study_id"]: s for s in as_dicts(state.studies)} for state in (before, after))
    rows = []
    for study in dict.fromkeys([*new, *old]):
        a, b = old.get(study), new.get(study)
        if a is None or b is None:
            shown = [s["status"] if s else "" for s in (a, b)]
            rows.append(row("study", "the study", *shown, study_id=study))
            continue
        for column in dict.fromkeys([*b, *a]):
            if column in OF_FLAGS:
                continue
            values = [tables.text(s.get(column, "")) for s in (a, b)]
            if values[0] != values[1]:
                rows.append(row("study", str(column), *values, study_id=study))
    return rows


def cells(state: State) -> dict[str, dict[str, list[dict]]]:
    """The printed statistics by study and by what they are, in the order of the file."""
    found: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for cell in as_dicts(state.outcomes):
        time = tables.text(cell["time"])
        name = " ".join(
            part
            for part in (cell["outcome"], cell["arm"], time and f"at {time}", cell["statistic"])
            if part
        )
        found[cell["study_id"]][name].append(cell)
    return found


def of_cells(before: State, after: State) -> list[dict]:
    """Printed statistics that are new, gone or corrected.

    A statistic printed more than once is told apart by its order of the file, after the ones that
    are the same in both states are set aside.
    """
    old, new = cells(before), cells(after)
    rows = []
    for study in dict.fromkeys([*new, *old]):
        a, b = old.get(study, {}), new.get(study, {})
        for name in dict.fromkeys([*b, *a]):
            rows += _cell(study, name, a.get(name, []), b.get(name, []))
    return rows


def _cell(
    study: str, name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict]:
    left = list(before)
    added = []
    for cell in after:
        twins = [i for i, other in enumerate(left) if _printed(other) == _printed(cell)]
        if twins:
            del left[twins[0]]
        else:
            added.append(cell)
    rows = []
    for a, b in zip(left, added, strict=False):
        old, new = _printed(a), _printed(b)
        for column in CELL:
            if old[column] != new[column]:
                what = f"{name}: {column}"
                values = (old[column], new[column])
                rows.append(row("cell", what, *values, study_id=study, because=_where(b)))
    both = min(len(left), len(added))
    rows += [
        row("cell", name, a["printed"], "", study_id=study, because=_where(a)) for a in left[both:]
    ]
    rows += [
        row("cell", name, "", b["printed"], study_id=study, because=_where(b)) for b in added[both:]
    ]
    return rows


def _where(cell: dict) -> str:
    """Where a statistic is printed, for whoever wants to look it up."""
    return f"source: {cell['source']}" if cell["source"] else ""


def _printed(cell: dict) -> dict[str, str]:
    return {column: tables.text(cell[column]) for column in CELL}


def of_estimates(before: State, after: State) -> list[dict]:
    """Each model of each synthesis, and of its subgroups, whose estimate is not what it was."""
    old, new = (
        {(r["synthesis"], r["model"], r["subgroup"]): r for r in as_dicts(state.pooled)}
        for state in (before, after)
    )
    rows = []
    for key in dict.fromkeys([*new, *old]):
        a, b = old.get(key), new.get(key)
        if a and b and all(same(a[c], b[c]) for c in ESTIMATE) and a["primary"] == b["primary"]:
            continue
        synthesis, model, subgroup = key
        what = f"{model}, {subgroup}" if subgroup else model
        shown = (_estimate(a), _estimate(b))
        if shown[0] == shown[1]:
            exact = [", ".join(f"{c} {tables.text(r[c])}" for c in ESTIMATE) for r in (a, b) if r]
            shown = exact[0], exact[1]
        rows.append(row("estimate", what, *shown, synthesis=synthesis))
    return rows


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same, or are both missing; of computed numbers the last digits
    do not count, since another machine may round them otherwise."""
    if isinstance(a, float) and isinstance(b, float) and math.isfinite(a) and math.isfinite(b):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return tables.text(a) == tables.text(b)


def of_plan(before: State, after: State) -> list[dict]:
    """Results, models and subgroups whose mark against the registered plan is another one; that
    something is planned of which a release said nothing is none."""
    old, new = (
        {(r["synthesis"], r["model"], r["subgroup"]): r.get("prespecified") or "" for r in rows}
        for rows in (as_dicts(state.pooled) for state in (before, after))
    )
    rows = []
    for key in [key for key in new if key in old]:
        was, is_ = (tables.text(marks[key]) for marks in (old, new))
        if was != is_ and {was, is_} != {"", "planned"}:
            what = f"{key[1]}, {key[2]}" if key[2] else key[1]
            rows.append(row("prespecified", what, was, is_, synthesis=key[0]))
    return rows


def _estimate(r: dict | None) -> str:
    if r is None:
        return ""
    shown = [r[f"display_{name}"] for name in ("estimate", "ci_low", "ci_high")]
    kind = SCALES[r["measure"]].kind
    role = "result" if r["primary"] else "beside it"
    return f"{show(shown[0], kind)} ({show(shown[1:], kind)}), {r['k']} studies, {role}"


def of_certainty(before: State, after: State) -> list[dict]:
    """Judgements of certainty, overall and by domain, that are new, gone or not what they were."""
    old, new = (
        {(r["synthesis"], r["domain"]): r for r in as_dicts(state.certainty)}
        for state in (before, after)
    )
    rows = []
    for key in dict.fromkeys([*new, *old]):
        a, b = old.get(key), new.get(key)
        shown = [r["judgement"] if r else "" for r in (a, b)]
        if shown[0] != shown[1]:
            because = b["reason"] if b else ""
            rows.append(row("certainty", key[1], *shown, synthesis=key[0], because=because))
    return rows


def of_guard_rails(before: State, after: State) -> list[dict]:
    """Guard rails that fire now and did not, or did and do not, or say something else."""
    old, new = _rails(before), _rails(after)
    rows = []
    for key in dict.fromkeys([*new, *old]):
        a, b = ("; ".join(rails.get(key, [])) for rails in (old, new))
        if a != b:
            rows.append(row("guard rail", key[1], a, b, synthesis=key[0]))
    return rows


def _rails(state: State) -> dict[tuple[str, str], list[str]]:
    """What each guard rail of each synthesis says, by model."""
    found = defaultdict(list)
    for rail in as_dicts(state.guard_rails):
        lead = f"{rail['model']}: " if rail["model"] else ""
        said = guard_rails.of_row(rail)
        found[rail["synthesis"], said.rule].append(f"{lead}{said.because}; {said.done}")
    return found
