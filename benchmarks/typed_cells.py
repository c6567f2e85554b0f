"""How much is typed to enter one study: into the workbook, and as rows of outcomes.csv.

    PYTHONPATH=workflow/scripts python benchmarks/typed_cells.py

Both ways hold the same numbers with the same place and quote: the workbook's row is made of the
rows of the table, and gives them back. Counted are the cells that have to be filled in and the
characters in them; of the workbook not what stands there beforehand (study, outcome and time), of
the table not its head. What the count cannot say is how long people take, and how often they slip.
"""

from livingmeta import tables
from livingmeta.extraction.workbook import form
from livingmeta.extraction.workbook.read import GIVEN

QUOTE = "Fever persisted in 8 of 40 patients given testomycin and in 17 of 40 given none."
PLACE = "Table 2, p. 1134"
STUDY = {"study_id": "ahn-2015", "source": PLACE, "quote": QUOTE}


def row(arm: str, statistic: str, value: str = "", **more: str) -> dict[str, str]:
    """A row of outcomes.csv."""
    blank = dict.fromkeys(tables.columns("data/outcomes"), "")
    return blank | STUDY | {"arm": arm, "statistic": statistic, "value": value} | more


def of(outcome: str, time: str, *rows: dict[str, str]) -> list[dict[str, str]]:
    # A ratio is of the whole follow-up, and has no time.
    times = ("" if "/" in one["arm"] else time for one in rows)
    return [one | {"outcome": outcome, "time": at} for one, at in zip(rows, times, strict=True)]


STUDIES = {
    ("two arms, events of patients", "Binary"): of(
        "fever", "12", row("drug", "events", "8", n="40"), row("none", "events", "17", n="40")
    ),
    ("two arms, mean, SD, patients", "Continuous"): of(
        "pain",
        "12",
        row("drug", "mean", "31.2", sd="8.4", n="40"),
        row("none", "mean", "36.9", sd="9.1", n="40"),
    ),
    ("two arms, survival with its interval, hazard ratio", "Time-to-event"): of(
        "survival",
        "12",
        row("drug", "survival", "71.8", ci_low="59.1", ci_high="84.5", n="40", unit="%"),
        row("none", "survival", "52.5", ci_low="37.0", ci_high="68.0", n="40", unit="%"),
        row("drug/none", "hazard-ratio", "0.58", ci_low="0.35", ci_high="0.94", p_value="0.03"),
    ),
}


def typed(cells: list[str]) -> tuple[int, int]:
    """Cells that are filled in, and the characters in them."""
    filled = [cell for cell in cells if cell]
    return len(filled), sum(map(len, filled))


def counted(rows: list[dict[str, str]], sheet: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is typed into the table, and into the workbook."""
    assert all(form.fits(one, sheet) for one in rows)
    wide = form.widen(rows)
    back = [long for one in wide for long, _ in form.lengthen(one)]
    alike = sorted(str({c: one[c] for c in back[0]}) for one in rows)
    assert sorted(map(str, back)) == alike
    given = GIVEN[sheet]
    cells = [
        cell
        for one in wide
        for cell in (*(c for n, c in one.once.items() if n not in given), *one.cells.values())
    ]
    return typed([cell for one in rows for cell in one.values()]), typed(cells)


def main() -> None:
    print("| one study | rows of outcomes.csv: cells, characters | workbook: cells, characters |")
    print("|---|---|---|")
    for (what, sheet), rows in STUDIES.items():
        table, book = counted(rows, sheet)
        print(f"| {what} | {table[0]}, {table[1]} | {book[0]}, {book[1]} |")


if __name__ == "__main__":
    main()
