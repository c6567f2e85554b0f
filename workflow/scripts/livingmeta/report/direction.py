"""Where nothing is pooled: effects side by side and the direction of each, after SWiM.

Effect direction plots: Thomson & Thomas 2013 (Res Synth Methods 4:95), Boon & Thomson 2021 (12:29).
Counting by direction, with the exact binomial probability: Cochrane Handbook 12.2.1.3. Size and
statistical significance of an effect play no part in its direction.
"""

import math

import pandas as pd

from livingmeta.numbers import MISSING, missing, show, with_sign
from livingmeta.report import scales
from livingmeta.report.style import FINE, ROW, SIZE, SMALL, TITLE, Sheet, at_most, width, wrap
from livingmeta.report.words import plural, within

MARGIN, GAP = 4.0, 5.0
LABEL, MARKS = 62.0, 34.0
# Half the side of an arrow in millimetres, for studies of at most so many patients.
SIZES = ((49, 0.9), (300, 1.35), (math.inf, 1.8))
FIRST, SECOND, NEITHER = "first", "second", "neither"


def applies(synthesis: dict, k: int) -> bool:
    """Whether a synthesis is told, not pooled: the protocol says so, or there is one study."""
    return k == 1 or bool(synthesis.get("narrative"))


def table(effects: pd.DataFrame, synthesis: dict, outcome: dict) -> pd.DataFrame:
    """One study a row, by year and label: study_id, label, n, display, display_low, display_high,
    and `direction`: the arm that the effect speaks for (`first`, `second` or `neither`); empty
    where the measure has no value of no effect, as for one arm.

    `effects`: rows of effects.csv with the columns of studies.csv beside them. `synthesis`,
    `outcome`: those parts of the protocol.
    """
    measure = synthesis["measure"]
    scale = scales.SCALES[measure]
    shown = scales.shown(effects, measure)
    better = scales.more_is_better(measure, outcome)

    def speaks_for(value):
        if scale.null is None or len(synthesis["arms"]) != 2:
            return ""
        if math.isclose(value, scale.null, rel_tol=0, abs_tol=1e-12):
            return NEITHER
        return FIRST if (value > scale.null) == better else SECOND

    shown["direction"] = [speaks_for(value) for value in shown["display"]]
    columns = ["study_id", "label", "n", "display", "display_low", "display_high", "direction"]
    order = [column for column in ("year", "label") if column in shown]
    shown = shown.sort_values(order, kind="stable", na_position="last")
    return shown[columns].reset_index(drop=True)


def count(rows: pd.DataFrame) -> dict:
    """Counting by direction: `first`, the studies that speak for the first arm, of `clear` with a
    direction; their share with its exact 95% interval (Clopper-Pearson); `p`, two-sided, of as
    uneven a split where both directions are as likely. {} where no study has a direction."""
    clear = int(rows["direction"].isin([FIRST, SECOND]).sum())
    if not clear:
        return {}
    first = int((rows["direction"] == FIRST).sum())
    chances = [math.comb(clear, i) / 2**clear for i in range(clear + 1)]
    p = sum(chance for chance in chances if chance <= chances[first] * (1 + 1e-9))
    low, high = _exact(first, clear)
    return {
        "first": first,
        "clear": clear,
        "share": first / clear,
        "ci_low": low,
        "ci_high": high,
        "p": min(1.0, p),
    }


def _exact(events: int, n: int) -> tuple[float, float]:
    from scipy.special import betaincinv

    low = float(betaincinv(events, n - events + 1, 0.025)) if events else 0.0
    high = float(betaincinv(events + 1, n - events, 0.975)) if events < n else 1.0
    return low, high


def in_words(rows: pd.DataFrame, synthesis: dict, arms: dict) -> str:
    """The direction of all studies in one sentence."""
    k = len(rows)
    lead = f"{show(k, 'count')} {plural(k, 'study')}, not pooled"
    counted = count(rows)
    if not counted:
        return f"{lead}."
    name = within(arms[synthesis["arms"][0]]["label"])
    first, clear = (show(counted[key], "count") for key in ("first", "clear"))
    verb = "favours" if counted["first"] == 1 else "favour"
    words = f"{lead}: {first} of {clear} with a direction {verb} {name}"
    if clear == "1":
        return f"{words}."
    share = show(counted["share"], "proportion")
    pair = show((counted["ci_low"], counted["ci_high"]), "proportion")
    p = with_sign("p", show(counted["p"], "p"))
    return f"{words} ({share}, 95% confidence interval {pair}; sign test {p})."


def draw(effects: pd.DataFrame, synthesis: dict, *, arms: dict, outcome: dict) -> str:
    """The effect direction plot as SVG: study, patients, effect, and an arrow to the arm that it
    speaks for, larger for larger studies. For one arm the effects alone are listed.

    Arguments as for `table`; `arms`: that part of the protocol.
    """
    title = f"Direction of effects: {synthesis['title']}"
    rows = table(effects, synthesis, outcome).to_dict("records") if len(effects) else []
    words = "No study gives a usable effect for this synthesis, so there is nothing to draw."
    if not rows:
        sheet = Sheet(120, 22)
        for i, line in enumerate(wrap(title, 112, TITLE, True)[:2]):
            sheet.text(MARGIN, 7 + 4 * i, line, size=TITLE, bold=True)
        sheet.text(MARGIN, 17, words, colour="grey")
        return sheet.svg(title, words)
    kind = scales.SCALES[synthesis["measure"]].kind
    for row in rows:
        row["lines"] = at_most(row["label"], LABEL, 2)
        row["patients"] = MISSING if missing(row["n"]) else show(row["n"], "count")
        pair = (row["display_low"], row["display_high"])
        row["effect"] = f"{show(row['display'], kind)} ({show(pair, kind)})"
    return _laid_out(rows, title, synthesis, arms, outcome)


def _laid_out(rows, title, synthesis, arms, outcome):
    directed = any(row["direction"] for row in rows)
    heads = ("Study", "Patients", f"{scales.short(synthesis, outcome)} (95% CI)")
    x_patients = MARGIN + max(26.0, *(width(line) for row in rows for line in row["lines"]))
    x_patients += GAP + width(heads[1], SMALL, True)
    x_effect = (
        x_patients + GAP + max(width(heads[2], SMALL, True), *(width(r["effect"]) for r in rows))
    )
    x_marks = x_effect + GAP + MARKS
    wide = (x_marks + MARKS if directed else x_effect) + MARGIN
    lines = wrap(title, wide - 2 * MARGIN, TITLE, True)
    sides = [at_most(_favours(arms, arm), MARKS - 2, 2, SMALL) for arm in synthesis["arms"]]
    top = 3.0 + 4.2 * len(lines) + 2.6 + 3.1 * (max(map(len, sides)) if directed else 1)
    bottom = top + 1.6 + sum(ROW * len(row["lines"]) for row in rows)
    notes = wrap(in_words(pd.DataFrame(rows), synthesis, arms), wide - 2 * MARGIN, SMALL)
    if directed:
        key = "Arrows point to the arm that the effect speaks for, whatever its size; they are "
        key += "small below 50 patients and large above 300."
        notes += wrap(key, wide - 2 * MARGIN, SMALL)
    sheet = Sheet(wide, bottom + 4.0 + 3.3 * len(notes))
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
    base = top - 1.2
    sheet.text(MARGIN, base, heads[0], size=SMALL, bold=True)
    for x, head in ((x_patients, heads[1]), (x_effect, heads[2])):
        sheet.text(x, base, head, size=SMALL, bold=True, align="right")
    if directed:
        # The second arm stands on the left and the first on the right, as their arrows point.
        for side, x in ((1, x_marks - MARKS / 2), (0, x_marks + MARKS / 2)):
            for i, line in enumerate(reversed(sides[side])):
                sheet.text(x, base - 3.1 * i, line, size=SMALL, bold=True, align="center")
    sheet.line([MARGIN, wide - MARGIN], [top, top], weight=FINE)
    if directed:
        sheet.line([x_marks, x_marks], [top, bottom], colour="line", weight=FINE, over=2)
    y = top + 1.2
    for row in rows:
        _row(sheet, row, y, (x_patients, x_effect, x_marks, wide))
        y += ROW * len(row["lines"])
    for i, line in enumerate(notes):
        sheet.text(MARGIN, bottom + 4.0 + 3.3 * i, line, size=SMALL, colour="grey")
    said = "; ".join(f"{row['label']}: {row['effect']}" for row in rows)
    return sheet.svg(title, f"{in_words(pd.DataFrame(rows), synthesis, arms)} {said}.")


def _favours(arms, arm):
    return f"favours {within(arms[arm]['label'])}"


def _row(sheet, row, top, places):
    x_patients, x_effect, x_marks, wide = places
    high = ROW * len(row["lines"])
    middle = top + high / 2
    for i, line in enumerate(row["lines"]):
        sheet.text(MARGIN, top + 3.3 + ROW * 0.8 * i, line, size=SIZE)
    sheet.text(x_patients, middle + 1.0, row["patients"], align="right")
    sheet.text(x_effect, middle + 1.0, row["effect"], align="right")
    half = next(size for most, size in SIZES if missing(row["n"]) or row["n"] <= most)
    if row["direction"] == NEITHER:
        sheet.box(x_marks - half, middle - half / 3, 2 * half, half / 1.5, fill="grey")
    elif row["direction"]:
        side = 1 if row["direction"] == FIRST else -1
        tip = x_marks + side * (MARKS / 2 + half)
        back = tip - side * 2 * half
        points = [(tip, middle), (back, middle - half), (back, middle + half)]
        fill = "study" if side > 0 else "pooled"
        sheet.shape(points, fill=fill, name=f"arrow-{row['study_id']}")
    frame = {"fill": None, "name": f"row-{row['study_id']}", "over": 9}
    sheet.box(MARGIN / 2, top, wide - MARGIN, high, **frame)
