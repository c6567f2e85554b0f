"""Made-up states of a review, pooled by the pipeline's own code."""

import copy
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from livingmeta import plan, tables
from livingmeta.effects import harmonise
from livingmeta.living.state import OF_CURVES, State
from livingmeta.pooling import synthesis

PROTOCOL = {
    "review": {
        "title": "Testomycin",
        "version": "1.0",
        "doi": "",
        "question": {"population": "Adults"},
        "authors": [],
    },
    "screening": {"reviewers": 1, "reasons": {"wrong-drug": "Another drug"}},
    "extraction": {"until_settled": "leave-out"},
    "time_unit": "months",
    "arms": {
        "drug": {"label": "Testomycin", "joins": []},
        "none": {"label": "Nothing", "joins": []},
    },
    "outcomes": {"fever": {"label": "Fever", "kind": "binary", "good": "lower"}},
    "courses": {},
    "syntheses": {
        "fever-or": {
            "title": "Fever at one week",
            "outcome": "fever",
            "measure": "OR",
            "arms": ["drug", "none"],
            "other_measures": [],
            "several": "settle",
            "correlation": None,
            "shared_control": "settle",
            "narrative": False,
            "time": None,
            "include": {},
            "routes": [],
            "model": "auto",
            "sensitivity": [],
            "subgroups": [],
            "moderators": [],
            "thresholds": [],
            "information_size": None,
            "level": 0.95,
            "zeros": {"add": 0.5, "to": "only0", "drop_double": True},
            "rules": "standard",
            "subgroup_labels": {},
        }
    },
}
# events and patients with and without the drug
TRIALS = {
    "ahn": (8, 40, 17, 40),
    "bauer": (3, 30, 9, 30),
    "costa": (12, 60, 14, 60),
    "diaz": (5, 50, 20, 55),
    "eriksen": (9, 25, 11, 26),
    "fox": (2, 80, 10, 80),
}


def protocol(version="1.0", **changes) -> dict:
    """The protocol with `changes` to its one synthesis; a value of None removes the synthesis."""
    made = copy.deepcopy(PROTOCOL)
    made["review"]["version"] = version
    for key, value in changes.items():
        made["syntheses"]["fever-or"][key] = value
    return made


def make(trials: dict, asked: dict | None = None, traits=None, searches=None, judged=()) -> State:
    """The State with these trials (study_id: events and patients of either arm), pooled under the
    protocol `asked`. `traits`: further columns of studies.csv by study_id; among them `status`,
    `found_on` and `flag` (of its report). `searches`: records by day. `judged`: domain, judgement
    and reason of rows of certainty.csv."""
    asked = asked or protocol()
    traits = traits or {}
    studies, cells, records = [], [], []
    for study, counts in trials.items():
        year = 2010 + list(TRIALS).index(study) if study in TRIALS else 2020
        mine = {"status": "included", "found_on": "2024-01-01", "year": year}
        mine |= traits.get(study, {})
        found, flag = mine.pop("found_on"), mine.pop("flag", "none")
        record = f"doi:10.5555/{study}"
        studies.append({"study_id": study, "records": record, "label": study.title(), **mine})
        state = {"awaiting": "unsure"}.get(mine["status"], mine["status"])
        records.append(
            {
                "record_id": record,
                "title": study,
                "state": state,
                "stage": "full-text",
                "reason": "wrong-drug" if state == "excluded" else "",
                "found_on": found,
                "study_id": study if state == "included" else "",
                "sources": "PubMed",
                "flag": flag,
                "identifiers": f"{record} title:{study}",
            }
        )
        for arm, events, n in (("drug", *counts[:2]), ("none", *counts[2:])):
            cells.append(
                {
                    "study_id": study,
                    "outcome": "fever",
                    "arm": arm,
                    "time": float("nan"),
                    "statistic": "events",
                    "value": float(events),
                    "n": n,
                    "source": "p. 3",
                    "printed": str(events),
                }
            )
    outcomes = pd.DataFrame(cells, columns=list(tables.empty("extraction/outcomes").columns))
    outcomes["row"] = range(2, len(outcomes) + 2)
    outcomes = _typed(outcomes, "living/outcomes")
    traits_table = _typed(pd.DataFrame(studies), "living/studies")
    effects, *_ = harmonise.harmonise(
        outcomes,
        traits_table,
        plan.syntheses(asked["syntheses"]),
        asked["arms"],
        plan.outcomes(asked["outcomes"]),
    )
    pooled = [
        synthesis.pool(effects[effects["synthesis"] == name], name, part)
        for name, part in plan.syntheses(asked["syntheses"]).items()
    ]
    parts = {
        table: pd.concat([tables.empty(schema), *(p[name] for p in pooled)], ignore_index=True)
        for table, name, schema in (
            ("pooled", "pooled", "living/pooled"),
            ("guard_rails", "decisions", "living/guard_rails"),
        )
    }
    stand = pd.DataFrame(records)
    return State(
        version=asked["review"]["version"],
        protocol=asked,
        flow=_flow(stand, searches or {"2024-01-01": len(records)}),
        records=_typed(stand, "living/records"),
        studies=traits_table,
        outcomes=outcomes,
        effects=_typed(effects, "living/effects"),
        pooled=_typed(parts["pooled"], "living/pooled"),
        guard_rails=_typed(parts["guard_rails"], "living/guard_rails"),
        certainty=_judged(judged),
        **{name: tables.empty(f"living/{name}") for name in OF_CURVES},
    )


def _typed(table: pd.DataFrame, schema: str) -> pd.DataFrame:
    """The table as it would be read from the file that it would be written to."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        blank = tables.empty(schema)
        tables.write(table.reindex(columns=[*blank.columns, *_more(table, blank)]), path, schema)
        return tables.read(path, schema)


def _judged(rows) -> pd.DataFrame:
    table = tables.empty("living/certainty")
    for i, (domain, judgement, reason) in enumerate(rows):
        table.loc[i] = ["fever-or", domain, judgement, reason, "ab", ""]
    return table


def _more(table, blank) -> list[str]:
    return [column for column in table.columns if column not in blank.columns]


def _flow(records: pd.DataFrame, searches: dict[str, int]) -> dict:
    included = records[records["state"] == "included"] if len(records) else records
    return {
        "identified": {
            "databases": [
                {"database": "PubMed", "searched_on": day, "records": n}
                for day, n in searches.items()
            ],
            "records": sum(searches.values()),
        },
        "removed_before_screening": {"duplicates": 0, "automation": 0, "unreadable": 0},
        "records": len(records),
        "included": {"reports": len(included), "studies": len(included)},
    }
