"""What a judgement of certainty rests on, domain by domain (GRADE; Core GRADE 1-7, BMJ 2025).

Facts only: how much of the weight is at high risk of bias, how far the studies differ, how much
information there is, what the result means for patients, what tests for small-study effects say.
Whether that lowers certainty is for people, and no word of GRADE stands here.
"""

from collections.abc import Iterator, Mapping
from math import fsum, isfinite
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.formulas.information import diversity, required
from livingmeta.formulas.measures import to_analysis_scale
from livingmeta.judgement import risk_of_bias, unpublished, weighted
from livingmeta.judgement.certainty import OVERALL, WORDS
from livingmeta.plan import Synthesis
from livingmeta.pooling.baselines import STANDARD_SOURCE
from livingmeta.words import models
from livingmeta.words.numbers import missing

Row = Mapping[Any, Any]
FACTS = tables.columns("judgement/grade_facts")
# Facts that stand only where there is something to tell, so that none of them was none.
COME_UP = ("unpublished",)
# What tests for small-study effects are called in small_study.csv, and here.
TESTS = {"Egger": "egger-p", "Peters": "peters-p", "Harbord": "harbord-p"}


def of_all(found: Mapping[str, pd.DataFrame], syntheses: Mapping[str, Synthesis]) -> pd.DataFrame:
    """Rows of judgement/grade_facts.csv for every synthesis with a result.

    `found`: effects (one a study), risk_of_bias, pooled, small_study, absolute, rob_me, by name.
    """
    rows = []
    for name, asked in syntheses.items():
        mine = {
            table: rows_[rows_["synthesis"] == name]
            for table, rows_ in found.items()
            if "synthesis" in rows_
        }
        pooled = mine["pooled"]
        result = pooled[pooled["primary"].astype(bool) & (pooled["subgroup"].fillna("") == "")]
        if result.empty:
            continue
        judged = risk_of_bias.of_synthesis(found["risk_of_bias"], name, asked.outcome)
        for domain, fact, value in _of(asked, result.iloc[0].to_dict(), mine, judged):
            if not missing(value) and isfinite(float(value)):
                rows.append((name, domain, fact, float(value)))
    return pd.DataFrame(rows, columns=FACTS)


def _of(
    asked: Synthesis, result: Row, mine: Mapping[str, pd.DataFrame], judged: pd.DataFrame
) -> Iterator[tuple[str, str, Any]]:
    effects = mine["effects"]
    shown = {part: result[f"display_{part}"] for part in ("estimate", "ci_low", "ci_high")}
    effect = [(name.replace("_", "-"), value) for name, value in shown.items()]
    high, unknown = weighted.at_high_risk(judged, weighted.of_studies(effects, result))
    yield "risk-of-bias", "high-risk", high
    yield "risk-of-bias", "not-judged", unknown
    yield "inconsistency", "k", result["k"]
    # One study differs from nothing, and a common-effect model estimates no variance.
    for fact in ("i2", "tau2", "q_p") if result["k"] > 1 else ():
        if fact != "tau2" or not models.is_common(dict(result)):
            yield "inconsistency", fact.replace("_", "-"), result[fact]
    yield "inconsistency", "pi-low", result["display_pi_low"]
    yield "inconsistency", "pi-high", result["display_pi_high"]
    yield "imprecision", "n", result["n"]
    events = effects["events"].astype(float)
    yield "imprecision", "events", events.sum() if events.notna().all() else None
    yield from (("imprecision", *one) for one in effect)
    yield from (("imprecision", *one) for one in _information(asked, result, effects))
    yield from (("imprecision", *one) for one in _absolute(mine["absolute"]))
    yield "publication-bias", "k", result["k"]
    p_of = dict(zip(mine["small_study"]["test"], mine["small_study"]["p_value"], strict=True))
    yield from (("publication-bias", fact, p_of.get(test)) for test, fact in TESTS.items())
    lost = (mine["rob_me"]["state"] == "measured but missing").sum()
    yield "publication-bias", "missing", lost
    ended = mine["rob_me"]["found"].isin(unpublished.STATES).sum()
    yield "publication-bias", "unpublished", ended or None
    yield from (("large-effect", *one) for one in effect)
    yield OVERALL, "k", result["k"]
    yield from ((OVERALL, *one) for one in effect)


def _information(
    asked: Synthesis, result: Row, effects: pd.DataFrame
) -> Iterator[tuple[str, float]]:
    """Share of the optimal information size, in percent, and that size in patients, where the
    protocol says which difference matters."""
    size = asked.information_size
    if not size or effects.empty:
        return
    vi = effects["vi"].astype(float).tolist()
    tau2 = 0.0 if missing(result["tau2"]) else float(result["tau2"])
    difference = float(to_analysis_scale(asked.measure, size.difference))
    needed = required(difference, size.alpha, size.power, diversity(vi, tau2))
    fraction = fsum(1 / v for v in vi) / needed
    yield "information", 100 * fraction
    if not missing(result["n"]):
        yield "required-n", float(result["n"]) / fraction


def _absolute(rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """What it means of 1,000 patients at the first baseline of real patients, or a stated one."""
    real = rows[(rows["scale"] == "per-1000") & (rows["baseline_source"] != STANDARD_SOURCE)]
    if len(real):
        row = real.iloc[0]
        yield "baseline", 1000 * row["baseline"]
        yield "per-1000", row["estimate"]
        yield "per-1000-low", row["low"]
        yield "per-1000-high", row["high"]


def stamp(facts: pd.DataFrame, synthesis: str, domain: str) -> str:
    """The facts of one judgement as one cell: `k=3; i2=45.2; tau2=0.031`, to three digits."""
    mine = facts[(facts["synthesis"] == synthesis) & (facts["domain"] == domain)]
    pairs = zip(mine["fact"], mine["value"], strict=True)
    return "; ".join(f"{fact}={_digits(value)}" for fact, value in pairs)


def _digits(value: float) -> str:
    """Three significant digits, whole numbers whole, without an exponent."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{float(f'{value:.3g}'):f}".rstrip("0").rstrip(".")


def named(stamp: str) -> dict[str, str]:
    """The facts that a stamp names, with their values; none of a text that is no stamp."""
    parts = stamp.replace(" ", "").split(";")
    return dict(part.split("=", 1) for part in parts if "=" in part)


def moved(then: str, now: str) -> list[tuple[str, str, str]]:
    """(fact, then, now) for each fact of a stamp that is another today; "" where there is none.

    A stamp that nobody noted has moved in nothing, nor has a fact that it does not name; but a
    trial that ended without a report and was none then is news to whoever noted the others.
    """
    before, after = named(then), named(now)
    pairs = [(name, value, after.get(name, "")) for name, value in before.items()]
    if set(before) & set(after):
        pairs += [(name, "", after[name]) for name in COME_UP if name in set(after) - set(before)]
    return [(name, old, new) for name, old, new in pairs if old != new]


def to_judge(facts: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Rows of judgement/to_judge.csv: every domain of every synthesis with facts, with the
    judgement that stands and what of its facts has moved. `judged`: living/certainty."""
    stand = {(r["synthesis"], r["domain"]): r for r in as_dicts(judged)}
    rows = []
    for synthesis in dict.fromkeys(facts["synthesis"]):
        for domain in WORDS:
            now, row = stamp(facts, synthesis, domain), stand.get((synthesis, domain), {})
            said = {name: row.get(name, "") for name in ("judgement", "reason", "assessor")}
            changes = moved(str(row.get("facts", "") or ""), now)
            each = (f"{name}: {old or 'none'}, {new or 'none'}" for name, old, new in changes)
            head = {"synthesis": synthesis, "domain": domain}
            rows.append(head | said | {"facts": now, "moved": "; ".join(each)})
    return pd.DataFrame(rows, columns=tables.columns("judgement/to_judge"))
