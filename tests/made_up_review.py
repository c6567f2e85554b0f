"""A made-up review with syntheses of 13, 4, 2, 1 and no studies, as the report's inputs.

The 13 are the BCG trials (Colditz 1994); the rest is invented. Effects and models are computed by
the library itself, so that the report is tested on what it will meet.
"""

import pandas as pd

import settle
from livingmeta import plan as plans
from livingmeta import protocol as protocols
from livingmeta import tables
from livingmeta.effect_measures import MEASURES
from livingmeta.effects import course as of_studies
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction import agreement
from livingmeta.figures import (
    bubble,
    diagnostics,
    direction,
    estimators,
    flow,
    forest,
    funnel,
    labbe,
)
from livingmeta.figures.drawn import Drawn
from livingmeta.living import to_settle
from livingmeta.pooling import absolute_effects, course, narrative, over_time
from livingmeta.pooling import synthesis as pooling
from livingmeta.pooling.second_opinion import compare as second_opinion

NASTY = '<script>alert("1")</script> & $x^2$ =1+1 שלום 北京'
BCG = [
    ("Aronson 1948", 1948, "random", 4, 123, 11, 139),
    ("Ferguson 1949", 1949, "random", 6, 306, 29, 303),
    ("Rosenthal 1960", 1960, "random", 3, 231, 11, 220),
    ("Hart 1977", 1977, "random", 62, 13598, 248, 12867),
    ("Frimodt-Moller 1973", 1973, "alternate", 33, 5069, 47, 5808),
    ("Stein 1953", 1953, "alternate", 180, 1541, 372, 1451),
    ("Vandiviere 1973", 1973, "random", 8, 2545, 10, 629),
    ("TPT Madras 1980", 1980, "random", 505, 88391, 499, 88391),
    ("Coetzee 1968", 1968, "random", 29, 7499, 45, 7277),
    ("Rosenthal 1961", 1961, "systematic", 17, 1716, 65, 1665),
    ("Comstock 1974", 1974, "systematic", 186, 50634, 141, 27338),
    ("Comstock 1969", 1969, "systematic", 5, 2498, 3, 2341),
    ("Comstock 1976", 1976, "systematic", 27, 16913, 29, 17854),
]
# study_id, label, arm, time, value, n of printed survival.
SURVIVAL = [
    ("pair-one", "Pair one 2011", "bcg", 24, 0.666, 36),
    ("pair-one", "Pair one 2011", "none", 24, 0.312, 22),
    ("pair-two", f"Pair two 2012 {NASTY}", "bcg", 24, 0.55, 40),
    ("pair-two", f"Pair two 2012 {NASTY}", "none", 24, 0.4, 41),
    ("alone", "Alone 2013 " + "with a very long name " * 14, "bcg", 12, 0.7, 20),
    ("alone", "Alone 2013 " + "with a very long name " * 14, "none", 12, 0.5, 21),
    ("fourth", "Fourth 2014", "bcg", 24, 0.72, 50),
    ("fifth", "Fifth 2015", "bcg", 24, 0.31, 18),
]
PROTOCOL = {
    "review": {
        "title": f"BCG {NASTY}",
        "question": {
            "population": "People",
            "intervention": "BCG",
            "comparator": "No BCG",
            "outcomes": "Tuberculosis; survival",
        },
        "note": "Made up",
    },
    "screening": {"reviewers": 1, "reasons": {"wrong": "The wrong vaccine"}},
    "arms": {"bcg": {"label": "BCG"}, "none": {"label": "No vaccine"}},
    "outcomes": {
        "tb": {"label": "Tuberculosis", "kind": "binary", "good": "lower"},
        "os": {"label": "Overall survival", "kind": "survival", "good": "higher"},
    },
    "syntheses": {
        "tb": {
            "title": "Tuberculosis",
            "outcome": "tb",
            "measure": "RR",
            "arms": ["bcg", "none"],
            "subgroups": ["design"],
            "moderators": ["year"],
        },
        "os-four": {
            "title": f"Survival at 24 months {NASTY}",
            "outcome": "os",
            "measure": "PLO",
            "arms": ["bcg"],
            "time": 24,
        },
        "os-two": {
            "title": "Survival of two",
            "outcome": "os",
            "measure": "OR",
            "arms": ["bcg", "none"],
            "time": 24,
        },
        "os-one": {
            "title": "Survival of one",
            "outcome": "os",
            "measure": "OR",
            "arms": ["bcg", "none"],
            "time": 12,
        },
        "os-none": {
            "title": "Survival of nobody",
            "outcome": "os",
            "measure": "HR",
            "arms": ["bcg", "none"],
            "include": {"design": ["unheard-of"]},
        },
        "os-course": {
            "title": f"The course of survival {NASTY}",
            "outcome": "os",
            "measure": "SURV",
            "arms": ["bcg"],
            "include": {"status": ["included", "awaiting"]},
        },
    },
    "published": {
        "citation": "Somebody. A journal 1994",
        "studies": 1,
        "patients": 1234,
        "results": [
            {"synthesis": "tb", "label": "RR", "estimate": 0.49, "ci_low": 0.34, "ci_high": 0.7},
            {"synthesis": "os-four", "label": "OS", "estimate": 43.3, "unit": "%"},
        ],
        "differs_because": ["Chance"],
    },
}
FLOW = {
    "identified": {
        "databases": [
            {"database": f"A {NASTY}", "searched_on": "2022-05-01", "records": 26},
            {"database": "B", "searched_on": "2026-11-23", "records": 4},
        ],
        "records": 30,
    },
    "removed_before_screening": {"duplicates": 1, "automation": 0, "unreadable": 1},
    "records": 28,
    "awaiting_screening": {"undecided": 1, "unsure": 0, "conflicts": 0},
    "screened": 27,
    "excluded_title_abstract": 5,
    "sought": 22,
    "not_retrieved": 1,
    "awaiting_assessment": 0,
    "assessed": 21,
    "excluded_full_text": {"reports": 2, "reasons": [{"reason": "wrong", "reports": 2}]},
    "awaiting_classification": {"unsure": 1, "conflicts": 0},
    "included": {
        "reports": 18,
        "studies": 17,
        "reports_without_study": 0,
        "studies_without_included_report": 0,
    },
}


def protocol() -> dict:
    """The protocol with its defaults."""
    return protocols.complete(PROTOCOL)


def _outcomes():
    rows = []
    for label, _, _, a, n, c, m in BCG:
        study = label.replace(" ", "-")
        rows.append((study, "tb", "bcg", None, "events", a, n, f"{a}"))
        rows.append((study, "tb", "none", None, "events", c, m, f"{c}"))
    for study, _, arm, time, value, n in SURVIVAL:
        rows.append((study, "os", arm, time, "survival", value, n, f"{100 * value:g}%"))
    names = ["study_id", "outcome", "arm", "time", "statistic", "value", "n", "printed"]
    table = pd.DataFrame(rows, columns=names)
    table["row"] = range(2, len(table) + 2)
    table["source"] = "https://example.org/" + table["study_id"]
    table["quote"] = "“" + NASTY + "”"
    for column in ("ci_low", "ci_high", "ci_level"):
        table[column] = float("nan")
    for column in ("p_value", "unit", "adjusted", "extractor", "note"):
        table[column] = ""
    return table


def _studies():
    rows = [(label.replace(" ", "-"), label, year, how) for label, year, how, *_ in BCG]
    rows += [(study, label, 2011, "cohort") for study, label, *_ in SURVIVAL]
    table = pd.DataFrame(rows, columns=["study_id", "label", "year", "design"])
    table = table.drop_duplicates("study_id").reset_index(drop=True)
    table["status"] = "included"
    table.loc[table["study_id"] == "fifth", "status"] = "awaiting"
    table["n"] = 50
    table["records"] = "doi:10.1000/" + table["study_id"]
    return table


def made_up_tables(plan: dict, outcomes: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    """Every table that the report reads, by name; from other `outcomes` where given."""
    if outcomes is not None:
        return _tables(plan, outcomes)
    if repr(plan) not in _MADE:
        _MADE[repr(plan)] = _tables(plan, _outcomes())
    # Tests may write into what they are given.
    return {name: table.copy() for name, table in _MADE[repr(plan)].items()}


# What was made already, by the protocol that it was made under.
_MADE: dict[str, dict[str, pd.DataFrame]] = {}


def _tables(plan: dict, outcomes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    studies = _studies()
    wanted = {
        name: s | {"include": {"status": ["included", "awaiting"], **s["include"]}}
        for name, s in plan["syntheses"].items()
    }
    effects, unusable, routes, used = harmonise(
        outcomes,
        studies,
        plans.syntheses(wanted),
        plan["arms"],
        plans.outcomes(plan["outcomes"]),
    )
    found = {"effects": effects, "unusable": unusable, "routes": routes, "used": used}
    joined = effects.merge(studies.drop(columns="n"), on="study_id")
    syntheses, kinds = plans.syntheses(plan["syntheses"]), plans.outcomes(plan["outcomes"])
    parts = [
        pooling.pool(joined[joined["synthesis"] == name], name, s) for name, s in syntheses.items()
    ]
    for name in parts[0]:
        filled = [part[name] for part in parts if len(part[name])]
        found[name] = pd.concat(filled or [parts[0][name]], ignore_index=True)
    told = [
        narrative.rows(joined[joined["synthesis"] == name], name, s, kinds[s.outcome])
        for name, s in syntheses.items()
    ]
    found["narrative"] = pd.concat([t for t in told if len(t)] or told[:1], ignore_index=True)
    found["over_time"], _ = over_time.over_time(found["pooled"], effects, syntheses, kinds)
    found["second_opinion"] = second_opinion.of_all(
        effects,
        studies.drop(columns="n"),
        tables.empty("extraction/individual"),
        syntheses,
        found["pooled"],
        found["moderators"],
    )
    curves = plans.syntheses(plan["courses"])
    found["intervals"] = of_studies.intervals(outcomes, studies, curves).fillna({"reason": ""})
    found["course"], found["courses"], few = course.course(found["intervals"], curves)
    found["decisions"] = pd.concat([found["decisions"], pd.DataFrame(few)], ignore_index=True)
    found["absolute"] = absolute_effects.absolute_effects(
        found["pooled"],
        effects,
        syntheses,
        kinds,
        plan["report"].get("baseline_survival", {}),
        tables.empty("extraction/individual"),
    )
    for name in ("duplicates", "excluded", "trials", "missed_reports"):
        found[name] = tables.empty(f"screening/{name}")
    for name in ("information_size", "information_looks"):
        found[name] = tables.empty(f"living/{name}")
    for name in ("summary_of_findings", "grade_facts", "to_judge", "rob_me", "inspect_sr"):
        found[name] = tables.empty(f"judgement/{name}")
    found["history"] = tables.empty("living/cumulative")
    found["curves"] = tables.empty("extraction/curves")
    found["contacts"] = tables.empty("extraction/contacts")
    found["curve_readings"] = tables.empty("extraction/curve_readings")
    found["proposers"] = tables.empty("extraction/machines")
    found["readings"], found["extracted"] = agreement.compare(outcomes)
    found["extracted"] = agreement.together(found["extracted"], _agreement())
    found["records"] = pd.DataFrame([_record()])
    found["awaiting"] = pd.DataFrame(
        [
            {
                "record_id": "doi:10.1/x",
                "title": NASTY,
                "stage": "full-text",
                "state": "unsure",
                "votes": "",
                "note": NASTY,
            }
        ]
    )
    found |= {"outcomes": outcomes, "studies": studies}
    found["registrations"] = tables.empty("pooling/registrations")
    for schema in (*settle.TABLES, *settle.RAW, "living/amendments", "data/reviewers"):
        found.setdefault(schema.rpartition("/")[2], tables.empty(schema))
    return found | {"to_settle": to_settle.everything(found, [], {}, {})}


def _agreement():
    """How far two people agree on studies and on risk of bias."""
    kappa = {"kappa": 0.4, "kappa_low": -0.1, "kappa_high": 0.9}
    for table, field in (("studies", "followup_months"), ("risk_of_bias", "RoB 2")):
        head = {"table": table, "first": "kim", "second": NASTY}
        share = agreement.share_of([True] * 7 + [False])
        yield head | {"field": "all"} | share
        yield head | {"field": field} | share | kappa
    head = {"table": "curves", "first": "kim", "second": NASTY}
    yield head | {"field": "all"} | agreement.share_of([True, False])
    icc = {"icc": 0.99, "icc_low": 0.9, "icc_high": 0.999}
    yield head | {"field": "survival"} | agreement.share_of([True] * 39 + [False]) | icc


def _record():
    blank = dict.fromkeys(tables.schema("screening/records")["columns"], "")
    return blank | {"record_id": "doi:10.1/x", "title": NASTY * 9, "url": "javascript:alert(1)"}


def made_up_figures(plan: dict, found: dict) -> dict[str, Drawn]:
    """Every figure by name."""
    drawn = {"flow": flow.draw(FLOW, plan["screening"]["reasons"])}
    studies = found["studies"].drop(columns="n")
    asked = plans.Protocol.of(plan)
    for name, synthesis in asked.syntheses.items():
        mine = found["effects"][found["effects"]["synthesis"] == name]
        mine = mine.merge(studies, on="study_id")
        models = found["pooled"][found["pooled"]["synthesis"] == name]
        outcome = asked.outcomes[synthesis.outcome]
        drawn[f"forest-{name}"] = forest.draw(
            mine,
            models,
            found["moderators"][found["moderators"]["synthesis"] == name],
            synthesis,
            arms=asked.arms,
            outcome=outcome,
            used=found["used"][(found["used"]["synthesis"] == name) & found["used"]["used"]],
        )
        if synthesis.moderators:
            of_it = [
                found[table][found[table]["synthesis"] == name]
                for table in ("predicted", "moderators")
            ]
            drawn[f"bubble-{name}"] = bubble.draw(mine, *of_it, synthesis, outcome)
        if MEASURES[synthesis.measure].of_shares:
            drawn[f"labbe-{name}"] = labbe.draw(mine, models, synthesis, asked.arms)
        drawn[f"direction-{name}"] = direction.draw(
            mine,
            found["narrative"][found["narrative"]["synthesis"] == name],
            synthesis,
            arms=asked.arms,
            outcome=outcome,
        )
        drawn[f"funnel-{name}"] = funnel.draw(mine, models, synthesis)
        drawn[f"estimators-{name}"] = estimators.draw(models, synthesis, outcome)
        of_it = [
            found[table][found[table]["synthesis"] == name]
            for table in ("influence", "cumulative", "gosh")
        ]
        drawn[f"diagnostics-{name}"] = diagnostics.draw(mine, *of_it, models, synthesis, outcome)
    return drawn
