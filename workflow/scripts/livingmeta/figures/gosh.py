"""The GOSH plot (Olkin 2012, Res Synth Methods 3:214): every subset's estimate and I²."""

import math
from typing import Any

import pandas as pd

from livingmeta.figures.frame import Frame
from livingmeta.figures.style import BOLD, FINE, HAIR, SMALL, Sheet, shorten, width
from livingmeta.words import measures
from livingmeta.words.models import SHORT
from livingmeta.words.numbers import missing, show

HIGH_MARGIN, WIDE_MARGIN = 9.0, 11.0  # of the histograms above and beside the cloud
GAP = 1.2
COLOUR = {"with": "pooled", "without": "study"}


def gosh(
    sheet: Sheet,
    table: pd.DataFrame,
    result: dict,
    label: str,
    look: tuple[str, str],
    place: tuple[float, ...],
) -> None:
    """Draw the cloud with its two histograms into `place`: left, right, top, bottom (millimetres).

    `table`: rows of gosh.csv of one synthesis. `result`: the row of pooled.csv that is the
    result; `label`: the name of the study that divides the subsets. `look`: (measure, name of the
    axis). A square stands for the subsets in a cell, its side for the
    logarithm of their number, and the vermilion part of its area for the share with the study.
    """
    left, right, top, bottom = place
    measure, axis = look
    cells = table[table["part"] == "cell"]
    quantiles = table[table["part"] == "quantile"]
    bottom_of_words = _words(sheet, quantiles, label, measure, left - 12.0, right, top)
    low, high = cells["estimate_low"].min(), cells["estimate_high"].max()
    frame = Frame(
        left,
        right - WIDE_MARGIN - GAP,
        bottom_of_words + HIGH_MARGIN + GAP,
        bottom,
        (low, high),
        (0.0, 100.0),
    )
    ticks = measures.analysis_ticks(measure, low, high, frame.x)
    frame.draw(sheet, axis, "I², percent", ticks)
    _lines(sheet, frame, measures.SCALES[measure], result)
    _squares(sheet, frame, cells)
    _histograms(sheet, frame, cells)


def sentence(table: pd.DataFrame) -> str:
    """What was pooled, in words: how many subsets, all or drawn at random, and by which model."""
    row = table[table["group"] == "all"].iloc[0]
    count = show(row["subsets"], "count")
    model = "common effect" if row["tau2_method"] == "FE" else SHORT[row["tau2_method"]]
    what = f"all {count}" if row["complete"] else f"{count} random"
    return f"{what} subsets of two studies or more, each pooled anew ({model})"


def _words(
    sheet: Any,
    quantiles: pd.DataFrame,
    label: str,
    measure: str,
    left: float,
    right: float,
    top: float,
) -> float:
    """One line for the subsets with the study and one for those without; where they end."""
    kind, synthesis = measures.SCALES[measure].kind, quantiles["synthesis"].iloc[0]
    for i, (group, colour) in enumerate(COLOUR.items()):
        known = quantiles[quantiles["group"] == group].set_index("quantile")["display_estimate"]
        median, pair = show(known[0.5], kind), show((known[0.025], known[0.975]), kind)
        numbers = f": median {median}, 95% of them {pair}"
        y = top + 3.6 * i
        sheet.box(left, y - 1.9, 2, 2, fill=colour)
        room = right - left - 3.2 - width(numbers, SMALL)
        who = shorten("without it" if group == "without" else f"with {label}", room, SMALL)
        sheet.text(left + 3.2, y, who + numbers, size=SMALL, number=f"{synthesis}/gosh/{group}")
    return top + 5.6


def _lines(sheet, frame, scale, result):
    """No effect, where there is such a value, and the result."""
    if scale.null is not None and frame.xs[0] < 0 < frame.xs[1]:
        x = frame.x(0.0)
        sheet.line([x, x], [frame.top, frame.bottom], weight=HAIR, over=2)
    estimate = result.get("estimate")
    if not missing(estimate) and frame.xs[0] <= estimate <= frame.xs[1]:
        x = frame.x(estimate)
        ends = [frame.top - GAP - HIGH_MARGIN, frame.bottom]
        sheet.line([x, x], ends, colour="grey", weight=FINE, dashes=(3, 2.2), over=2)


def _squares(sheet, frame, cells):
    corner = ["estimate_low", "estimate_high", "i2_low", "i2_high"]
    counts = cells.pivot_table(index=corner, columns="group", values="subsets", fill_value=0)
    counts = counts.reindex(columns=list(COLOUR), fill_value=0)
    most = math.log1p(counts.sum(axis=1).max())
    places: dict[str, list[tuple[float, float, float]]] = {group: [] for group in COLOUR}
    for (x0, x1, y0, y1), with_, without in counts.itertuples(name=None):
        number = with_ + without
        full = min(frame.x(x1) - frame.x(x0), frame.y(y0) - frame.y(y1))
        side = full * (0.3 + 0.65 * math.log1p(number) / most)
        x, y = frame.x((x0 + x1) / 2), frame.y((y0 + y1) / 2)
        if without:
            places["without"].append((x, y, side))
        if with_:
            places["with"].append((x, y, side * math.sqrt(with_ / number)))
    for over, group in ((5, "without"), (6, "with")):
        if places[group]:
            sheet.squares(places[group], fill=COLOUR[group], over=over)


def _histograms(sheet, frame, cells):
    """How the estimates are spread, above, and the I², beside, in either group."""
    for axis, place in (("estimate", frame.x), ("i2", frame.y)):
        found = cells.groupby(["group", f"{axis}_low", f"{axis}_high"])["subsets"].sum()
        for group, colour in COLOUR.items():
            if group not in found:
                continue
            along, out = _steps(found[group], found.max())
            along = [place(value) for value in along]
            if axis == "estimate":
                base = frame.top - GAP
                xs, ys = along, [base - HIGH_MARGIN * share for share in out]
            else:
                base = frame.right + GAP
                xs, ys = [base + WIDE_MARGIN * share for share in out], along
            sheet.line(xs, ys, colour=colour, weight=BOLD)


def _steps(counts, most):
    """The outline of a histogram: places along the axis, and heights as shares of `most`."""
    along, out, end = [], [], None
    for (low, high), count in counts.items():
        if low != end:  # a gap, where no subset is
            along += [low] if end is None else [end, low]
            out += [0.0] if end is None else [0.0, 0.0]
        along += [low, high]
        out += [count / most] * 2
        end = high
    return [*along, end], [*out, 0.0]
