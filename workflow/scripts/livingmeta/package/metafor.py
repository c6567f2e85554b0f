"""The pooled results as two tables that metafor (R) repeats them from, by templates/metafor.R.

`effects`: which effects a result rests on, one row an effect and set; `results`: one row a result
of pooled.csv, with the call of metafor that gives it, and its numbers as we have them. What has no
such call says why. Estimators, tests and arguments are those of Viechtbauer 2010 (J Stat Softw
36(3)): `knha` is Hartung and Knapp's test, `adhoc` the same with a factor of at least one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.analyses import METHODS
from livingmeta.pooling import alternatives, left_out, second_opinion
from livingmeta.pooling.engines.counts import MANTEL_HAENSZEL
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.synthesis import Synthesis

EFFECTS, RESULTS = "report/metafor_effects", "report/metafor_results"
SCRIPT = tables.SCHEMAS.parent / "templates" / "metafor.R"
TESTS = {"wald": "z", "t": "t", "hksj": "knha", "hksj-guarded": "adhoc"}
# Estimators of metafor by other names than ours, and those it lacks.
ESTIMATORS = {"FE": "EE"}
LACKING = ("DL2",)
OF_COUNTS = {METHODS["mantel-haenszel"]: "rma.mh", METHODS["peto"]: "rma.peto"}
NUMBERS = ["k", "estimate", "se", "ci_low", "ci_high", "tau2"]
# Why a result is not repeated.
SEVERAL = "its studies have several effects"
ONE = "one study"
REVMAN = "tau² by RevMan's rules, around the Mantel-Haenszel estimate"
OTHER = "no call of metafor is written for this method"


def of_all(
    effects: pd.DataFrame,
    traits: pd.DataFrame,
    asked: Mapping[str, plan.Synthesis],
    pooled: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of the schemas EFFECTS and RESULTS, analysis scale. `effects`: effects.csv with
    risk of bias beside; `traits`: studies.csv without `n`; `pooled`: pooled.csv."""
    sets: list[pd.DataFrame] = []
    results: list[dict[str, Any]] = []
    for name, one in asked.items():
        mine = effects[effects["synthesis"] == name].merge(traits, on="study_id")
        if len(mine):
            s = Synthesis(mine, name, one)
            rows = pooled[pooled["synthesis"] == name].to_dict("records")
            _add(s, [{str(key): cell for key, cell in row.items()} for row in rows], sets, results)
    columns = {schema: tables.columns(schema) for schema in (EFFECTS, RESULTS)}
    listed = pd.concat(sets, ignore_index=True) if sets else tables.empty(EFFECTS)
    told = pd.DataFrame(results, columns=columns[RESULTS]) if results else tables.empty(RESULTS)
    return listed.reindex(columns=columns[EFFECTS]), told


def _add(
    s: Synthesis,
    pooled: list[dict[str, Any]],
    sets: list[pd.DataFrame],
    results: list[dict[str, Any]],
) -> None:
    """The sets and results of one synthesis, at the end of the lists."""
    without = dict(left_out.asked(s, ""))
    names: dict[tuple[bytes, str, str], str] = {}
    for row in pooled:
        found = {name: row[name] for name in ("synthesis", "model", "subgroup", "measure")}
        found |= {name: row[name] for name in NUMBERS} | {"level": s.level, "set": "", "group": ""}
        call, why = _call(s, row)
        found |= call | {"why": why}
        if not why:
            mask = second_opinion.resting(s, row, without)
            column = ""
            if second_opinion.is_common_in_groups(row):
                column, found["group"] = second_opinion.group(s, row)
                mask = (second_opinion.text_of(s, column) != "").to_numpy(bool)
            try:
                cells = _cells(s.only(mask), call["call"])
            except PoolingError as error:
                found["why"] = str(error)
            else:
                key = (mask.tobytes(), column, call["call"] if cells is not None else "")
                if key not in names:
                    names[key] = f"{s.id}/{len(names) + 1}"
                    sets.append(_set(s, names[key], mask, column, cells))
                found["set"] = names[key]
        results.append(found)


def _call(s: Synthesis, row: dict[str, Any]) -> tuple[dict[str, str], str]:
    """The call of metafor that gives a row of pooled.csv; else why there is none."""
    none = {"call": "", "method": "", "test": ""}
    if len(s.parts) > len(s.studies):
        return none, SEVERAL
    if row["k"] < 2:
        return none, ONE
    by_counts = next((c for m, c in OF_COUNTS.items() if f"{row['model']} ".startswith(m)), None)
    if by_counts:
        return none | {"call": by_counts, "test": "z"}, ""
    if not second_opinion.is_model(row) or row["tau2_method"] in LACKING:
        return none, OTHER
    if second_opinion.is_of_revman(s, row):
        return none, REVMAN
    method = ESTIMATORS.get(row["tau2_method"], row["tau2_method"])
    return {"call": "rma.uni", "method": method, "test": TESTS[row["interval"]]}, ""


def _cells(s: Synthesis, call: str) -> np.ndarray | None:
    """Cells (4, k) of what is pooled by counts, as the method takes them."""
    if call == "rma.mh":
        return alternatives.mantel_haenszel_cells(s, tuple(MANTEL_HAENSZEL))
    if call == "rma.peto":
        return alternatives.counts(s, ("OR", "PETO"), 2)
    return None


def _set(
    s: Synthesis, name: str, mask: np.ndarray, column: str, cells: np.ndarray | None
) -> pd.DataFrame:
    """The effects of one set. `column`: of subgroups that share one tau², "" for others."""
    studies = s.studies[mask]
    found = studies[["study_id", "yi", "vi"]].assign(set=name)
    found["group"] = second_opinion.text_of(s, column)[mask] if column else ""
    for index, cell in enumerate(alternatives.CELLS):
        found[cell] = np.nan if cells is None else cells[index]
    return found
