"""Survival figures drawn from patients that are known, as papers print them, with matplotlib."""

import io
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from livingmeta.formulas import individual_data

AXIS = 48.0
EVERY = 12.0


class Drawn(NamedTuple):
    """A figure: the file's bytes, its patients by arm, and where its axes stand in pixels."""

    image: bytes
    kind: str
    arms: dict
    axes: list  # {x, y, value} of two places on the time axis and two on that of survival
    colours: dict
    percent: bool


LOOKS = {
    "two colours": {},
    "dashed": {"dashes": ("-", "--")},
    "dotted and dash-dotted": {"dashes": (":", "-.")},
    "crossing": {"crossing": True},
    "censoring ticks": {"ticks": True},
    "grid lines": {"grid": True},
    "JPEG": {"quality": 60},
    "black, one dashed": {"colours": ("black", "black"), "dashes": ("-", "--"), "apart": True},
    "all at once": {"dashes": ("-", "--"), "ticks": True, "grid": True, "quality": 75},
    "tilted by 1.5 degrees": {"tilt": 1.5},
}


def patients(rng, n, middle, shape, leaves=(18, 60)):
    death, out = middle / np.log(2) ** (1 / shape) * rng.weibull(shape, n), rng.uniform(*leaves, n)
    out = np.minimum(out, AXIS - 1)
    return {"time": np.minimum(death, out), "event": (death <= out).astype(int)}


def draw(seed, width, n=(60, 180), *, crossing=False, dashes=("-", "-"), ticks=False, grid=False,
         quality=None, colours=("tab:blue", "tab:red"), apart=False, tilt=0.0):  # fmt: skip
    """A figure of two arms, `width` pixels wide, with a frame and a legend within it."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(*n, 2)
    ratio = rng.uniform(1.8, 2.6) if apart else rng.uniform(1.1, 2.0)
    middle = rng.uniform(12, 24)
    shapes = (0.7, 1.6) if crossing else (1.1, 1.1)
    arms = {
        "drug": patients(rng, sizes[0], middle * (1 if crossing else ratio), shapes[0]),
        "control": patients(rng, sizes[1], middle, shapes[1]),
    }
    figure = Figure(figsize=(6, 4), dpi=width / 6)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0.12, 0.14, 0.83, 0.8))
    percent = bool(rng.integers(2))
    full = 100 if percent else 1
    for (name, data), colour, dash in zip(arms.items(), colours, dashes, strict=True):
        km = individual_data.kaplan_meier(data)
        t, s = np.concatenate([[0], km.time, [km.last]]), np.concatenate([[1], km.survival])
        s = np.append(s, s[-1]) * full
        ax.step(t, s, where="post", color=colour, linestyle=dash, linewidth=1.3, label=name)
        if ticks:
            left = data["time"][data["event"] == 0]
            at = s[np.searchsorted(t, left, side="right") - 1]
            ax.plot(left, at, "|", color=colour, markersize=6, markeredgewidth=0.9)
    ax.set_xlim(0, AXIS)
    ax.set_ylim(0, 1.05 * full)
    ax.set_xticks(np.arange(0, AXIS + 1, EVERY))
    ax.set_xlabel("Months")
    ax.set_ylabel("Survival (%)" if percent else "Survival")
    ax.legend(loc="upper right", frameon=False)
    if grid:
        ax.grid(color="0.8", linewidth=0.8)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    places = [(0, 0), (AXIS, 0), (0, 0), (0, full)]
    at = ax.transData.transform(places)
    at[:, 1] = pixels.height - at[:, 1]
    if tilt:
        # About the middle of the picture, against the clock.
        middle_ = np.array([pixels.width, pixels.height]) / 2
        c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
        at = (at - middle_) @ np.array([[c, -s], [s, c]]) + middle_
        pixels = pixels.rotate(tilt, Image.Resampling.BICUBIC, fillcolor="white")
    file = io.BytesIO()
    pixels.save(file, **({"format": "JPEG", "quality": quality} if quality else {"format": "PNG"}))
    values = [0, AXIS, 0, full]
    axes = [
        {"x": float(x), "y": float(y), "value": value}
        for (x, y), value in zip(at, values, strict=True)
    ]
    rgb = dict(zip(arms, colours, strict=True))
    return Drawn(file.getvalue(), "jpg" if quality else "png", arms, axes, rgb, percent)


def on_curve(drawn, arm, time, height=None):
    """The place in the image of an arm's curve at a time (or of a height in survival)."""
    km = individual_data.kaplan_meier(drawn.arms[arm])
    s = np.append(1.0, km.survival)[np.searchsorted(km.time, time, side="right")]
    return to_pixel(drawn, time, s if height is None else height)


def seen(drawn, arm, places):
    """Where a person would click to have an arm's curve traced: in the middle of a level stretch in
    each of so many parts of it, where its own colour is to be seen and the other curve is not."""
    pixels = np.asarray(Image.open(io.BytesIO(drawn.image)).convert("RGB")).astype(float)
    other = next(name for name in drawn.arms if name != arm)
    wanted = 255 * np.array(to_rgb(drawn.colours[arm]))
    found = []
    last = min(data["time"].max() for data in drawn.arms.values())
    for part in range(places):
        best = (-np.inf, None)
        for time in np.linspace(0.08, 0.92, 40 * places + 1)[40 * part : 40 * (part + 1)] * last:
            x, y = on_curve(drawn, arm, time)
            level = [on_curve(drawn, arm, time + by)[1] for by in (-0.4, 0.4)]
            off = np.linalg.norm(pixels[int(y), int(x)] - wanted)
            clear = abs(on_curve(drawn, other, time)[1] - y) / pixels.shape[0]
            good = -off / 255 + min(clear, 0.05) * 10 - np.ptp(level) / pixels.shape[0] * 20
            best = max(best, (good, (x, y)), key=lambda one: one[0])
        found.append({"x": best[1][0], "y": best[1][1]})
    return found


def to_pixel(drawn, time, survival):
    a, b, c, d = (np.array([p["x"], p["y"]]) for p in drawn.axes)
    return tuple(a + time / AXIS * (b - a) + survival * (d - c))


def at_risk(data):
    times = np.arange(0, AXIS, EVERY)
    return times, np.array([(data["time"] >= t).sum() for t in times])
