"""The pooled results as two tables that metafor (R) repeats them from, by templates/metafor.R.

`effects`: which effects a result rests on, one row an effect and set; `results`: one row a result
of pooled.csv, with the call that gives it, and its numbers as we have them. What has no such call
says why. Estimators, tests and arguments are those of Viechtbauer 2010 (J Stat Softw 36(3)): `knha`
is Hartung and Knapp's test, `adhoc` the same with a factor of at least one, `CR2` clubSandwich's.
`beta-binomial` and `bayesian` are no calls of metafor, which has neither: the script writes their
likelihood and their integrals out.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.analyses import METHODS, Method
from livingmeta.as_dicts import as_dicts
from livingmeta.effects.several import NAME
from livingmeta.pooling import alternatives, left_out, primary
from livingmeta.pooling.engines.counts import MANTEL_HAENSZEL
from livingmeta.pooling.engines.glmm import TWO_ARM
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.second_opinion import resting
from livingmeta.pooling.synthesis import Synthesis

EFFECTS, RESULTS = "report/metafor_effects", "report/metafor_results"
SCRIPT = tables.SCHEMAS.parent / "templates" / "metafor.R"
TESTS = {"wald": "z", "t": "t", "hksj": "knha", "hksj-guarded": "adhoc", "CR2": "CR2"}
# Estimators of metafor by other names than ours; DL2 the script makes of two of them.
ESTIMATORS = {"FE": "EE"}
# Methods of another kind, and what gives them in R.
CALLS = {
    "mantel-haenszel": "rma.mh",
    "peto": "rma.peto",
    "glmm": "rma.glmm",
    "beta-binomial": "beta-binomial",
    "trim-and-fill": "trimfill",
    "bayesian": "bayesian",
}
NUMBERS = ["k", "estimate", "se", "ci_low", "ci_high", "tau2"]
# Why a result is not repeated.
REVMAN = "tau² by RevMan's rules, around the Mantel-Haenszel estimate"
PRIOR = "a prior of tau other than half-normal"
WITHOUT_SE = "it has no standard error"
OTHER = "no call is written for this method"
SHARED = "no call is written for subgroups that share one tau² under a model of counts"


class Call(NamedTuple):
    """What gives a result in R. `form`: of a GLMM, of trim and fill, of a prior; `scale`: of a
    prior; `cluster`: the column of studies.csv that says whose effects hang together."""

    call: str = ""
    method: str = ""
    test: str = ""
    form: str = ""
    scale: float = np.nan
    cluster: str = ""


def of_all(
    effects: pd.DataFrame,
    traits: pd.DataFrame,
    asked: Mapping[str, plan.Synthesis],
    pooled: pd.DataFrame,
    unusable: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of the schemas EFFECTS and RESULTS, analysis scale. `effects`: effects.csv with
    risk of bias beside; `traits`: studies.csv without `n`; `pooled`: pooled.csv; `unusable`:
    unusable.csv, of which counts without information on a ratio are taken."""
    sets: list[pd.DataFrame] = []
    results: list[dict[str, Any]] = []
    for name, one in asked.items():
        mine = effects[effects["synthesis"] == name].merge(traits, on="study_id")
        if len(mine):
            empty = None
            if unusable is not None and len(unusable):
                aside = unusable[(unusable["synthesis"] == name) & unusable["empty"]]
                empty = aside.merge(traits, on="study_id")
            s = Synthesis(mine, name, one, empty)
            rows = as_dicts(pooled[pooled["synthesis"] == name])
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
    known = _known(s)
    # What a row rests on, and what its name leaves out of that.
    of = s
    if len(s.parts) > len(s.studies) and len(s.studies) > 1:
        of = copy(s)
        of.studies = s.parts
    without = dict(left_out.asked(of, ""))
    names: dict[bytes, str] = {}
    for row in pooled:
        found = {name: row[name] for name in ("synthesis", "model", "subgroup", "measure")}
        found |= {name: row[name] for name in NUMBERS} | {"level": s.level, "set": "", "group": ""}
        call, why = _call(s, row, known)
        if not why:
            try:
                rests, found["group"] = _rests(s, of, row, call, without)
            except PoolingError as error:
                why = str(error)
            else:
                key = rests.to_csv(index=False).encode()
                if key not in names:
                    names[key] = f"{s.id}/{len(names) + 1}"
                    sets.append(rests.assign(set=names[key]))
                found["set"] = names[key]
        if why:
            call = Call()
        told = call._asdict()
        del told["cluster"]
        results.append(found | told | {"why": why})


def _known(s: Synthesis) -> dict[str, Method]:
    """The methods of another kind that a row of pooled.csv may be of, by their names."""
    asked = [*s.methods, *([s.pinned] if isinstance(s.pinned, Method) else [])]
    usual = [Method(name) for name in (*METHODS, "bayesian")]
    forms = [Method("glmm", form) for form in TWO_ARM]
    return {one.name: one for one in [*usual, *forms, *asked]}


def _method(row: dict[str, Any], known: Iterable[str]) -> str:
    """The name of the method that a model is of, without what it leaves out; "" for none."""
    named = [name for name in known if f"{row['model']} ".startswith(f"{name} ")]
    return max(named, key=len, default="")


def _call(s: Synthesis, row: dict[str, Any], known: Mapping[str, Method]) -> tuple[Call, str]:
    """The call that gives a row of pooled.csv; else why there is none."""
    if not np.isfinite(row["se"]):
        return Call(), WITHOUT_SE
    usual = ESTIMATORS.get(row["tau2_method"], row["tau2_method"])
    name = _method(row, known)
    one = known.get(name)
    shared = resting.is_common_in_groups(row)
    if one is not None and shared and one.method == "glmm":
        return Call(), SHARED
    if one is not None and one.method in CALLS:
        if one.method == "bayesian" and one.form != "half-normal":
            return Call(), PRIOR
        scale = (
            float(one.prior.partition("(")[2].strip(")")) if one.method == "bayesian" else np.nan
        )
        method = usual if one.method == "trim-and-fill" else ""
        test = "" if one.method == "bayesian" else "z"
        return Call(CALLS[one.method], method, test, one.form, scale), ""
    if one is not None and one.method in ("multilevel", "robust"):
        within = pd.notna(row["tau2_within"]) and (shared or row["effects"] != row["k"])
        call = "rma.mv" if within else "rma.uni"
        return Call(call, usual, TESTS[row["interval"]], cluster=one.cluster or ""), ""
    if row["model"] == primary.SINGLE or resting.is_model(row):
        if row["k"] > 1 and resting.is_of_revman(s, row):
            return Call(), REVMAN
        return Call("rma.uni", usual, TESTS[row["interval"]]), ""
    return Call(), OTHER


def _rests(
    s: Synthesis,
    of: Synthesis,
    row: dict[str, Any],
    call: Call,
    without: Mapping[str, np.ndarray],
) -> tuple[pd.DataFrame, str]:
    """The effects that a row of pooled.csv rests on, in the columns of EFFECTS without `set`, and
    its subgroup where subgroups share one tau². `of`: `s` with each effect for itself where a study
    has several; `without`: masks of left_out.asked by id. Raises PoolingError where counts are not
    printed.
    """
    mask, column, group = _of_row(of, row, without)
    if of is not s:
        rests = s.parts[mask]
        found = _columns(rests, column, None)
        return found.assign(effect=rests[NAME].fillna(""), cluster=_clusters(rests, call)), group
    part = s if mask.all() and not row["subgroup"] else s.only(mask)
    cells = _cells(part, call)
    rests = part.studies
    if cells is not None and cells.shape[1] > len(rests):
        rests = pd.concat([rests, part.empty], ignore_index=True)
    found = _columns(rests, column, cells)
    return found.assign(cluster=_clusters(rests, call) if call.cluster else ""), group


def _of_row(
    s: Synthesis, row: dict[str, Any], without: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, str, str]:
    """The mask of what a row of pooled.csv rests on, and the column and the value of its subgroup
    where subgroups share one tau², which rests on all of them."""
    if resting.is_common_in_groups(row):
        column, group = resting.group(s, row["subgroup"])
        return (resting.text_of(s, column) != "").to_numpy(bool), column, group
    return resting.named(s, row, without), "", ""


def _cells(s: Synthesis, call: Call) -> np.ndarray | None:
    """Cells (2 or 4, k) of what is pooled by counts, as the method takes them."""
    if call.call == "rma.mh":
        return alternatives.mantel_haenszel_cells(s, tuple(MANTEL_HAENSZEL))
    if call.call == "rma.peto":
        return alternatives.counts(s, ("OR", "PETO"), 2)
    if call.call in ("rma.glmm", "beta-binomial"):
        if s.measure == "PLO":
            return alternatives.counts(s, ("PLO",), 1)
        empty = call.call == "beta-binomial" or call.form == "UM.RS"
        return alternatives.counts(s, ("OR",), 2, empty=empty)
    return None


def _clusters(rests: pd.DataFrame, call: Call) -> pd.Series:
    """What effects hang together by: the column that the method names, else the study."""
    own = rests["study_id"].astype("string")
    if not call.cluster:
        return own
    labels = rests[call.cluster].astype("string").fillna("").str.strip()
    return labels.where(labels != "", own)


def _columns(rests: pd.DataFrame, column: str, cells: np.ndarray | None) -> pd.DataFrame:
    """The effects of one set. `column`: of subgroups that share one tau², "" for others."""
    found = rests[["study_id", "yi", "vi"]].assign(effect="", group="")
    if column:
        found["group"] = rests[column].astype("string").fillna("").str.strip()
    for index, cell in enumerate(alternatives.CELLS):
        found[cell] = np.nan if cells is None or index >= len(cells) else cells[index]
    return found
