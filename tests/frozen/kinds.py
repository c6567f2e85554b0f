"""What today's code makes of drawn studies: rows of codes and numbers, no sentences."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from random import Random

import pandas as pd

import asking
from extraction.clean_studies import study
from frozen import draws, screened
from livingmeta import plan, protocol, tables
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction import outcomes
from livingmeta.extraction.checks.run import check
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.extraction.units import DAYS
from livingmeta.pooling import absolute_effects, synthesis

STUDIES = 50  # of each measure; of those with many routes more
MANY = {"HR": 160, "OR": 80, "MEDLN": 80}
METHODS = (
    *("mantel-haenszel", "peto", "glmm", "beta-binomial", "bayesian", "trim-and-fill", "pet-peese"),
    *("selection", "henmi-copas"),
)
NAN = float("nan")
LEFT_OUT = ("synthesis", "label", "done", "because", "parameters", "note", "measure", "search_date")


@cache
def curve(which: int):
    """One of three rebuilt curves."""
    clicks = [
        ([0, 6, 14, 30], [1, 0.8, 0.45, 0.2], [0, 12, 24], [50, 30, 12]),
        ([0, 3, 9, 28], [1, 0.7, 0.3, 0.1], [0, 12, 24], [40, 14, 5]),
        ([0, 20, 30], [1, 0.6, 0.4], [0, 12], [40, 40]),
    ]
    return rebuild(*clicks[which])


def effects() -> Iterator[dict]:
    """Every feasible route of drawn studies to each measure, or that there is none."""
    for measure, kind, statistics in draws.ASKED:
        rng, rows, curves = Random(f"{measure} {kind}"), [], {}
        names = [f"s{i}" for i in range(MANY.get(measure, STUDIES))]
        arms = list(draws.ARMS[:1] if measure in draws.ONE_ARM else draws.ARMS)
        for name in names:
            rows += [row | {"study_id": name} for row in draws.study(rng, statistics)]
            if kind == "survival" and rng.random() < 0.3:
                for arm in draws.ARMS[: rng.randint(1, 2)]:
                    curves[name, arm, "x"] = curve(rng.randrange(3))
        time = None if measure in ("HR", "MEDLN") or kind != "survival" else 24
        asked = {"outcome": "x", "measure": measure, "arms": arms, "time": time}
        _, aside, routes, used = harmonise(
            pd.DataFrame(rows),
            pd.DataFrame({"study_id": names}),
            {f"{measure} {kind}": asking.synthesis(**asked)},
            list(draws.ARMS),
            {"x": asking.outcome(kind=kind)},
            curves,
        )
        behind = used.groupby(["study_id", "route", "way"], sort=False)["row"].agg(
            lambda rows: " ".join(map(str, rows))
        )
        ways = routes.groupby(["study_id", "route"]).cumcount() + 1
        for (_, row), way in zip(routes.iterrows(), ways, strict=True):
            kept = {
                name: row[name] for name in ("synthesis", "study_id", "route", "grade", "chosen")
            }
            kept["rows"] = behind.get((row["study_id"], row["route"], way), "")
            numbers = ("yi", "vi", "n", "events", "agrees", "ai", "bi", "ci", "di", "t1i", "t2i")
            yield kept | {name: row[name] for name in numbers}
        for name in aside["study_id"]:
            yield {"synthesis": f"{measure} {kind}", "study_id": name, "route": "none"}


def slips() -> Iterator[dict]:
    """What the checks say of clean studies, and of the same with numbers changed at random."""
    for seed in range(40):
        rows, about = study(seed)
        rng = Random(seed)
        for row in rng.sample(rows, min(seed % 8, len(rows))):
            match rng.randrange(7):
                case 0:
                    row["value"] *= rng.choice([0.01, 0.5, 1.4, 2, 100])
                case 1:
                    row["ci_low"], row["ci_high"] = row["ci_high"], row["ci_low"]
                case 2:
                    row["n"] = row["n"] * rng.choice([0.3, 2])
                case 3:
                    row["arm"] = {"local": "control", "control": "local"}.get(
                        row["arm"], row["arm"]
                    )
                case 4:
                    row["time"] = row["time"] * rng.choice([0, 0.5, 3])
                case 5:
                    row["p_value"] = rng.choice(["0.9", "<0.001", "0.04", "NS"])
                case 6:
                    row["ci_high"] = row["ci_high"] * 1.5
        yield from _problems(rows, about)
    for measure, kind, together in draws.ASKED:
        rng = Random(f"check {measure} {kind}")
        for i in range(12):
            rows = draws.study(rng, together, "overall-survival" if kind == "survival" else "x")
            about = {"study_id": f"{measure} {kind} {i}", "n": rng.choice([60, 100, 240])}
            yield from _problems(rows, about | {"status": "included"})


def _problems(rows: list[dict], about: dict) -> Iterator[dict]:
    table = pd.DataFrame(rows).assign(study_id=about["study_id"])
    for row in check(table, pd.DataFrame([about])).to_dict("records"):
        names = ("study_id", "check", "severity", "row", "value", "expected")
        yield {name: str(row[name]) for name in names}


def units() -> Iterator[dict]:
    """Every statistic in every unit, of two kinds of outcome: converted, or refused and where."""
    columns = tables.schema("data/outcomes")["columns"]
    names = {
        "statistic": columns["statistic"]["allowed"],
        "unit": ["%", "proportion", *DAYS, "patients"],
    }
    kinds = asking.outcomes(
        {kind: {"label": kind, "kind": kind} for kind in ("survival", "continuous")}
    )
    for kind, statistic, unit in product(kinds, names["statistic"], ["", *names["unit"]]):
        for value in [40.0, 0.4, -1.0] if unit in ("", "%") else [40.0]:
            row = dict.fromkeys(columns, "") | {"study_id": "s", "outcome": kind, "arm": "local"}
            row |= {"statistic": statistic, "value": value, "unit": unit, "n": 90, "row": 2}
            row |= {"ci_low": value - abs(value) / 4, "ci_high": value + abs(value) / 2}
            row |= {"ci_level": 95.0, "time": 2.0, "time_unit": "years", "se": NAN, "sd": NAN}
            about = {"kind": kind, "statistic": statistic, "unit": unit}
            try:
                made = outcomes.tidy(pd.DataFrame([row]), ["s"], kinds, ["local"], "months")
            except tables.TableError as error:
                yield about | {"refused": " ".join(re.findall(r"column (\w+)", str(error)))}
                continue
            numbers = ("value", "ci_low", "ci_high", "time")
            yield about | {name: float(made.iloc[0][name]) for name in numbers}


def pooled() -> Iterator[dict]:
    """Every model, subgroup, moderator and test of bias of drawn syntheses."""
    sensitivity = [
        *({"tau2": name} for name in ("FE", "DL", "DL2", "HE", "HS", "SJ", "ML", "EB", "PM")),
        *({"tau2": "REML", "interval": name} for name in ("t", "hksj", "hksj-guarded")),
        *({"method": name} for name in METHODS),
        *({"method": name, "cluster": "ward"} for name in ("robust", "multilevel")),
    ]
    for measure, kind, sizes in (
        *(("OR", "binary", (1, 2, 3, 6, 11)), ("RR", "binary", (2, 5)), ("RD", "binary", (4,))),
        *(("PLO", "binary", (3, 10)), ("MD", "continuous", (3, 11)), ("IRR", "count", (4,))),
    ):
        for k in sizes:
            name = f"{measure} {k}"
            rows, studies = draws.counted(Random(name), kind, k)
            arms = list(draws.ARMS[:1] if measure in draws.ONE_ARM else draws.ARMS)
            asked = {"title": name, "outcome": "x", "measure": measure, "arms": arms}
            asked |= {"sensitivity": sensitivity, "subgroups": ["design"], "moderators": ["year"]}
            if k in (2, 5):
                asked["model"] = {"tau2": "DL", "interval": "hksj"}
            whole = {
                "review": {
                    "title": "x",
                    "question": {"population": "x", "intervention": "x", "outcomes": "x"},
                },
                "arms": {arm: {"label": arm} for arm in draws.ARMS},
                "outcomes": {"x": {"label": "x", "kind": kind}},
                "syntheses": {"y": asked},
            }
            full = protocol.complete(whole)
            asked_of, kinds_of = plan.syntheses(full["syntheses"]), plan.outcomes(full["outcomes"])
            found, _, _, _ = harmonise(
                pd.DataFrame(rows),
                pd.DataFrame(studies),
                asked_of,
                full["arms"],
                kinds_of,
            )
            mine = found.merge(pd.DataFrame(studies), on="study_id")
            made_of = synthesis.pool(mine, "y", asked_of["y"])
            made_of["pooled"]["primary"] = made_of["pooled"]["primary"].astype(bool)
            made_of["absolute"] = absolute_effects.absolute_effects(
                made_of["pooled"],
                found,
                asked_of,
                kinds_of,
                {"y": 0.35} if k in (2, 4) else {},
                pd.DataFrame(columns=["study_id", "arm", "outcome", "time", "event"]),
            )
            for table, made in made_of.items():
                for row in made.iloc[: 8 if table == "gosh" else 60].to_dict("records"):
                    kept = {n: v for n, v in row.items() if n not in LEFT_OUT}
                    yield {"synthesis": name, "table": table} | kept


KINDS: dict[str, Callable[[], Iterator[dict]]] = {
    "effects": effects,
    "slips": slips,
    "units": units,
    "pooled": pooled,
    "curves": screened.curves,
    "exports": screened.exports,
    "links": screened.links,
    "votes": screened.votes,
}
