"""How well each route from a paper to a hazard ratio does, and how well curves are rebuilt.

    python benchmarks/survival.py routes [TRIALS]     simulated trials, every route
    python benchmarks/survival.py designs [TRIALS]    L and M under other follow-up
    python benchmarks/survival.py curves FOLDER       149 published trials and KEYNOTE-189
                                                      (clicks.py: badly clicked, or traced)
    python benchmarks/survival.py adversarial         1,000 inputs that should break it
    python benchmarks/survival.py speed               curves of 100 clicks
    python benchmarks/survival.py slips [SEEDS]       slips of extraction put into clean studies

Prints tables in Markdown; docs/survival.md holds them with the machine. FOLDER has kmdata/*.csv.gz
(`time, event, arm`), kmdata.csv, and keynote189_{pembro,pbo}_{clicks,NAR}.csv.
"""

import sys
import time
from collections import Counter, defaultdict
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from livingmeta.effects.hazard_indirect import williamson_grid
from livingmeta.extraction.curves.clicks import CurveError
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas import individual_data
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.curve_intervals import parmar, williamson

LANDMARK = 24  # months, of routes L and "log OR as ln HR"
RISK_EVERY = 12  # months, of the simulated risk tables
WIDTH, HEIGHT = 1200, 800  # pixels of a figure's plotting area
RISK_COLUMNS = 7  # about so many numbers at risk below a published figure


def simulate(rng, n, crossing=False, median=12, least=6, most=48):
    """Two arms of n: HR 0.5 against exponential with that median, follow-up even over least-most.

    All in months. Crossing hazards: HR 2 in the first six months, 0.35 after.
    """
    hazard = log(2) / median
    arms = []
    for research in (True, False):
        u = rng.exponential(1, n)
        if research and crossing:
            early = 2 * hazard * 6
            death = np.where(u < early, u / (2 * hazard), 6 + (u - early) / (0.35 * hazard))
        else:
            death = u / (hazard * (0.5 if research else 1))
        leaves = rng.uniform(least, most, n)
        arms.append({"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)})
    return arms


def corners(data):
    """Both corners of every step of the Kaplan-Meier curve."""
    km = individual_data.kaplan_meier(data)
    heights = np.append(1.0, km.survival)
    return (
        np.concatenate([[0.0], np.repeat(km.time, 2), [km.last]]),
        np.repeat(heights, 2),
    )


def risk_table(data, every, last=None):
    """Numbers at risk up to the end of the axis: the longest follow-up of both arms."""
    times = np.arange(0, (data["time"].max() if last is None else last) + 1e-9, every)
    return times, np.array([(data["time"] >= t).sum() for t in times])


def by_route(arms, curves):
    """ln HR by every route, from what these arms would print; a route that fails is left out."""
    research, control = arms
    test = individual_data.log_rank(research, control)
    z = (test.observed - test.expected) / sqrt(test.variance)
    p = 2 * float(ndtr(-abs(z)))
    deaths = [float(a["event"].sum()) for a in arms]
    n = len(research["time"])
    ways = {
        "G": lambda: individual_data.cox(curves[0].data, curves[1].data)[0],
        "T8": lambda: tte.p_and_events(p, z < 0, *deaths)[0],
        "T9": lambda: tte.p_and_total_events(p, z < 0, sum(deaths))[0],
        "T11": lambda: parmar(*((curve.read, n, 6.0, 48.0) for curve in curves))[0],
        "T12": lambda: williamson(*williamson_grid(*curves))[0],
    }
    return tried(ways) | from_numbers(arms)


def from_numbers(arms):
    """L, M and the odds ratio: what needs no curve and no test."""
    deaths = [float(a["event"].sum()) for a in arms]
    (s_r, se_r), (s_c, se_c) = (individual_data.kaplan_meier(a).at(LANDMARK) for a in arms)
    return tried(
        {
            "L": lambda: tte.survival_at_one_time(s_r, s_c, se_r**2, se_c**2)[0],
            "M": lambda: tte.medians(*(individual_data.median(a)[0] for a in arms), *deaths)[0],
            "log OR read as ln HR": lambda: log(s_c / (1 - s_c) / (s_r / (1 - s_r))),
        }
    )


def tried(ways):
    """The values of the ways that give one."""
    found = {}
    for route, way in ways.items():
        try:
            found[route] = way()
        except (ValueError, ZeroDivisionError, TypeError):
            continue
    return found


def routes(trials=600):
    conditions = {
        "clean curves": {},
        "1% noise on every click": {"noise": 0.01},
        "crossing hazards": {"crossing": True},
    }
    for title, condition in conditions.items():
        print(f"\n{title}: bias (SE) / RMSE against the Cox ln HR of the same patients (usable)\n")
        print("| route | n=20 an arm | n=40 | n=100 |\n|---|---|---|---|")
        cells = defaultdict(list)
        for n in (20, 40, 100):
            errors = errors_of_routes(n, trials, **condition)
            for route in ("G", "T8", "T9", "T11", "T12", "L", "M", "log OR read as ln HR"):
                cells[route].append(in_words(errors[route], trials))
        for route, row in cells.items():
            print(f"| {route} | {' | '.join(row)} |")


def in_words(errors, trials):
    """Bias (its standard error) / RMSE, and the share of trials that gave an error at all."""
    e = np.array(errors)
    share = "" if e.size == trials else f" ({e.size / trials:.0%})"
    bias = f"{e.mean():+.3f} ({e.std() / sqrt(e.size):.3f})"
    return f"{bias} / {sqrt((e**2).mean()):.3f}{share}"


def errors_of_routes(n, trials, noise=0.0, crossing=False):
    rng = np.random.default_rng(n)
    errors = defaultdict(list)
    while trials:
        arms = simulate(rng, n, crossing)
        try:
            truth = individual_data.cox(*arms)[0]
        except individual_data.IndividualDataError:
            continue
        trials -= 1
        curves, last = [], max(arm["time"].max() for arm in arms)
        for arm in arms:
            t, s = corners(arm)
            s = np.clip(s + rng.normal(0, noise, s.size), 0, 1) if noise else s
            try:
                curves.append(rebuild(t, s, *risk_table(arm, RISK_EVERY, last)))
            except CurveError:
                curves.append(None)
        for route, value in by_route(arms, curves).items() if None not in curves else ():
            errors[route].append(value - truth)
    return errors


# Median of the controls, least and most follow-up, in months.
DESIGNS = (
    *((12, 6, 48), (12, 12, 48), (12, 0, 60), (12, 12, 60), (12, 24, 60), (12, 6, 36)),
    *((10, 6, 48), (15, 6, 48), (12, 1000, 1001)),
)


def designs(trials=6000):
    """L and M, where follow-up decides how much they can know; and the reference itself."""
    print("| control median, follow-up | n an arm | L | M | Cox, against ln 0.5 |")
    print("|---|---|---|---|---|")
    for design in DESIGNS:
        for n in (20, 40, 100):
            rng = np.random.default_rng(n)
            errors = defaultdict(list)
            while len(errors["Cox"]) < trials:
                arms = simulate(rng, n, False, *design)
                try:
                    truth = individual_data.cox(*arms)[0]
                except individual_data.IndividualDataError:
                    continue
                errors["Cox"].append(truth - log(0.5))
                for route, value in from_numbers(arms).items():
                    errors[route].append(value - truth)
            cells = " | ".join(in_words(errors[r], trials) for r in ("L", "M", "Cox"))
            median, least, most = design
            follow_up = "complete" if least > 500 else f"{least} to {most}"
            print(f"| {median}, {follow_up} | {n} | {cells} |", flush=True)


def drawn(data, last):
    """The corners of a curve as pixels of a figure, each pixel once."""
    t, s = corners(data)
    t, s = np.round(t / last * WIDTH) / WIDTH * last, np.round(s * HEIGHT) / HEIGHT
    new = np.append(True, (np.diff(t) != 0) | (np.diff(s) != 0))
    return t[new], s[new]


def curves(folder):
    folder = Path(folder)
    for with_events in (False, True):
        print(f"\n149 trials, {'with' if with_events else 'without'} the total of events\n")
        published(folder, with_events)
    keynote(folder)


def published(folder, with_events):
    off, events, rmse, seconds = [], [], [], []
    reported = pd.read_csv(folder / "kmdata.csv").set_index("name")
    for path in sorted((folder / "kmdata").glob("*.csv.gz")):
        table = pd.read_csv(path)
        name = path.name.removesuffix(".csv.gz")
        last, source, rebuilt = table["time"].max(), {}, {}
        steps = np.array([1, 2, 3, 4, 5, 6, 12, 24, 30, 60, 100, 200])
        every = steps[steps >= last / RISK_COLUMNS][0]
        for arm, rows in table.groupby("arm"):
            data = {c: rows[c].to_numpy() for c in ("time", "event")}
            t, s = drawn(data, last)
            times, at_risk = risk_table(data, every, last)
            began = time.perf_counter()
            total = int(data["event"].sum())
            curve = rebuild(t, s, times, at_risk, total if with_events else None)
            seconds.append(time.perf_counter() - began)
            grid = np.linspace(0, data["time"].max(), 500)
            ours, theirs = curve.kaplan_meier, individual_data.kaplan_meier(data)
            apart = np.array([ours.at(x)[0] - theirs.at(x)[0] for x in grid])
            rmse.append(sqrt((apart**2).mean()))
            events.append(abs(curve.events - total) / max(total, 1))
            source[arm], rebuilt[arm] = data, curve.data
        first, control = sorted(source)
        if name in reported.index and reported.loc[name, "ref"] in source:
            control = reported.loc[name, "ref"]
            first = next(arm for arm in source if arm != control)
        ours = individual_data.cox(rebuilt[first], rebuilt[control])[0]
        off.append(abs(ours - individual_data.cox(source[first], source[control])[0]))
    events, rmse = np.array(events), np.array(rmse)
    print("| | median | 90th percentile | largest | within |\n|---|---|---|---|---|")
    lines = (
        ("difference of ln HR from the drawn data", np.array(off), 0.01),
        ("events, share of the arm's", events, 0.02),
        ("RMSE of S(t)", rmse, 0.005),
        ("seconds a curve", np.array(seconds), 0.02),
    )
    for title, values, bar in lines:
        q = f"{np.median(values):.4f} | {np.quantile(values, 0.9):.4f} | {values.max():.4f}"
        print(f"| {title} | {q} | {np.mean(values <= bar):.0%} at {bar:g} or less |")


def keynote(folder):
    data = []
    for arm in ("pembro", "pbo"):
        t, s = pd.read_csv(folder / f"keynote189_{arm}_clicks.csv").to_numpy().T
        times, at_risk = pd.read_csv(folder / f"keynote189_{arm}_NAR.csv").to_numpy().T
        data.append(rebuild(t, s, times, at_risk).data)
    fitted = individual_data.cox(*data)
    low, high = (exp(fitted.value + z * sqrt(fitted.variance)) for z in (-1.96, 1.96))
    medians = ", ".join(f"{individual_data.median(d)[0]:.1f}" for d in data).replace(
        "nan", "not reached"
    )
    print(f"\nKEYNOTE-189: HR {exp(fitted.value):.3f} ({low:.3f}-{high:.3f}); medians {medians}")


def adversarial(count=1000):
    """Inputs of eight bad kinds: nothing may hang, crash, or kill anybody on a flat tail."""
    rng = np.random.default_rng(20)
    outcomes = Counter()
    slowest, invented = 0.0, 0
    for i in range(count):
        kind, t, s, times, at_risk, events, flat = nasty(rng, i)
        began = time.perf_counter()
        try:
            curve = rebuild(t, s, times, at_risk, events)
        except CurveError:
            outcomes[kind, "refused"] += 1
        else:
            graded = "rebuilt" if curve.grade == "close" else "rebuilt, graded low"
            outcomes[kind, graded] += 1
            assert len(curve.data) == at_risk[0], "patients lost"
            if flat is not None:
                late = (curve.data["event"] == 1) & (curve.data["time"] > flat + 1e-9)
                invented += int(late.sum())
        slowest = max(slowest, time.perf_counter() - began)
    print("| input | rebuilt | graded low | refused |\n|---|---|---|---|")
    for kind in dict.fromkeys(key[0] for key in outcomes):
        row = [outcomes[kind, g] for g in ("rebuilt", "rebuilt, graded low", "refused")]
        print(f"| {kind} | {' | '.join(map(str, row))} |")
    print(f"\ninvented deaths {invented}; slowest {slowest:.3f} s; crashes 0 of {count}")


def nasty(rng, i):
    kinds = (
        *("flat tail, heavy censoring", "noisy clicks", "inconsistent risk table"),
        *("random clicks", "rising clicks", "wrong risk table", "wrong events", "nobody dies"),
    )
    kind = kinds[i % len(kinds)]
    n, k = int(rng.choice([3, 5, 12, 40, 150, 800])), int(rng.choice([2, 3, 10, 60, 150]))
    t = np.sort(rng.uniform(0, 60, k))
    s = np.minimum.accumulate(np.exp(-t / rng.choice([5, 20, 200])) * rng.uniform(0.97, 1, k))
    times = np.arange(0, 60, rng.choice([3, 6, 12]))
    left = n * np.interp(times, t, s, left=1) * np.exp(-times / rng.choice([10, 40, 1e6]))
    at_risk = np.minimum.accumulate(np.floor(left))
    at_risk[0] = n
    events = flat = None
    if kind == "flat tail, heavy censoring":
        flat = float(rng.uniform(0, 40))
        s = np.where(t > flat, s[t <= flat].min(initial=1.0), s)
    elif kind == "noisy clicks":
        s = np.clip(s + rng.normal(0, 0.02, k), 0, 1)
    elif kind == "inconsistent risk table":
        at_risk = np.append(n, np.sort(rng.integers(0, n + 1, len(times) - 1))[::-1]).astype(float)
    elif kind == "random clicks":
        s = rng.uniform(0, 1, k)
    elif kind == "rising clicks":
        s = np.sort(s)
    elif kind == "wrong risk table":
        at_risk = np.maximum(at_risk + rng.integers(-3, 4, len(at_risk)), 1)
    elif kind == "wrong events":
        events = int(rng.integers(0, n + 1))
    else:
        s, flat = np.ones(k), 0.0
    return kind, t, s, times, at_risk, events, flat


def speed(count=100):
    print("| patients | clicks | seconds a curve | 100 curves |\n|---|---|---|---|")
    for n in (60, 130, 300, 1000):
        rng = np.random.default_rng(n)
        cases = []
        while len(cases) < count:
            data = simulate(rng, n)[0]
            t, s = corners(data)
            keep = np.unique(np.linspace(0, t.size - 1, 100).astype(int))
            cases.append((t[keep], s[keep], *risk_table(data, 6)))
        began = time.perf_counter()
        for case in cases:
            rebuild(*case)
        each = (time.perf_counter() - began) / count
        print(f"| {n} | {len(cases[0][0])} | {each:.4f} | {100 * each:.2f} |")


def slips(seeds=60):
    """The slips of the tests in other studies than theirs, and as many clean ones five times."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from extraction.test_checks import SLIPS, problems, study

    found, tried = Counter(), 0
    for seed in range(1001, 1001 + seeds):
        for slip in SLIPS:
            rows, about = study(seed)
            slip(rows)
            tried += 1
            found[slip.__name__] += not problems(rows, about).empty
    clean = [study(seed) for seed in range(2001, 2001 + 5 * seeds)]
    false = sum(not problems(*one).empty for one in clean)
    print(
        f"{sum(found.values())} of {tried} slips found; {false} of {len(clean)} clean ones raised"
    )
    for slip, count in sorted(found.items(), key=lambda item: item[1])[:5]:
        print(f"  {slip}: {count} of {seeds}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or [""]
    commands = {
        "routes": routes,
        "designs": designs,
        "curves": curves,
        "adversarial": adversarial,
        "speed": speed,
        "slips": slips,
    }
    if command not in commands:
        sys.exit(__doc__)
    commands[command](*(int(x) if x.isdigit() else x for x in rest))
