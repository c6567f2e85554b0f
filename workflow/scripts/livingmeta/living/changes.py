"""What changed since a release, and how much of each estimate's change is due to what."""

from collections import Counter

import pandas as pd

from livingmeta import tables
from livingmeta.formulas import shapley
from livingmeta.judgement import certainty
from livingmeta.living import conclusions, curves_compared, differences, renamed, updated_flow
from livingmeta.living.attribution_parts import QUESTION, Mixtures, Printed
from livingmeta.living.cumulative import RESULT
from livingmeta.living.reasons import Reasons, filters, kind
from livingmeta.living.state import State
from livingmeta.living.told import (
    Attribution,
    Changes,
    Effect,
    EffectChange,
    Released,
    Result,
    Share,
    SynthesisChange,
)
from livingmeta.words.measures import SCALES
from livingmeta.words.numbers import show

KINDS = tables.schema("living/changes")["columns"]["kind"]["allowed"]
# Differences of an estimate below this are of the last digits that a float holds.
ROUNDING = 1e-10


def since(releases: list[State], present: State) -> tuple[Changes, pd.DataFrame]:
    """changes.json and changes.csv: `present` against the last of `releases` (the oldest first).

    Where nothing differs, `previous` of changes.json holds what that release itself changed, and
    under `rows` the rows that changes.csv had then.
    """
    history = [_summary(state) for state in releases]
    if not releases:
        return _first(present, history), pd.DataFrame(columns=list(differences.ROW))
    changes, rows = compare(releases[-1], present)
    changes["releases"] = history
    if not len(rows) and len(releases) > 1:
        earlier, its = compare(releases[-2], releases[-1])
        its_rows = its.itertuples(index=False, name=None)
        earlier["rows"] = [dict(zip(differences.ROW, row, strict=True)) for row in its_rows]
        changes["previous"] = earlier
    return changes, rows


def _first(present: State, history: list[Released]) -> Changes:
    return {
        "version": present.version,
        "since": None,
        "searched_to": {"before": None, "after": present.searched_to},
        "text": "No release yet: there is nothing to compare with. `snakemake release` makes one.",
        "counts": {},
        "flow": None,
        "protocol": [],
        "syntheses": [],
        "curves": [],
        "previous": None,
        "releases": history,
    }


def _summary(state: State) -> Released:
    included = state.flow["included"]
    return {
        "version": state.version,
        "searched_to": state.searched_to,
        "records": state.flow["records"],
        "studies": included["studies"],
        "reports": included["reports"],
    }


def compare(before: State, after: State) -> tuple[Changes, pd.DataFrame]:
    """What differs between two states: the content of changes.json, and the rows of changes.csv.

    Estimates, shares and their errors are on the analysis scale except `display_*`.
    """
    same = differences.matched(before, after)
    names = renamed.renamed(before, after, same)
    before = renamed.called(before, names)
    reasons = Reasons(before, after)
    syntheses: list[SynthesisChange] = []
    for name in dict.fromkeys([*after.asked.syntheses, *before.asked.syntheses]):
        entry = _synthesis(before, after, name, reasons)
        moved = entry["change"] != "none"
        entry["certainty"] = certainty.change(before.certainty, after.certainty, name, moved)
        syntheses.append(entry)
    curves, of_curves = curves_compared.compare(before, after, reasons)
    protocol = differences.of_protocol(before, after)
    rows = [
        *protocol,
        *differences.of_plan(before, after),
        *differences.of_searches(before, after),
        *differences.of_flags(before, after, same),
        *differences.of_records(before, after, same),
        *(differences.row("study", "study_id", a, b, study_id=b) for a, b in names.items()),
        *differences.of_studies(before, after),
        *differences.of_cells(before, after),
        *differences.of_estimates(before, after),
        *differences.of_guard_rails(before, after),
        *differences.of_certainty(before, after),
        *(row for synthesis in syntheses for row in _rows(synthesis)),
        *of_curves,
    ]
    order = {word: i for i, word in enumerate(KINDS)}
    rows.sort(key=lambda r: order[r["kind"]])
    counts = Counter(row["kind"] for row in rows)
    changes: Changes = {
        "version": after.version,
        "since": before.version,
        "searched_to": {"before": before.searched_to, "after": after.searched_to},
        "text": _said(before, counts, syntheses),
        "counts": {word: counts[word] for word in KINDS if counts[word]},
        "flow": updated_flow.count(before, after, same),
        "protocol": [
            {"what": r["what"], "before": r["before"], "after": r["after"]} for r in protocol
        ],
        "syntheses": syntheses,
        "curves": curves,
        "previous": None,
        "releases": [_summary(before)],
    }
    return changes, pd.DataFrame(rows, columns=list(differences.ROW))


def _said(before: State, counts: Counter, syntheses: list[SynthesisChange]) -> str:
    if not counts:
        return f"Nothing has changed since release {before.version}."
    moved = [s for s in syntheses if s["conclusion"] and s["conclusion"]["changed"]]
    told = (
        f"The conclusion of {len(moved)} of {len(syntheses)} syntheses differs."
        if moved
        else "No conclusion differs."
    )
    listed = ", ".join(f"{word} {counts[word]}" for word in KINDS if counts[word])
    return f"Compared with release {before.version}: {listed}. {told}"


def _synthesis(before: State, after: State, name: str, reasons: Reasons) -> SynthesisChange:
    """One synthesis of changes.json."""
    old, new = (state.asked.syntheses.get(name) for state in (before, after))
    results = [state.primary(name) for state in (before, after)]
    shown = [result and _shown(result) for result in results]
    entry: SynthesisChange = {
        "synthesis": name,
        "title": new.title if new else old.title if old else name,
        "change": "none",
        "before": shown[0],
        "after": shown[1],
        "effects": [],
        "attribution": None,
        "conclusion": None,
        "certainty": {"before": "", "after": "", "as_before": False},  # told by the caller
    }
    if old is None or new is None:
        entry["change"] = "new" if old is None else "gone"
        return entry
    # Both results against today's thresholds: that those were moved is a change of the protocol.
    then = old.but(thresholds=new.thresholds)
    entry["conclusion"] = conclusions.change(
        conclusions.conclusion(results[0], then, before.asked),
        conclusions.conclusion(results[1], new, after.asked),
    )
    if any(getattr(old, key) != getattr(new, key) for key in QUESTION):
        entry["change"] = "another question"
        return entry
    entry["effects"] = _effects(before, after, name, reasons)
    if results[0] is None or results[1] is None:
        change = "none" if results[0] is results[1] else "new" if results[1] else "gone"
        entry["change"] = change
        return entry
    mixtures = Mixtures(before, after, name, reasons)
    was, now = (_shown(result) for result in (results[0], results[1]))
    moved = any(not differences.same(was[c], now[c]) for c in RESULT)
    if moved or mixtures.parts:
        entry["change"] = "changed"
        entry["attribution"] = _attribution([results[0], results[1]], mixtures, reasons)
    return entry


def _shown(result: dict) -> Result:
    values = {name: result[name] for name in RESULT}
    return {
        name: value if isinstance(value, str) else None if pd.isna(value) else _plain(value)
        for name, value in values.items()
    }


def _plain(value):
    return value.item() if hasattr(value, "item") else value


def _effects(before: State, after: State, name: str, reasons: Reasons) -> list[EffectChange]:
    """The studies of a synthesis whose effect is not what it was."""
    old, new = (state.effects_of(name) for state in (before, after))
    columns = filters(*(state.asked.syntheses[name] for state in (before, after)))
    found: list[EffectChange] = []
    for study in dict.fromkeys([*new, *old]):
        a, b = old.get(study), new.get(study)
        if a and b and all(differences.same(a[c], b[c]) for c in ("yi", "vi")):
            continue
        found.append(
            {
                "study_id": study,
                "label": _label(reasons, study),
                "kind": kind(a, b),
                "before": _values(a) if a else None,
                "after": _values(b) if b else None,
                "because": reasons.why(study, a, b, columns),
            }
        )
    return found


def _values(row: dict) -> Effect:
    return {"yi": row["yi"], "vi": row["vi"], "route": row["route"]}


def _label(reasons: Reasons, study: str) -> str:
    known = reasons.now.get(study) or reasons.before.get(study)
    return known["label"] if known else study


def _attribution(results: list[dict], mixtures: Mixtures, reasons: Reasons) -> Attribution:
    """The change of the primary estimate and each part's share; the shares add up to the total.

    What the program itself changed (the release's own studies and model give another estimate
    now) is a share of its own, `software`. Where the result is of a model that the mixtures do
    not have, nothing is shared out and `note` says so.
    """
    total = results[1]["estimate"] - results[0]["estimate"]
    scale = Printed(mixtures, results)
    shared = shapley.shares(scale.value, len(mixtures.parts))
    entry: Attribution = {
        "total": total,
        "display_total": scale.total,
        "times": scale.times,
        "method": shared.method,
        "orders": shared.orders,
        "note": mixtures.note,
        "parts": [],
    }
    if not differences.same(shared.end, float(results[1]["estimate"])):
        entry["method"] = "none"
        model = results[1]["model"]
        entry["note"] = f"{model} is no model that mixtures of studies can be pooled under"
        return entry
    display, whole = scale.shares(shared)
    parts = [
        _part(part.kind, part.name, _label(reasons, part.name), share, error, shown, part.because)
        for part, share, error, shown in zip(
            mixtures.parts, shared.share, shared.error, display, strict=True
        )
    ]
    if shared.method == "none":
        because = "; ".join(part.because for part in mixtures.parts)
        moved = shared.end - shared.start
        parts = [_part("together", "all", "all together", moved, 0.0, whole, because)]
        entry["note"] = "no one of these changes can be thought away without leaving no study"
    # What is left of the total: the present result's last digits and, if it was, a new program.
    software = total - (shared.end - shared.start)
    if abs(software) > ROUNDING:
        because = "the same studies and model, computed anew by the present program"
        rest = scale.total / whole if scale.times else scale.total - whole
        parts.append(_part("software", "software", "the program", software, 0.0, rest, because))
    entry["parts"] = parts
    return entry


def _part(
    kind: str, name: str, label: str, share: float, error: float, display: float, because: str
) -> Share:
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "share": float(share),
        "error": float(error),
        "display": float(display),
        "because": because,
    }


def _rows(synthesis: SynthesisChange) -> list[dict]:
    """The rows of changes.csv for one synthesis of changes.json."""
    name, rows = synthesis["synthesis"], []
    if synthesis["change"] not in ("none", "changed"):
        shown = [
            "" if r is None else show(r["display_estimate"], SCALES[r["measure"]].kind)
            for r in (synthesis["before"], synthesis["after"])
        ]
        rows.append(differences.row("synthesis", synthesis["change"], *shown, synthesis=name))
    for effect in synthesis["effects"]:
        values = [_effect(effect["before"]), _effect(effect["after"])]
        rows.append(
            differences.row(
                "effect",
                effect["kind"],
                *values,
                synthesis=name,
                study_id=effect["study_id"],
                because=effect["because"],
            )
        )
    attribution = synthesis["attribution"]
    for part in attribution["parts"] if attribution else []:
        study = part["name"] if part["kind"] in ("new", "removed", "corrected") else ""
        share = tables.text(part["share"])
        error = f" (error {part['error']:.2g})" if part["error"] else ""
        rows.append(
            differences.row(
                "attribution",
                f"{part['kind']}: {part['name']}",
                "",
                share + error,
                synthesis=name,
                study_id=study,
                because=part["because"],
            )
        )
    conclusion = synthesis["conclusion"]
    if conclusion and conclusion["changed"]:
        told = (conclusion["before"]["text"], conclusion["after"]["text"])
        rows.append(differences.row("conclusion", "conclusion", *told, synthesis=name))
    return rows


def _effect(values: Effect | None) -> str:
    if values is None:
        return ""
    yi, vi = tables.text(values["yi"]), tables.text(values["vi"])
    return f"yi {yi}, vi {vi}, route {values['route']}"
