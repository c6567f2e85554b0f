"""The PRISMA 2020 flow diagrams (Page et al. 2021, BMJ 372:n71), from the counts of screening: of
the whole review, and of an update beside what was included before it."""

from livingmeta.numbers import show
from livingmeta.report.since import told
from livingmeta.report.style import FINE, SIZE, TITLE, Sheet, width, wrap
from livingmeta.report.words import date, plural, sentence

MARGIN = 4.0
STAGE = 7.0  # width of the bar that names a stage
MAIN, SIDE = 76.0, 84.0
BEFORE = 40.0  # width of the boxes on earlier versions, in the diagram of an update
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
        ("Identification", [(_identified(counts), [*_removed(counts), *_still_open(counts)])]),
        (
            "Screening",
            _screened(
                counts, reasons or {}, counts["screened"], counts["sought"], counts["assessed"]
            ),
        ),
        ("Included", [(_included(counts), [])]),
    ]
    sheet = _laid_out(stages, "From records to studies")
    return sheet.svg("PRISMA 2020 flow diagram", in_words(counts))


def draw_update(changes: dict, reasons: dict[str, str] | None = None) -> str:
    """The flow diagram of an update as SVG, what the release before it included beside it.

    `changes`: the content of results/living/changes.json, of a review with a release. Where nothing
    has changed since the latest one, the diagram is of that release, if there was one before it.
    `reasons`: as in `draw`.
    """
    shown = told(changes)
    title = f"The update from version {shown['since']} to {shown['version']}"
    if shown["since"] == shown["version"]:
        title = f"Since version {shown['since']}"
    counts = shown["flow"]
    if counts is None:
        why = (
            f"An earlier search holds fewer records now than at version {shown['since']}, so "
            "what was there before cannot be told from what is new."
        )
        return _laid_out([("Update", [([why], [])])], title).svg(title, why)
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
                    ),
                    [],
                ),
                (
                    _of(
                        "Total studies included in review",
                        "Reports of total included studies",
                        counts["included"],
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
    )
    words = (
        f"{before['studies']} studies before, {screened} records screened, "
        f"{counts['new']['studies']} new studies, {counts['included']['studies']} in all."
    )
    return _laid_out(stages, title, earlier).svg(f"PRISMA 2020 flow diagram. {title}", words)


def went_on(counts: dict) -> tuple[int, int, int]:
    """Records of an update that were screened, reports sought for retrieval, reports assessed."""
    assessed = (
        counts["excluded_full_text"]["reports"]
        + counts["awaiting_classification"]
        + counts["reports_included"]
    )
    sought = counts["not_retrieved"] + counts["awaiting_assessment"] + assessed
    return counts["excluded_title_abstract"] + sought, sought, assessed


def _of(studies: str, reports: str, counts: dict) -> list[str]:
    return [f"{studies} {_n(counts['studies'])}", f"{reports} {_n(counts['reports'])}"]


def _gone(counts: dict) -> list[str]:
    """What was included before and is no longer; nothing where all of it still is."""
    return (
        ["No longer included:", *_of("   Studies", "   Reports", counts)]
        if any(counts.values())
        else []
    )


def _looked_at(counts: dict) -> list[str]:
    """Which records this update looked at, beside those that the searches brought."""
    lines = [f"   New records {_n(counts['new_records'])}"]
    if counts["awaiting_before"]:
        lines.append(f"   Awaiting a decision before {_n(counts['awaiting_before'])}")
    if counts["decided_again"]:
        lines.append(f"   Decided again {_n(counts['decided_again'])}")
    return [f"Records to screen {_n(counts['records'])}:", *lines]


def _screened(counts, reasons, screened, sought, assessed) -> list[tuple[list[str], list[str]]]:
    """The rows of boxes on screening, alike for a review and for an update of one."""
    return [
        (["Records screened", _n(screened)], _screened_out(counts)),
        (["Reports sought for retrieval", _n(sought)], _not_retrieved(counts)),
        (["Reports assessed for eligibility", _n(assessed)], _not_included(counts, reasons)),
    ]


def _n(count) -> str:
    """`(n = 1,234)`, as PRISMA writes it."""
    return f"(n = {show(count, 'count')})"


def _identified(counts: dict) -> list[str]:
    """Lines of the first box: every search by its day, every database with its records."""
    lines, found = ["Records identified from:"], counts["identified"]
    if not found["databases"]:
        return [f"Records identified {_n(found['records'])}"]
    for day in sorted({source["searched_on"] for source in found["databases"]}):
        if day:
            lines.append(f"Search of {date(day)}")
        lines += [
            f"   {source['database']} {_n(source['records'])}"
            for source in found["databases"]
            if source["searched_on"] == day
        ]
    return [*lines, f"In all {_n(found['records'])}"] if len(found["databases"]) > 1 else lines


def _removed(counts: dict) -> list[str]:
    removed = counts["removed_before_screening"]
    lines = [f"   Duplicates {_n(removed['duplicates'])}"]
    if removed.get("automation"):
        lines.append(f"   Marked as ineligible by automation tools {_n(removed['automation'])}")
    if removed["unreadable"]:
        lines.append(f"   Not readable as records {_n(removed['unreadable'])}")
    return ["Records removed before screening:", *lines]


def _still_open(counts: dict) -> list[str]:
    return _waiting(_sum(counts["awaiting_screening"]), "record", "screening")


def _sum(boxes) -> int:
    """What waits, by why it waits or, for an update, in all."""
    return sum(boxes.values()) if isinstance(boxes, dict) else boxes


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
    waiting = _sum(counts["awaiting_classification"])
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


def _laid_out(stages, title: str, before: list[str] | None = None) -> Sheet:
    """Boxes from top to bottom: on the left what went on, beside it what was set aside. `before`,
    what earlier versions included, stands left of the first row and leads to the last one."""
    x_main = MARGIN + STAGE + 4 + (BEFORE + BETWEEN if before else 0)
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
    sheet.text(MARGIN, 6.2, title, size=TITLE, bold=True)
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
    if before:
        x, lines = MARGIN + STAGE + 4, _fit(before, BEFORE)
        _box(sheet, x, boxes[0][0], BEFORE, lines)
        start, level = boxes[0][0] + _high(lines), boxes[-1][0] + _high(boxes[-1][1]) / 2
        sheet.arrow([x + BEFORE / 2] * 2 + [x_main], [start, level, level])
    return sheet


def _high(lines) -> float:
    return 2 * PAD + LINE * len(lines) - 0.6


def _box(sheet, x, y, wide, lines):
    sheet.box(x, y, wide, _high(lines), fill="paper", edge="grey", weight=FINE)
    for i, (indent, text) in enumerate(lines):
        sheet.text(x + PAD + indent, y + PAD + 2.6 + LINE * i, text)
