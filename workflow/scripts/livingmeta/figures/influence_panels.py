"""Panels on the influence of single studies: Baujat's plot (Baujat 2002, Stat Med 21:2641: who
makes the heterogeneity, who the result), and strips beside a table, one number a study, with the
bounds beyond which it stands out."""

import math

from livingmeta.figures.frame import Frame
from livingmeta.figures.pages import MOST_STUDIES
from livingmeta.figures.style import BOLD, HAIR, POINT, SMALL, Sheet, shorten, width
from livingmeta.words import measures
from livingmeta.words.numbers import missing, show

RADIUS = 0.95
LONGEST = 38.0  # of a study's name, in millimetres
LINE = SMALL * POINT
NAMED = 50  # of very many studies: to find a place for a name takes as long as there are studies
# Of a strip: its width, and the room before it.
WIDE, GAP = 23.0, 5.0
# Columns of influence.csv, their heads, and whether they have two sides.
STRIPS = (
    ("rstudent", ("Deleted residual,", "standardised"), True),
    ("cooks_distance", ("Cook’s distance",), False),
    ("dffits", ("DFFITS",), True),
)
ROOM = len(STRIPS) * (WIDE + GAP)


def baujat(
    sheet: Sheet, rows: list[dict], left: float, right: float, top: float, bottom: float
) -> bool:
    """Draw the plot from `left` to `right` and `top` to `bottom` (millimetres).

    `rows`: of influence.csv, with the study's `label`. True if every study could be named; else
    those that stand out have their names, and the others, close together, have none.
    """
    rows = [r for r in rows if not missing(r["baujat_x"]) and not missing(r["baujat_y"])]
    most = [max(max(r[f"baujat_{axis}"] for r in rows) * 1.08, 1e-6) for axis in "xy"]
    frame = Frame(left, right, top, bottom, (0.0, most[0]), (0.0, most[1]))
    frame.draw(sheet, "Contribution to the heterogeneity", "Influence on the result")
    points = [(frame.x(r["baujat_x"]), frame.y(r["baujat_y"])) for r in rows]
    for (x, y), row in zip(points, rows, strict=True):
        dot(sheet, x, y, "pooled" if row["influential"] else "study")
    taken = [(x - RADIUS, x + RADIUS, y - RADIUS, y + RADIUS) for x, y in points]
    # The farthest from the corner first: their names matter most.
    order = sorted(range(len(rows)), key=lambda i: (left - points[i][0]) + (points[i][1] - bottom))
    if len(rows) > MOST_STUDIES:
        order = order[:NAMED]
    named = 0
    for i in order:
        name = shorten(rows[i]["label"], LONGEST, SMALL)
        place = _place(*points[i], width(name, SMALL), taken, (left, right, top, bottom))
        if place:
            x, base, box, lead = place
            taken.append(box)
            sheet.text(x, base, name, size=SMALL)
            if lead:
                ends = zip(points[i], lead, strict=True)
                sheet.line(*map(list, ends), colour="line", weight=HAIR, over=2)
            named += 1
    return named == len(rows)


def dot(sheet: Sheet, x: float, y: float, colour: str, radius: float = RADIUS) -> None:
    """A filled circle."""
    corners = [
        (x + radius * math.cos(math.pi * i / 8), y + radius * math.sin(math.pi * i / 8))
        for i in range(16)
    ]
    sheet.shape(corners, fill=colour, edge="paper", weight=HAIR, over=6)


def _place(x, y, wide, taken, limits):
    """(left end, baseline, box, end of the line that leads there or None) of a name near its
    point that covers nothing; None if there is no such place."""
    left, right, top, bottom = limits
    gap, low = RADIUS + 0.8, RADIUS + 0.8 + 0.75 * LINE
    level = min(y + 0.8, bottom - 0.4 * LINE)  # not into the axis
    beside = [(x + gap, level), (x - gap - wide, level)]
    over = [(x - wide / 2, y - gap), (x - wide / 2, y + low)]
    near = [(x0, base, None) for x0, base in beside + over]
    far = []
    for rise in (3.6, 6.4, 9.2, 12.0, 14.8, 17.6):
        lead = y - rise + 0.4
        far += [(x + rise / 3, y - rise, (x + rise / 3 + 1, lead))]
        far += [(x - rise / 3 - wide, y - rise, (x - rise / 3 - 1, lead))]
    for x0, base, lead in near + far:
        box = (x0 - 0.3, x0 + wide + 0.3, base - 0.85 * LINE, base + 0.3 * LINE)
        inside = left < box[0] and box[1] < right + 2 and top - 2 < box[2] and box[3] < bottom
        if lead and any(_meet(step, other) for step in _along(x, y, *lead) for other in taken):
            continue
        if inside and not any(_meet(box, other) for other in taken):
            return x0, base, box, lead
    return None


def _along(x, y, to_x, to_y):
    """Small boxes along a line, without its beginning, where the point itself is."""
    steps = [i / 12 for i in range(1, 13)]
    places = [(x + share * (to_x - x), y + share * (to_y - y)) for share in steps]
    return [(a, a, b, b) for a, b in places if y - b > RADIUS]


def _meet(a, b):
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def strips(
    sheet: Sheet,
    rows: list[dict],
    bounds: dict[str, float],
    left: float,
    top: float,
    bottom: float,
) -> None:
    """Draw the strips from `left` (millimetres) on, under their heads, which end at `top`.

    `rows`: of influence.csv, with `middle`, the height of the study's row. `bounds`: as
    deletion_bounds.bounds gives them. Studies that are `influential` are vermilion.
    """
    for i, (column, head, both) in enumerate(STRIPS):
        x0 = left + GAP + i * (WIDE + GAP)
        for j, line in enumerate(reversed(head)):
            sheet.text(
                x0 + WIDE / 2, top - 1.2 - 3.1 * j, line, size=SMALL, bold=True, align="center"
            )
        _strip(sheet, rows, column, bounds[column], both, x0, top + 1.2, bottom)


def _strip(sheet, rows, column, bound, both, left, top, bottom):
    values = [abs(row[column]) for row in rows if not missing(row[column])]
    most = 1.1 * max([*values, bound])  # a method of counts has no diagnostics
    least = -most if both else 0.0

    def place(value):
        return left + (value - least) / (most - least) * WIDE

    zero = place(0.0)
    sheet.line([left, left + WIDE], [bottom, bottom], weight=HAIR)
    sheet.line([zero, zero], [top, bottom], weight=HAIR, over=2)
    sides = (1, -1) if both else (1,)
    for side in sides:
        x = place(side * bound)
        sheet.line([x, x], [top, bottom], colour="line", weight=HAIR, dashes=(3, 2.2), over=2)
    # Zero and the bounds are named first; the ends of the axis where there is room.
    ticks = measures.linear_ticks(least, most)
    marks = [(0.0, "0"), *((side * bound, show(side * bound, "statistic")) for side in sides)]
    marks += [(tick, measures.tick_text(tick, "difference")) for tick in (ticks[-1], ticks[0])]
    taken: list[tuple[float, float]] = []
    for value, text in marks:
        x, half = place(value), width(text, SMALL) / 2
        if all(abs(x - other) > half + room + 0.8 for other, room in taken):
            sheet.line([x, x], [bottom, bottom + 1.1], weight=HAIR)
            sheet.tick(x, bottom + 4.0, text)
            taken.append((x, half))
    for row in rows:
        if missing(row[column]):
            continue
        colour = "pooled" if row["influential"] else "study"
        x, y = place(row[column]), row["middle"]
        sheet.line([zero, x], [y, y], colour=colour, weight=BOLD, over=4)
        dot(sheet, x, y, colour, 0.85)
