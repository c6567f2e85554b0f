"""How each result came to be: release after release, and year of publication after year."""

import math

import pandas as pd

from livingmeta import tables
from livingmeta.formulas.measures import back_transform
from livingmeta.living.renamed import in_latest_names
from livingmeta.living.state import State
from livingmeta.pooling.engines.intervals import INTERVALS
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.tau2 import METHODS

COLUMNS = tables.columns("living/cumulative")
RESULT = COLUMNS[5:]
PRESENT = "present"


def steps(releases: list[State], present: State) -> pd.DataFrame:
    """The table results/living/cumulative.csv (schema living/cumulative).

    `releases`: the oldest first. Along releases each step is the result as it was then, so the
    model may differ from step to step; along years today's studies are pooled as they were
    published, all under the model of today's result. Columns of estimates are on the analysis
    scale except `display_*`.
    """
    rows = []
    releases = in_latest_names([*releases, present])[:-1]
    for synthesis in present.asked.syntheses:
        rows += _along_releases(synthesis, releases, present)
        rows += _along_years(synthesis, present)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"k": "Int64"})


def _along_releases(synthesis: str, releases: list[State], present: State) -> list[dict]:
    rows: list[dict] = []
    before: list[str] = []
    for state in [*releases, present]:
        result = state.primary(synthesis)
        if result is None:
            continue
        studies = list(state.effects_of(synthesis))
        step = PRESENT if state is present else state.version
        rows.append(
            _step(synthesis, "release", step, before, studies)
            | {name: result[name] for name in RESULT}
        )
        before = studies
    return rows


def _along_years(synthesis: str, present: State) -> list[dict]:
    """One row a year; none where the model of the result is not one of `models.fit`."""
    result = present.primary(synthesis)
    if (
        result is None
        or result["tau2_method"] not in METHODS
        or result["interval"] not in INTERVALS
    ):
        return []
    effects = present.effects_of(synthesis)
    rows: list[dict] = []
    seen: list[str] = []
    for year, now in by_year(synthesis, present):
        row = _step(synthesis, "year", year, seen, now)
        rows.append(
            row
            | _fitted(
                [effects[study] for study in now], result, present.asked.syntheses[synthesis].level
            )
        )
        seen = now
    last = rows[-1]["estimate"]
    return rows if math.isclose(last, result["estimate"], rel_tol=1e-9, abs_tol=1e-9) else []


def by_year(synthesis: str, present: State) -> list[tuple[str, list[str]]]:
    """Each year of publication with the studies of the synthesis published up to then."""
    year_of = dict(zip(present.studies["study_id"], present.studies["year"], strict=True))
    effects = present.effects_of(synthesis)
    undated = [study for study in effects if pd.isna(year_of.get(study, pd.NA))]
    dated = [study for study in effects if study not in undated]
    steps_ = [
        (str(year), [study for study in dated if year_of[study] <= year])
        for year in sorted({int(year_of[study]) for study in dated})
    ]
    # ASSUME: a study without a year comes last, in a step of its own: nothing says how old it is.
    return [*steps_, ("none", [*dated, *undated])] if undated else steps_


def _step(synthesis: str, along: str, step: str, before: list[str], now: list[str]) -> dict:
    return {
        "synthesis": synthesis,
        "along": along,
        "step": step,
        "added": " ".join(study for study in now if study not in before),
        "removed": " ".join(study for study in before if study not in now),
    }


def _fitted(effects: list[dict], result: dict, level: float) -> dict:
    """These effects under the model of `result`, in the columns RESULT."""
    measure = result["measure"]
    pooled = fit(
        [row["yi"] for row in effects],
        [row["vi"] for row in effects],
        tau2=result["tau2_method"],
        interval=result["interval"],
        level=level,
    )
    shown = {}
    for name in ("estimate", "ci_low", "ci_high"):
        shown[f"display_{name}"] = float(back_transform(measure, getattr(pooled, name)))
    return {
        "measure": measure,
        "model": "single study" if pooled.k == 1 else result["model"],
        "k": pooled.k,
        "n": sum(row["n"] for row in effects),
        **{name: getattr(pooled, name) for name in RESULT[4:8]},
        **shown,
        "tau2": pooled.tau2,
        "i2": pooled.i2,
    }
