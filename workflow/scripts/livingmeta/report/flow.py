"""The PRISMA 2020 flow diagram (Page et al. 2021, BMJ 372:n71), from the counts of screening."""

from livingmeta.numbers import show
from livingmeta.report.style import FINE, SIZE, TITLE, Sheet, width, wrap
from livingmeta.report.words import date, plural, sentence

MARGIN = 4.0
STAGE = 7.0  # width of the bar that names a stage
MAIN, SIDE = 76.0, 84.0
BETWEEN = 12.0
PAD = 2.2
LINE = 3.7
DROP = 7.0  # from one box down to the next


def draw(counts: dict, reasons: dict[str, str] | None = None) -> str:
    """The flow diagram as SVG.

    `counts`: the content of results/screening/flow.json. `reasons`: the protocol's words for each
    reason of exclusion at full text; a reason that is not there is printed as it stands.
    """
    stages = [
        ("Identification", [(_identified(counts), _before_screening(counts))]),
        (
            "Screening",
            [
                (["Records screened", _n(counts["screened"])], _screened_out(counts)),
                (["Reports sought for retrieval", _n(counts["sought"])], _not_retrieved(counts)),
                (
                    ["Reports assessed for eligibility", _n(counts["assessed"])],
                    _not_included(counts, reasons or {}),
                ),
            ],
        ),
        ("Included", [(_included(counts), [])]),
    ]
    return _laid_out(stages).svg("PRISMA 2020 flow diagram", in_words(counts))


def _n(count) -> str:
    """`(n = 1,234)`, as PRISMA writes it."""
    return f"(n = {show(count, 'count')})"


def _identified(counts: dict) -> list[str]:
    """Lines of the first box: every search by its day, every database with its records."""
    lines, found = ["Records identified from:"], counts["identified"]
    for day in sorted({source["searched_on"] for source in found["databases"]}):
        if day:
            lines.append(f"Search of {date(day)}")
        lines += [
            f"   {source['database']} {_n(source['records'])}"
            for source in found["databases"]
            if source["searched_on"] == day
        ]
    return [*lines, f"In all {_n(found['records'])}"] if len(found["databases"]) > 1 else lines


def _before_screening(counts: dict) -> list[str]:
    removed = counts["removed_before_screening"]
    lines = [f"   Duplicates {_n(removed['duplicates'])}"]
    if removed["automation"]:
        lines.append(f"   Marked as ineligible by automation tools {_n(removed['automation'])}")
    if removed["unreadable"]:
        lines.append(f"   Not readable as records {_n(removed['unreadable'])}")
    waiting = _waiting(sum(counts["awaiting_screening"].values()), "record", "screening")
    return ["Records removed before screening:", *lines, *waiting]


def _screened_out(counts: dict) -> list[str]:
    return [f"Records excluded {_n(counts['excluded_title_abstract'])}"]


def _not_retrieved(counts: dict) -> list[str]:
    waiting = _waiting(counts["awaiting_assessment"], "report", "assessment")
    return [f"Reports not retrieved {_n(counts['not_retrieved'])}", *waiting]


def _not_included(counts: dict, reasons: dict[str, str]) -> list[str]:
    excluded = counts["excluded_full_text"]
    lines = [f"Reports excluded {_n(excluded['reports'])}" + (":" if excluded["reasons"] else "")]
    for row in excluded["reasons"]:
        lines.append(f"   {reasons.get(row['reason'], row['reason'])} {_n(row['reports'])}")
    waiting = sum(counts["awaiting_classification"].values())
    return lines + _waiting(waiting, "report", "classification")


def _waiting(count: int, what: str, wanting: str) -> list[str]:
    return [f"{sentence(plural(count, what))} awaiting {wanting} {_n(count)}"] if count else []


def _included(counts: dict) -> list[str]:
    included = counts["included"]
    return [
        f"Studies included in the review {_n(included['studies'])}",
        f"Reports of included studies {_n(included['reports'])}",
    ]


def in_words(counts: dict) -> str:
    """The diagram for those who cannot see it."""
    parts = [
        (counts["identified"]["records"], "records identified"),
        (counts["removed_before_screening"]["duplicates"], "duplicates removed"),
        (counts["screened"], "records screened"),
        (counts["excluded_title_abstract"], "excluded on title and abstract"),
        (counts["assessed"], "reports assessed"),
        (counts["excluded_full_text"]["reports"], "excluded at full text"),
        (sum(counts["awaiting_classification"].values()), "awaiting classification"),
        (counts["included"]["reports"], "reports included"),
        (counts["included"]["studies"], "studies included"),
    ]
    return "; ".join(f"{show(n, 'count')} {words}" for n, words in parts) + "."


def _fit(lines: list[str], wide: float) -> list[tuple[float, str]]:
    """Lines as (indent, text), wrapped to a box of this width; three spaces mean an indent."""
    fitted = []
    for line in lines:
        indent = 3.0 if line.startswith("   ") else 0.0
        pieces = wrap(line.strip(), wide - 2 * PAD - indent)
        fitted += [(indent + (2.0 if i else 0.0), piece) for i, piece in enumerate(pieces)]
    return fitted


def _laid_out(stages) -> Sheet:
    """Boxes from top to bottom: on the left what went on, beside it what was set aside."""
    x_main = MARGIN + STAGE + 4
    x_side = x_main + MAIN + BETWEEN
    y, bars, boxes = 12.0, [], []
    for name, pairs in stages:
        top = y
        for main, side in pairs:
            left, right = _fit(main, MAIN), _fit(side, SIDE)
            boxes.append((y, left, right))
            y += _high(max(left, right, key=len)) + DROP
        bars.append((name, top, y - DROP))
    sheet = Sheet(x_side + SIDE + MARGIN, y - DROP + MARGIN)
    sheet.text(MARGIN, 6.2, "From records to studies", size=TITLE, bold=True)
    for name, top, bottom in bars:
        sheet.box(MARGIN, top, STAGE, bottom - top, fill="band2", over=2)
        size = SIZE * min(1, (bottom - top - 1) / width(name, SIZE, True))
        x, y = MARGIN + STAGE / 2 + 0.12 * size, (top + bottom) / 2
        sheet.text(x, y, name, size=size, bold=True, align="center", upright=True)
    centre, below = x_main + MAIN / 2, None
    for top, left, right in boxes:
        if below is not None:
            sheet.arrow([centre, centre], [below, top])
        _box(sheet, x_main, top, MAIN, left)
        if right:
            _box(sheet, x_side, top, SIDE, right)
            level = top + min(_high(left), _high(right)) / 2
            sheet.arrow([x_main + MAIN, x_side], [level, level])
        below = top + _high(left)
    return sheet


def _high(lines) -> float:
    return 2 * PAD + LINE * len(lines) - 0.6


def _box(sheet, x, y, wide, lines):
    sheet.box(x, y, wide, _high(lines), fill="paper", edge="grey", weight=FINE)
    for i, (indent, text) in enumerate(lines):
        sheet.text(x + PAD + indent, y + PAD + 2.6 + LINE * i, text)
