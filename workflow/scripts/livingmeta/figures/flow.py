"""The PRISMA 2020 flow diagrams (Page et al. 2021, BMJ 372:n71), from the counts of screening: of
the whole review, and of an update beside what was included before it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from livingmeta.figures.drawn import Drawn
from livingmeta.figures.style import FINE, SIZE, TITLE, Sheet, width, wrap
from livingmeta.living.told import Changes
from livingmeta.living.versions import compared
from livingmeta.screening.counts import Counts, Sizes, Source, UpdateCounts
from livingmeta.screening.flow import OTHER_METHODS, went_on
from livingmeta.words.english import date, plural, sentence
from livingmeta.words.numbers import show

MARGIN = 3.0
STAGE = 7.0  # width of the bar that names a stage
MAIN, SIDE = 68.0, 76.0
BEFORE = 34.0  # width of the boxes on earlier versions, in the diagram of an update
THREE = 47.0  # width of all boxes where what other methods found has a column of its own
BETWEEN = 9.0
PAD = 1.8
LINE = 3.5
DROP = 5.5  # from one box down to the next


class Line(NamedTuple):
    """A line of a box; `number`: the id of the count in it, after `flow/` or `living/flow/`."""

    words: str
    number: str = ""


def draw(counts: Counts, reasons: Mapping[str, str] | None = None) -> Drawn:
    """The flow diagram, which stands on one page.

    `counts`: the content of results/screening/flow.json. `reasons`: the protocol's words for each
    reason of exclusion at full text; a reason that is not there is printed as it stands.
    What other methods than databases and registers found has a column of its own.
    """
    via, reasons = counts.get("via"), reasons or {}
    found, right = _found(counts, reasons), []
    if via:
        main, other = via["databases_and_registers"], via["other_methods"]
        found = _found(main, reasons, "from databases and registers")
        right = _found(other, reasons, "via other methods")
    stages: list[tuple[str, list[Any]]] = [
        ("Identification", found[:1]),
        ("Screening", found[1:]),
        ("Included", [(_included(counts), [])]),
    ]
    if via:
        stages[:2] = [
            (name, [_under("databases", *row) for row in rows]) for name, rows in stages[:2]
        ]
    beside = [[line for box in _under("other", *row) for line in box] for row in right]
    sheet = _laid_out(stages, "From records to studies", "flow", beside=beside)
    return sheet.drawn("PRISMA 2020 flow diagram", in_words(counts))


def _found(
    counts: Counts, reasons: Mapping[str, str], lead: str = "from"
) -> list[tuple[list[Line], list[Line]]]:
    """The rows of boxes of what was found in one way, from records to reports assessed."""
    passed = (counts["screened"], counts["sought"], counts["assessed"])
    first = (_identified(counts, lead), [*_removed(counts), *_still_open(counts)])
    return [first, *_screened(counts, reasons, *passed)]


def _under(way: str, *boxes: list[Line]) -> tuple[list[Line], ...]:
    """The boxes with the ids of the counts of that way of finding."""
    return tuple(
        [line._replace(number=line.number and f"{way}/{line.number}") for line in box]
        for box in boxes
    )


def draw_update(changes: Changes, reasons: Mapping[str, str] | None = None) -> Drawn:
    """The flow diagram of an update, what the release before it included beside it.

    `changes`: the content of results/living/changes.json, of a review with a release. Where nothing
    has changed since the latest one, the diagram is of that release, if there was one before it.
    `reasons`: as in `draw`.
    """
    shown = compared(changes)
    title = f"The update from version {shown['since']} to {shown['version']}"
    if shown["since"] == shown["version"]:
        title = f"Since version {shown['since']}"
    counts = shown["flow"]
    if counts is None:
        why = (
            f"An earlier search holds fewer records now than at version {shown['since']}, so "
            "what was there before cannot be told from what is new."
        )
        return _laid_out([("Update", [([Line(why)], [])])], title, "living/flow").drawn(title, why)
    screened, sought, assessed = went_on(counts)
    stages = [
        (
            "Identification",
            [(_identified(counts), _removed(counts)), (_looked_at(counts), _still_open(counts))],
        ),
        ("Screening", _screened(counts, reasons or {}, screened, sought, assessed)),
        (
            "Included",
            [
                (
                    _of(
                        "New studies included in review",
                        "Reports of new included studies",
                        counts["new"],
                        "new",
                    ),
                    [],
                ),
                (
                    _of(
                        "Total studies included in review",
                        "Reports of total included studies",
                        counts["included"],
                        "included",
                    ),
                    _gone(counts["no_longer_included"]),
                ),
            ],
        ),
    ]
    before = counts["previous"]
    earlier = _of(
        f"Studies included in version {before['version']}",
        "Reports of these studies",
        before,
        "previous",
    )
    words = (
        f"{before['studies']} studies before, {screened} records screened, "
        f"{counts['new']['studies']} new studies, {counts['included']['studies']} in all."
    )
    return _laid_out(stages, title, "living/flow", earlier).drawn(
        f"PRISMA 2020 flow diagram. {title}", words
    )


def _of(studies: str, reports: str, counts: Sizes, which: str) -> list[Line]:
    return [
        _n(studies, counts["studies"], f"{which}-studies"),
        _n(reports, counts["reports"], f"{which}-reports"),
    ]


def _gone(counts: Sizes) -> list[Line]:
    """What was included before and is no longer; nothing where all of it still is."""
    if not (counts["studies"] or counts["reports"]):
        return []
    return [Line("No longer included:"), *_of("   Studies", "   Reports", counts, "gone")]


def _looked_at(counts: UpdateCounts) -> list[Line]:
    """Which records this update looked at, beside those that the searches brought."""
    head = _n("Records to screen", counts["records"], "records")
    lines = [_n("   New records", counts["new_records"], "new-records")]
    for words, count, number in (
        ("   Awaiting a decision before", counts["awaiting_before"], "awaiting-before"),
        ("   Decided again", counts["decided_again"], "decided-again"),
    ):
        if count:
            lines.append(_n(words, count, number))
    return [_colon(head), *lines]


def _screened(
    counts: Counts | UpdateCounts,
    reasons: Mapping[str, str],
    screened: int,
    sought: int,
    assessed: int,
) -> list[tuple[list[Line], list[Line]]]:
    """The rows of boxes on screening, alike for a review and for an update of one."""
    return [
        ([Line("Records screened"), _n("", screened, "screened")], _screened_out(counts)),
        ([Line("Reports sought for retrieval"), _n("", sought, "sought")], _not_retrieved(counts)),
        (
            [Line("Reports assessed for eligibility"), _n("", assessed, "assessed")],
            _not_included(counts, reasons),
        ),
    ]


def _n(words: str, count: int, number: str) -> Line:
    """`Records excluded (n = 1,234)`, as PRISMA writes it; `number`: see Line."""
    return Line(f"{words} (n = {show(count, 'count')})".removeprefix(" " * (not words)), number)


def _colon(line: Line) -> Line:
    return line._replace(words=line.words + ":")


def _identified(counts: Counts | UpdateCounts, lead: str = "from") -> list[Line]:
    """Lines of the first box: every search by its day, every database with its records."""
    lines, found = [Line(f"Records identified {lead}:")], counts["identified"]
    sources = list(enumerate(found["databases"]))
    if not sources:
        return [_n("Records identified", found["records"], "identified")]
    for day in sorted({source["searched_on"] for _, source in sources}):
        if day:
            lines.append(Line(f"Search of {date(day)}"))
        lines += [
            _n(f"   {_named(source)}", source["records"], f"source/{i}")
            for i, source in sources
            if source["searched_on"] == day
        ]
    several = len(sources) > 1
    return [*lines, _n("In all", found["records"], "identified")] if several else lines


def _named(source: Source) -> str:
    """A source by its name, and by its kind where it is neither database nor register."""
    kind, name = source.get("source", ""), source["database"]
    told = kind in OTHER_METHODS and kind != "other" and kind not in name.casefold()
    return f"{sentence(kind)}: {name}" if told else name


def _removed(counts: Counts | UpdateCounts) -> list[Line]:
    removed = counts["removed_before_screening"]
    lines = [_n("   Duplicates", removed["duplicates"], "duplicates")]
    if by_tools := removed.get("automation"):
        words = "   Marked as ineligible by automation tools"
        lines.append(_n(words, by_tools, "automation"))
    if removed["unreadable"]:
        lines.append(_n("   Not readable as records", removed["unreadable"], "unreadable"))
    return [Line("Records removed before screening:"), *lines]


def _still_open(counts: Counts | UpdateCounts) -> list[Line]:
    return _waiting(in_all(counts["awaiting_screening"]), "record", "screening")


def in_all(boxes: dict[str, int] | int) -> int:
    """What waits, by why it waits or, for an update, in all."""
    return sum(boxes.values()) if isinstance(boxes, dict) else boxes


def _screened_out(counts: Counts | UpdateCounts) -> list[Line]:
    return [_n("Records excluded", counts["excluded_title_abstract"], "excluded-title-abstract")]


def _not_retrieved(counts: Counts | UpdateCounts) -> list[Line]:
    waiting = _waiting(counts["awaiting_assessment"], "report", "assessment")
    return [_n("Reports not retrieved", counts["not_retrieved"], "not-retrieved"), *waiting]


def _not_included(counts: Counts | UpdateCounts, reasons: Mapping[str, str]) -> list[Line]:
    excluded = counts["excluded_full_text"]
    head = _n("Reports excluded", excluded["reports"], "excluded-full-text")
    lines = [_colon(head) if excluded["reasons"] else head]
    for row in excluded["reasons"]:
        words = f"   {reasons.get(row['reason'], row['reason'])}"
        lines.append(_n(words, row["reports"], f"reason/{row['reason']}"))
    waiting = in_all(counts["awaiting_classification"])
    return lines + _waiting(waiting, "report", "classification")


def _waiting(count: int, what: str, wanting: str) -> list[Line]:
    words = f"{sentence(plural(count, what))} awaiting {wanting}"
    return [_n(words, count, f"awaiting-{wanting}")] if count else []


def _included(counts: Counts) -> list[Line]:
    words = ("Studies included in the review", "Reports of included studies")
    return _of(*words, counts["included"], "included")


def in_words(counts: Counts) -> str:
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
    words = "; ".join(f"{show(n, 'count')} {words}" for n, words in parts) + "."
    if "via" not in counts:
        return words
    return f"{words} Of these, found by other methods: {in_words(counts['via']['other_methods'])}"


def _fit(lines: list[Line], wide: float) -> list[tuple[float, Line]]:
    """Lines with their indent, wrapped to a box of this width; three spaces mean an indent."""
    fitted = []
    for line in lines:
        indent = 3.0 if line.words.startswith("   ") else 0.0
        whole = line.words.strip().replace("(n = ", "(n\xa0=\xa0")  # stays on one line
        for i, piece in enumerate(wrap(whole, wide - 2 * PAD - indent)):
            piece = piece.replace("\xa0", " ")
            fitted.append((indent + (2.0 if i else 0.0), Line(piece, line.number)))
    return fitted


def _laid_out(
    stages: list[tuple[str, list[Any]]],
    title: str,
    under: str,
    before: list[Line] | None = None,
    beside: Sequence[list[Line]] = (),
) -> Sheet:
    """Boxes from top to bottom: on the left what went on, beside it what was set aside. `under`:
    beginning of the ids of the counts. `before`, what earlier versions included, stands left of
    the first row and leads to the last one. `beside`: a box a row on the right, from the first row
    on, of what came another way; they lead to the last row too."""
    wide, side, between = (THREE, THREE, 0.7 * BETWEEN) if beside else (MAIN, SIDE, BETWEEN)
    x_main = MARGIN + STAGE + 4 + (BEFORE + BETWEEN if before else 0)
    x_side = x_main + wide + between
    x_beside = x_side + side + between
    end = x_beside + wide if beside else x_side + side
    y = 12.0
    bars: list[tuple[str, float, float]] = []
    boxes: list[tuple[float, Any, Any, Any]] = []
    for name, pairs in stages:
        top = y
        for main, aside in pairs:
            row = [_fit(main, wide), _fit(aside, side)]
            row.append(_fit(beside[len(boxes)], wide) if len(boxes) < len(beside) else [])
            boxes.append((y, row[0], row[1], row[2]))
            y += _high(max(row, key=len)) + DROP
        y = max(y, top + width(name, SIZE, True) + 2 + DROP)  # the name stands upright beside
        bars.append((name, top, y - DROP))
    sheet = Sheet(end + MARGIN, y - DROP + MARGIN)
    sheet.text(MARGIN, 6.2, title, size=TITLE, bold=True)
    for name, top, bottom in bars:
        sheet.box(MARGIN, top, STAGE, bottom - top, fill="band2", over=2)
        x, y = MARGIN + STAGE / 2 + 0.12 * SIZE, (top + bottom) / 2
        sheet.text(x, y, name, bold=True, align="center", upright=True)
    for top, left, right, _ in boxes:
        _box(sheet, x_main, top, wide, left, under)
        if right:
            _box(sheet, x_side, top, side, right, under)
            level = top + min(_high(left), _high(right)) / 2
            sheet.arrow([x_main + wide, x_side], [level, level])
    _down(sheet, x_main + wide / 2, [(top, left) for top, left, _, _ in boxes])
    last = boxes[-1][0] + _high(boxes[-1][1]) / 2
    if beside:
        column = [(top, other) for top, _, _, other in boxes if other]
        for top, other in column:
            _box(sheet, x_beside, top, wide, other, under)
        centre, (top, lowest) = x_beside + wide / 2, column[-1]
        _down(sheet, centre, column)
        sheet.arrow([centre, centre, x_main + wide], [top + _high(lowest), last, last])
    if before:
        x, lines = MARGIN + STAGE + 4, _fit(before, BEFORE)
        _box(sheet, x, boxes[0][0], BEFORE, lines, under)
        start = boxes[0][0] + _high(lines)
        sheet.arrow([x + BEFORE / 2] * 2 + [x_main], [start, last, last])
    return sheet


def _down(sheet, x, boxes):
    """Arrows from each box of a column to the one below it."""
    for (top, lines), (below, _) in pairwise(boxes):
        sheet.arrow([x, x], [top + _high(lines), below])


def _high(lines: list[tuple[float, Line]]) -> float:
    return 2 * PAD + LINE * len(lines) - 0.6


def _box(sheet, x, y, wide, lines, under):
    sheet.box(x, y, wide, _high(lines), fill="paper", edge="grey", weight=FINE)
    for i, (indent, line) in enumerate(lines):
        number = f"{under}/{line.number}" if line.number else ""
        sheet.text(x + PAD + indent, y + PAD + 2.6 + LINE * i, line.words, number=number)
