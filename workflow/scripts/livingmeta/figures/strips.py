"""Narrow plots beside a table: one number a study, with the bounds beyond which it stands out."""

from livingmeta.figures.baujat import dot
from livingmeta.figures.style import BOLD, HAIR, SMALL, Sheet, width
from livingmeta.words import measures
from livingmeta.words.numbers import missing, show

WIDE, GAP = 23.0, 5.0
# Columns of influence.csv, their heads, and whether they have two sides.
STRIPS = (
    ("rstudent", ("Deleted residual,", "standardised"), True),
    ("cooks_distance", ("Cook’s distance",), False),
    ("dffits", ("DFFITS",), True),
)
ROOM = len(STRIPS) * (WIDE + GAP)


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
