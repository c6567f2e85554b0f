"""What the report says of one synthesis, as plain values for the template."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.effect_measures import MEASURES
from livingmeta.effects import several
from livingmeta.effects.routes import ROUTES
from livingmeta.extraction import places
from livingmeta.figures.on_screen import Picture
from livingmeta.formulas.measures import more_is_better
from livingmeta.judgement import risk_of_bias, weighted
from livingmeta.living import conclusions
from livingmeta.plan import Outcome, Protocol
from livingmeta.pooling import guards
from livingmeta.report import (
    doubts,
    figure_numbers,
    information,
    narrative,
    other_scales,
    quotes,
    readings,
    table_numbers,
)
from livingmeta.taken import counted
from livingmeta.words import english, guard_rails, ids, measures, models
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers

# More studies than this without an effect for the same reason are counted, not listed: in a review
# of many syntheses most studies print nothing on most of them.
ALIKE = 25


def section(
    name: str,
    asked: Protocol,
    tables: dict[str, pd.DataFrame],
    mine: dict[str, pd.DataFrame],
    figures: dict[str, Picture],
    numbers: Numbers,
    said: dict[int, dict],
) -> dict:
    """Everything the report prints of the synthesis `name`; its numbers go into `numbers`.

    `mine`: its rows of the tables OF_A_SYNTHESIS, as `of_each` has them. `said`: the rows of
    outcomes.csv by their number.
    """
    synthesis = asked.syntheses[name]
    outcome = asked.outcomes[synthesis.outcome]
    measure = synthesis.measure
    arms = [asked.arms[arm].label for arm in synthesis.arms]
    pooled = as_dicts(mine["pooled"])
    primary: Any = next((r for r in pooled if r["primary"] and not r["subgroup"]), None)
    each = measures.shown(_joined(mine["effects"], tables["studies"]), measure)
    # What is not pooled has no weights.
    each["weight"] = measures.weights(each, primary) if primary else float("nan")
    shown, apart = _one_a_study(each, mine["effects"], tables["studies"], measure)
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    printed_in = places.files(said.values())
    used = table_numbers.chosen(mine["used"])
    table_numbers.effects(numbers, each, name, used)
    if apart:  # what is told of whole studies rests on their averages
        averages = shown[shown["study_id"].isin(apart)]
        table_numbers.effects(numbers, averages, name, used)
    table_numbers.pooled(numbers, pooled, each, outcome.kind)
    rows = table_numbers.rows_by_study(said, synthesis.outcome)
    told, k = as_dicts(mine["narrative"]), len(shown)
    found = {
        "id": name,
        "title": synthesis.title,
        "outcome": outcome,
        "measure": measures.of(measure, outcome),
        "unit": measures.unit(measure, outcome, asked.time_unit),
        "estimand": MEASURES[measure].estimand,
        "arms": arms,
        "time": synthesis.time,
        "time_unit": english.of_time(synthesis.time, asked.time_unit),
        "up_to": _up_to(synthesis, outcome),
        "k": k,
        "size": next(s for s, most in SIZES if most is None or k <= most),
        "key": ids.model(primary) if primary else None,
        "model": models.name(primary) if primary else "",
        "level": measures.level(synthesis.level),
        "not_estimable": _fired(mine["decisions"], "not-estimable"),
        "q_name": models.heterogeneity(primary) if primary else "",
        "differ": next((ids.model(r) for r in pooled if not missing(r["i2"])), None),
        "apart": _fired(mine["decisions"], "opposite-studies") and not primary,
        "is_common": bool(primary) and models.is_common(primary),
        "prediction": models.PREDICTIONS[models.prediction(primary)] if primary else "",
        "has_pi": bool(primary) and not missing(primary["display_pi_low"]),
        "pi_in_appendix": k > 0 and guards.prediction_in_appendix(k),
        "verdict": verdict(primary, measure, outcome, arms) if primary else "",
        "of_survival": outcome.kind == "survival",
        "survive": "survive" if counted(outcome.label) else "stay without the event",
        "better": "above" if more_is_better(measure, outcome.good, outcome.kind) else "below",
        "thresholds": _thresholds(name, primary, asked, numbers),
        "several": apart,
        "within": _within(primary, bool(apart)),
        "studies": _studies(name, shown if told else each, labels, said, used),
        "waiting": int((shown["status"] == "awaiting").sum()) if "status" in shown else 0,
        "assumed": each.loc[each["assumed"].fillna("") != "", "study_id"].nunique(),
        "models": [_model(r) for r in pooled if not r["subgroup"]],
        "subgroups": _subgroups(pooled, synthesis.subgroup_labels),
        "influence": _influence(numbers, mine["influence"], shown, measure, labels),
        "decisions": _decisions(numbers, name, mine["decisions"]),
        "routes": _routes(each),
        "doubted": doubts.doubted(tables["problems"], shown, labels, used),
        "disagree": doubts.disagreements(numbers, mine["routes"], mine["used"], labels, measure),
        "unusable": _without_effect(numbers, name, mine["unusable"], labels, rows, printed_in),
        "unsettled": [
            labels.get(r["study_id"], r["study_id"])
            for r in as_dicts(mine["unusable"])
            if r["unsettled"]
        ],
        "forest": figures.get(f"forest-{name}"),
        "risk": figures.get(f"risk_of_bias-{name}"),
        "estimators": figures.get(f"estimators-{name}"),
        "bubble": figures.get(f"bubble-{name}"),
        "labbe": figures.get(f"labbe-{name}"),
        "diagnostics": figures.get(f"diagnostics-{name}") if len(mine["influence"]) else None,
        "funnel": figures.get(f"funnel-{name}") if primary and k >= 10 and not apart else None,
        "cumulative": figures.get(f"cumulative-{name}") if k >= 1 else None,
        "information": information.section(
            numbers, name, tables, figures.get(f"information-{name}"), measure
        ),
        "direction": figures.get(f"direction-{name}"),
        "told": narrative.section(numbers, told, shown, synthesis, outcome, arms),
    }
    if found["has_pi"]:
        for end in ("low", "high"):
            value = primary[f"display_pi_{end}"]
            kind = table_numbers.exact(primary, MEASURES[measure].kind)
            of, what = [f"{found['key']}/pi"], f"{end}er end of the prediction interval"
            what = what.replace("higher", "upper")
            numbers.add(f"{found['key']}/pi-{end}", value, kind, "", of, what)
    parents = ids.effects(name, [ids.own(row) for row in as_dicts(each)])
    found["tests"] = as_dicts(mine["moderators"])
    table_numbers.tests(
        numbers, found["tests"], "moderators", table_numbers.OF_A_TEST, [f"{name}/k"]
    )
    found["predicted"] = table_numbers.predicted(numbers, mine["predicted"], measure)
    figure_numbers.steps(numbers, as_dicts(mine["cumulative"]), measure)
    judged = risk_of_bias.of_synthesis(tables["risk_of_bias"], name, synthesis.outcome)
    weight = weighted.of_studies(mine["effects"], primary)
    figure_numbers.risk(numbers, name, weighted.shares(judged, weight))
    figure_numbers.history(numbers, as_dicts(mine["history"]))
    figure_numbers.subsets(numbers, mine["gosh"], measure)
    if synthesis.time is not None:
        source = f"{table_numbers.PROTOCOL}, syntheses.{name}.time"
        unit = asked.time_unit
        what = "time of the result"
        numbers.add(f"{name}/time", synthesis.time, "time-point", unit, [source], what)
    small = [row | {"measure": measure} for row in as_dicts(mine["small_study"])]
    table_numbers.tests(numbers, small, "small-study", table_numbers.OF_SMALL_STUDY, [f"{name}/k"])
    for row in small:
        note = row["note"].replace("tau2", "τ²")
        row["note"] = with_numbers(numbers, f"{row['key']}/note", note, [f"{name}/k"])
    found["small_study"] = small
    found["absolute"] = other_scales.section(
        numbers,
        name,
        measure,
        mine["absolute"],
        [f"{ids.model(primary)}/estimate"] if primary else [],
        {key: one.title for key, one in asked.syntheses.items()},
    )
    if apart:
        numbers.add(f"{name}/effects", len(each), "count", "effects", parents, "usable effects")
    empty = int(mine["unusable"]["empty"].fillna(False).sum())
    numbers.add(f"{name}/empty", empty, "count", "studies", [f"{name}/unusable"], EMPTY)
    for what, words_ in COUNTED.items():
        value = len(mine[what]) if what == "unusable" else found[what]
        sources = {"k": parents or printed_in, "unusable": printed_in}
        of = sources.get(what, [f"{name}/k"])
        numbers.add(f"{name}/{what}", value, "count", "studies", of, words_)
    found["verified"] = quotes.verified(
        numbers, name, as_dicts(each), mine["used"], tables["quotes"]
    )
    found["until"] = readings.taken_until(tables["readings"], tables["curve_readings"], used)
    if found["until"]:
        value, what = k - len(found["until"]), "without what is to be settled"
        numbers.add(f"{name}/k-without", value, "count", "studies", [f"{name}/k"], what)
    found["until"] = [labels.get(study, study) for study in found["until"]]
    if found["unsettled"]:
        value, what = k + len(found["unsettled"]), "with a usable effect once all is settled"
        numbers.add(f"{name}/k-settled", value, "count", "studies", [f"{name}/k"], what)
    return found


def _fired(decisions: pd.DataFrame, rule: str) -> bool:
    """Whether a guard rail fired; releases that hold sentences have no such rails."""
    return "rule" in decisions and bool((decisions["rule"] == rule).any())


def _without_effect(numbers, name, unusable, labels, rows, printed_in):
    """The studies without an effect, each with its reason; as one where very many share it."""
    alike = unusable["reason"].value_counts()
    many: dict[str, str] = {}
    found = []
    for r in as_dicts(unusable):
        key, reason = f"{name}/unusable/{r['study_id']}", r["reason"]
        of = rows.get(r["study_id"]) or [f"{printed_in[0]}, study {r['study_id']}"]
        if alike[reason] > ALIKE:
            if reason in many:
                continue
            many[reason] = key = f"{name}/unusable-alike/{len(many) + 1}"
            of = [f"results/effects/unusable.csv, synthesis {name}"]
            count = int(alike[reason])
            numbers.add(
                key, count, "count", "studies", of, "without a usable effect for one reason"
            )
        found.append(
            {
                "label": labels.get(r["study_id"], r["study_id"]),
                "reason": with_numbers(
                    numbers, f"{key}/reason" if reason in many else key, reason, of
                ),
                "alike": many.get(reason, ""),
            }
        )
    return found


EMPTY = "in which nobody, or for odds everybody, in both arms had the event"
SIZES = (("none", 0), ("one", 1), ("two", 2), ("few", 4), ("some", 9), ("many", None))
COUNTED = {
    "k": "with a usable effect",
    "waiting": "awaiting their full text",
    "assumed": "whose effect rests on an assumption",
    "unusable": "without a usable effect",
}
OF_A_SYNTHESIS = (
    *("effects", "used", "unusable", "routes", "pooled", "influence", "moderators", "predicted"),
    *("small_study", "decisions", "absolute", "cumulative", "gosh", "history", "narrative"),
)


def of_each(
    tables: dict[str, pd.DataFrame], which: Iterable[str], names: Iterable[str]
) -> dict[str, dict[str, pd.DataFrame]]:
    """Of each synthesis, its rows of each of the tables, with empty text where pandas holds
    nothing. All are parted at once: pandas is slow in small steps."""
    found: dict[str, dict[str, pd.DataFrame]] = {name: {} for name in names}
    for one in which:
        rows = tables[one]
        texts = [c for c in rows if pd.api.types.is_string_dtype(rows[c])]
        rows = rows.assign(**{str(column): rows[column].fillna("") for column in texts})
        parts = dict(iter(rows.groupby("synthesis", sort=False)))
        for name in found:
            found[name][one] = parts.get(name, rows.iloc[:0])
    return found


def _joined(effects: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    traits = studies.drop(columns=[c for c in studies if c in effects and c != "study_id"])
    table = effects.merge(traits, on="study_id", how="left")
    return table.sort_values(["year", "label"], kind="stable") if "year" in table else table


def _within(primary: dict | None, several: bool) -> str:
    """Between what the part of tau² is that lies within studies or clusters; "" of none."""
    if not primary or missing(primary["tau2_within"]):
        return ""
    return "effects of one study" if several else "studies of one cluster"


def _one_a_study(each, effects, studies, measure):
    """The effects one a study (several.of_studies), and the studies that have several."""
    if not several.found_in(effects):
        return each, []
    shown = measures.shown(_joined(several.of_studies(effects), studies), measure)
    shown["weight"] = shown["study_id"].map(each.groupby("study_id")["weight"].sum(min_count=1))
    many = each["study_id"].value_counts(sort=False)
    return shown, list(many[many > 1].index)


def _named(row, labels):
    """A study by its label, with the name of the effect where it has several."""
    label, name = labels.get(row["study_id"], row["study_id"]), row.get("effect_name")
    return f"{label} ({name})" if name else label


def _up_to(synthesis, outcome):
    """Whether the time is a limit, as of a restricted mean, rather than a moment."""
    return MEASURES[synthesis.measure].restricted and outcome.kind == "survival"


def verdict(row: dict, measure: str, outcome: Outcome, arms: list[str]) -> str:
    """On which side a comparison falls, in words; "" for single arms and for measures without
    a value of no effect."""
    null = measures.SCALES[measure].null
    low, high = row["display_ci_low"], row["display_ci_high"]
    if null is None or len(arms) != 2 or missing(low):
        return ""
    if low <= null <= high:
        return "the interval includes no difference"
    better = (low > null) == more_is_better(measure, outcome.good, outcome.kind)
    return f"in favour of {english.within(arms[0] if better else arms[1])}"


def _thresholds(
    name: str, primary: dict | None, asked: Protocol, numbers: Numbers
) -> list[dict[str, Any]]:
    """On which side of each threshold of the protocol the result and its interval lie."""
    synthesis = asked.syntheses[name]
    kind = measures.SCALES[synthesis.measure].kind
    printed = "percentage-as-printed" if kind == "proportion" else kind
    source = [f"config/config.yaml: syntheses.{name}.thresholds"]
    found = []
    for i, lies in enumerate(conclusions.conclusion(primary, synthesis, asked).thresholds):
        key = f"{name}/threshold/{i}"
        numbers.add(key, lies.value, printed, "", source, "threshold")
        found.append({"id": key, "estimate": lies.estimate, "interval": lies.interval})
    return found


def _studies(name, shown, labels, said, used):
    return [
        {
            "id": row["study_id"],
            "key": ids.study(name, ids.own(row)),
            "label": _named(row, labels),
            "route": row["route"],
            "needs": ROUTES[row["route"]].needs if row["route"] in ROUTES else "",
            "inputs": row["inputs"],
            "printed": [
                {"id": ids.printed(r), "what": table_numbers.described(said[r])}
                for r in table_numbers.cited(used.get(ids.own(row), []))
                if r in said
            ],
            "assumed": row["assumed"] or "",
            "grade": row.get("grade") or "",
            "adjusted": row.get("adjusted") or "",
            "awaiting": row.get("status") == "awaiting",
        }
        for row in as_dicts(shown)
    ]


def _model(row):
    return {"key": ids.model(row), "name": models.name(row), "primary": bool(row["primary"])}


def _subgroups(pooled, labels):
    groups: dict[str, list] = {}
    for row in pooled:
        column, _, value = row["subgroup"].partition("=")
        if value:
            model = "the study itself" if row["k"] == 1 else models.name(row)
            shown = labels.get(column, {}).get(value, value)
            entry = {"value": shown, "key": ids.model(row), "model": model, "k": row["k"]}
            groups.setdefault(column, []).append(entry)
    return groups


def _influence(numbers, table, shown, measure, labels):
    order = {study: i for i, study in enumerate(shown["study_id"])}
    rows = sorted(as_dicts(table), key=lambda row: order.get(row["left_out"], 0))
    figure_numbers.influence(numbers, rows, measure)
    return [
        {
            "label": labels.get(row["left_out"], row["left_out"]),
            "key": ids.without(row),
        }
        for row in rows
    ]


def _decisions(numbers, name, table):
    """The guard rails that fired, phrased."""
    found = []
    for i, row in enumerate(as_dicts(table)):
        words = guard_rails.of_row(row, spelt=True)._asdict()
        said = {
            part: with_numbers(
                numbers, f"{name}/rail/{i}/{part}", english.full_stop(text), [f"{name}/k"]
            )
            for part, text in words.items()
        }
        found.append(said)
    return found


def _routes(shown):
    """(code, what it needs, number of studies) for every route used, in order of use."""
    counts = shown["route"].value_counts(sort=False)
    return [
        (code, ROUTES[code].needs if code in ROUTES else "", int(n)) for code, n in counts.items()
    ]
