"""Published trials clicked by a hand that misses, and traced from a raster; rebuilt and compared.

    python benchmarks/clicks.py FOLDER [SEED]

FOLDER is that of `survival.py curves`. The curve of each of the 149 trials is clicked or traced as
each line says, rebuilt with about seven numbers at risk (last two lines: none but the first, with
and without the total of events), and compared with the patients drawn.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from survival import RISK_COLUMNS, CurveError, corners, drawn, individual_data, rebuild, risk_table


def clicked(rng, data, last, time=0.0, height=0.0, most=None, by_time=False):
    """Both corners of every step, or `most` of them, off by so much of the axes (SD)."""
    t, s = corners(data)
    if most:
        kept = np.unique(np.linspace(0, t.size - 1, most).astype(int))
        t, s = t[kept], s[kept]
    t, s = t + rng.normal(0, time * last, t.size), s + rng.normal(0, height, s.size)
    order = np.argsort(t, kind="stable") if by_time else np.arange(t.size)
    return t[order], np.clip(s, -0.03, 1.03)[order]


def traced(rng, data, last, right, down, wavers):
    """A point every `right` of the axis and every `down` of a stroke, sorted by time."""
    t, s = corners(data)
    times, heights = [], []
    for a, b, c, d in zip(t[:-1], s[:-1], t[1:], s[1:], strict=True):
        count = int(max((c - a) / last / right, (b - d) / down)) + 1
        times += np.linspace(a, c, count + 1)[1:].tolist()
        heights += np.linspace(b, d, count + 1)[1:].tolist()
    times = np.array(times) + rng.normal(0, wavers * last, len(times))
    order = np.argsort(times, kind="stable")
    return times[order], np.array(heights)[order]


def pixels(data, last, wide, high, thick):
    """Every pixel of a line so thick, column by column, from the top of each."""
    t, s = corners(data)
    x, y = np.round(t / last * wide).astype(int), np.round(s * high).astype(int)
    inked = set()
    for a, b, c, d in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
        for i in range(thick):
            inked |= {
                (column + i, row + j)
                for column in range(a, c + 1)
                for row in range(d, b + 1)
                for j in range(thick)
            }
    found = np.array(sorted(inked, key=lambda pixel: (pixel[0], -pixel[1])))
    return found[:, 0] / wide * last, np.minimum(found[:, 1] / high, 1.03)


WAYS = {
    "corners as pixels (`survival.py curves`)": lambda rng, d, last: drawn(d, last),
    "hand, 0.5% in time": lambda rng, d, last: clicked(rng, d, last, 0.005),
    "the same sorted by time": lambda rng, d, last: clicked(rng, d, last, 0.005, by_time=True),
    "60 clicks, 0.5% in time": lambda rng, d, last: clicked(rng, d, last, 0.005, most=60),
    "hand, 0.5% in time and height": lambda rng, d, last: clicked(rng, d, last, 0.005, 0.005),
    "trace, strokes waver by 0.04%": lambda rng, d, last: traced(
        rng, d, last, 1 / 1200, 0.0025, 4e-4
    ),
    "coarse trace, 0.1%": lambda rng, d, last: traced(rng, d, last, 0.003, 0.01, 0.001),
    "all pixels of 600 x 400": lambda rng, d, last: pixels(d, last, 600, 400, 1),
    "1,200 x 800, a line of two": lambda rng, d, last: pixels(d, last, 1200, 800, 2),
}


ALONE = {"pixels, patients and events alone": True, "pixels, patients alone": False}


def known(data, every, last, title):
    """What stands below the figure: numbers at risk, or the patients alone; and the total of
    events or none."""
    total = int(data["event"].sum()) if ALONE.get(title) else None
    return ([0], [len(data["time"])], total) if title in ALONE else risk_table(data, every, last)


def main(folder, seed=1):
    folder = Path(folder)
    reported = pd.read_csv(folder / "kmdata.csv").set_index("name")["ref"]
    print("| clicks | refused | graded low | ln HR off: median, 90th percentile | deaths off |")
    print("|---|---|---|---|---|")
    for title, way in (WAYS | dict.fromkeys(ALONE, lambda rng, d, last: drawn(d, last))).items():
        off, deaths, low, refused = [], [], [], []
        for number, path in enumerate(sorted((folder / "kmdata").glob("*.csv.gz"))):
            table = pd.read_csv(path)
            last, rebuilt, source = table["time"].max(), {}, {}
            steps = np.array([1, 2, 3, 4, 5, 6, 12, 24, 30, 60, 100, 200])
            every = steps[steps >= last / RISK_COLUMNS][0]
            rng = np.random.default_rng([int(seed), number])
            for arm, rows in table.groupby("arm"):
                data = source[arm] = {c: rows[c].to_numpy() for c in ("time", "event")}
                try:
                    curve = rebuild(*way(rng, data, last), *known(data, every, last, title))
                except CurveError:
                    refused.append(True)
                    continue
                refused.append(False)
                low.append(curve.grade == "rough")
                deaths.append(abs(curve.events - data["event"].sum()) / max(data["event"].sum(), 1))
                rebuilt[arm] = curve.data
            if len(rebuilt) == 2:
                arms = sorted(source, key=lambda arm: arm == reported.get(path.name[:-7]))
                ours, theirs = (
                    individual_data.cox(*(d[a] for a in arms)) for d in (rebuilt, source)
                )
                off.append(abs(ours.value - theirs.value))
        numbers = f"{np.median(off):.4f}, {np.quantile(off, 0.9):.4f} | {np.median(deaths):.1%}"
        print(f"| {title} | {np.mean(refused):.1%} | {np.mean(low):.0%} | {numbers} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
