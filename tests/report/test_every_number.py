"""Nothing is printed that is not in numbers.json: page, Word file, PDF and each figure, read back.

A number may stand in what is printed if it is the text of an entry of numbers.json, if it stands in
what people brought (the protocol, the words and row numbers of their tables), if it counts tables
and figures, or if `not_results.yaml` says why it is no result.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

import printed_text
from livingmeta import tables
from livingmeta.report.document import docx, typst
from made_up_document import parts
from made_up_review import NASTY
from running import ROOT, SMALL, review, run

SCRIPTS = ROOT / "workflow" / "scripts"
CHECKLISTS = ROOT / "workflow" / "checklists"
NOT_RESULTS = [
    re.compile(pattern)
    for pattern in yaml.safe_load(
        Path(__file__).with_name("not_results.yaml").read_text("utf-8")
    ).values()
]
NUMBERED = re.compile(r"\b(Table|Figure) S?\d+\b")
PAPERS = ["report", "supplement"]


def _unless_within_a_word(match: re.Match) -> str:
    before = match.string[match.start() - 1 : match.start()]
    return match[0] if re.match(r"[\w.,]", before) else " "


class Printed:
    """The outputs of one review, and which numbers each may print.

    `word`, `typeset`: bytes of the report and of the supplement; `figures`: SVG by name; `entries`:
    of numbers.json; `read`: the tables that the page is made of.
    """

    def __init__(self, page, word, typeset, figures, entries, protocol, read):
        self.page = printed_text.Page(page)
        self.word, self.typeset, self.figures = word, typeset, figures
        self.texts = {entry["id"]: entry["text"] for entry in entries}
        self.quoted = printed_text.quoted(protocol, read)
        cells = [
            table.select_dtypes(exclude="float").to_csv(index=False) for table in read.values()
        ]
        times = [f"{time:g}" for table in read.values() for time in table.get("time", ())]
        said = [*self.page.references, json.dumps(protocol, ensure_ascii=False)]
        self.brought = self._numbers(*cells, *times, *said)
        self.register = self._numbers(*self.texts.values())

    @staticmethod
    def _numbers(*texts: str) -> set[str]:
        return set(printed_text.numbers_in(" ".join(texts)))

    def strangers(self, text: str, known: set[str] = frozenset()) -> list[str]:
        """The numbers of a text without what it quotes and without those that are no results."""
        text = re.sub(r"\s+", " ", text)
        for pattern in NOT_RESULTS:
            text = pattern.sub(" ", text)
        for quote in self.quoted:
            if quote in text:
                text = re.sub(rf"{re.escape(quote)}(?!\w)", _unless_within_a_word, text)
        return [n for n in printed_text.numbers_in(text) if n not in known]

    def marked_otherwise(self) -> list[tuple]:
        """What the page marks as a number of numbers.json and prints otherwise; `p <` 0.001 is
        printed with its sign outside."""
        return [
            (id_, text, self.texts.get(id_))
            for id_, text in self.page.numbers
            if text not in (self.texts.get(id_), self.texts.get(id_, "").lstrip("<>"))
        ]

    def on_the_page(self) -> list[tuple]:
        return [(n, text) for text in self.page.prose for n in self.strangers(text)]

    def in_text(self, text: str) -> list[tuple]:
        """Of the Word file or the PDF, a line at a time."""
        known = self.register | self.brought
        lines = [NUMBERED.sub(" ", line) for line in text.splitlines()]
        return [(n, line.strip()) for line in lines for n in self.strangers(line, known)]

    def drawn(self) -> list[tuple]:
        """Of the figures: what stands at an id of numbers.json is that entry's, or one of those
        below it; ticks of axes are free, and words are held to the whole register."""
        found = []
        for name, svg in self.figures.items():
            said: dict[str, str] = {"": printed_text.described(svg)}
            for id_, line in printed_text.in_figure(svg):
                said[id_] = f"{said.get(id_, '')} {line}"  # what is wrapped is read as one
            said.pop("tick", None)
            for id_, line in said.items():
                below = [t for i, t in self.texts.items() if i == id_ or i.startswith(f"{id_}/")]
                known = self._numbers(*below) if below else self.register | self.brought
                whole = re.sub(r"\S*…", "", self.without_cut_names(line))
                found += [(name, id_, n, line) for n in self.strangers(whole, known)]
        return found

    def without_cut_names(self, line: str) -> str:
        """A line without names that were cut short for want of room: their openings before `…`."""
        for quote in self.quoted if "…" in line else ():
            for end in range(len(quote) - 1, 3, -1):
                line = line.replace(f"{quote[:end].rstrip()}…", "")
        return line

    def ticks(self) -> set[str]:
        return {
            n
            for svg in self.figures.values()
            for id_, line in printed_text.in_figure(svg)
            if id_ == "tick"
            for n in printed_text.numbers_in(line)
        }


def in_words(printed: Printed) -> str:
    """The text of the Word files."""
    return "\n".join(map(printed_text.in_word, printed.word))


def in_print(printed: Printed) -> str | None:
    """The text of the PDFs; None where pdftotext is not installed."""
    found = [printed_text.in_pdf(typeset) for typeset in printed.typeset]
    return None if None in found else "".join(found)


def checklists_and_pages(text: str) -> set[str]:
    """What the supplement says by itself (item numbers, papers), and the numbers of the pages."""
    own = " ".join(path.read_text("utf-8") for path in CHECKLISTS.glob("*.yaml"))
    pages = {str(n + 1) for n in range(text.count("\f"))}
    return set(printed_text.numbers_in(own)) | pages


@pytest.fixture(scope="module")
def made_up() -> Printed:
    found = parts()
    drawn = typst.drawings(found["document"], found["figures"])
    pngs = {name: typst.png(figure.svg, figure.wide, 20) for name, figure in drawn.items()}
    return Printed(
        found["page"],
        [docx.write(paper, drawn, pngs, []) for paper in found["papers"]],
        [typst.write(paper, drawn, []) for paper in found["papers"]],
        {name: figure.svg for name, figure in found["figures"].items()},
        found["numbers"],
        found["protocol"] | {"in the flow": NASTY},
        found["tables"],
    )


def of_workflow(source: Path, folder: Path) -> Printed:
    run(ROOT, review(folder, source), "results/report.docx", "results/numbers.json")
    return of_finished(folder)


def of_finished(folder: Path) -> Printed:
    results = folder / "results"
    names = [
        path.relative_to(results).with_suffix("").as_posix() for path in results.rglob("*/*.csv")
    ]
    schemas = {name for name in names if (ROOT / f"workflow/schemas/{name}.yaml").exists()}
    return Printed(
        (results / "report.html").read_text("utf-8"),
        [(results / f"{paper}.docx").read_bytes() for paper in PAPERS],
        [(results / f"{paper}.pdf").read_bytes() for paper in PAPERS],
        {path.stem: path.read_text("utf-8") for path in (results / "figures").glob("*.svg")},
        tables.read_json(results / "numbers.json"),
        yaml.safe_load((folder / "config/config.yaml").read_text("utf-8")),
        {name: tables.read((results / f"{name}.csv").as_posix(), name) for name in sorted(schemas)},
    )


@pytest.fixture(
    scope="module",
    params=[
        "made-up",
        pytest.param(SMALL, marks=pytest.mark.heavy, id="small"),
        pytest.param(ROOT / "examples" / "bcg", marks=pytest.mark.heavy, id="bcg"),
        pytest.param(ROOT, marks=pytest.mark.heavy, id="hcc"),
    ],
)
def printed(request, tmp_path_factory) -> Printed:
    if request.param == "made-up":
        return request.getfixturevalue("made_up")
    folder = tmp_path_factory.mktemp("review")
    request.getfixturevalue("finished_run")(folder, request.param)
    return of_finished(folder)


def test_the_page_prints_numbers_of_the_register_only(printed):
    assert len(printed.page.numbers) > 100
    assert printed.marked_otherwise() == []
    assert printed.on_the_page() == []


def test_the_word_file_prints_numbers_of_the_register_only(printed):
    text = in_words(printed)
    assert len(printed_text.numbers_in(text)) > 300
    free = checklists_and_pages(text)
    assert [found for found in printed.in_text(text) if found[0] not in free] == []


def test_the_pdf_prints_numbers_of_the_register_only(printed):
    text = in_print(printed)
    if text is None:
        pytest.skip("pdftotext is not installed")
    assert len(printed_text.numbers_in(text)) > 300
    # Columns break "95% prediction interval" and "of 1,000" apart.
    free = checklists_and_pages(text) | printed.ticks() | {"95", "1,000"}
    assert [found for found in printed.in_text(text) if found[0] not in free] == []


def test_figures_draw_numbers_of_the_register_only(printed):
    assert sum(len(printed_text.in_figure(svg)) for svg in printed.figures.values()) > 100
    assert printed.drawn() == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("of 77,123 patients 7.7123", ["77,123", "7.7123"]),
        ("95% CI of 66.61%", ["66.61"]),
        ("on 2 November 2026 version 1.0 had 98,765 records", ["98,765"]),
        ("(88)8,7", ["88", "8", "7"]),
    ],
)
def test_a_number_of_nowhere_is_seen(made_up, text, found):
    assert made_up.strangers(text) == found


@pytest.mark.heavy
def test_another_number_in_one_raw_cell_is_another_in_every_output(finished_run, tmp_path):
    def said(of: Printed) -> dict[str, str]:
        forest = printed_text.in_figure(of.figures["forest-survival-1y"])
        found = {
            "page": " ".join(text for _, text in of.page.numbers),
            "word": in_words(of),
            "forest plot": " ".join(text for _, text in forest),
            "numbers.json": " ".join(of.texts.values()),
        }
        printed = in_print(of)  # None where pdftotext is not installed
        return found if printed is None else found | {"pdf": printed}

    folder = tmp_path / "review"
    finished_run(folder)
    before = said(of_finished(folder))
    edited = folder / "data/raw/extraction/outcomes.csv"
    rows = edited.read_text("utf-8")
    changed = rows.replace(
        "costa-2017,survival,drug,12,survival,62.5", "costa-2017,survival,drug,12,survival,57.5"
    )
    assert changed != rows
    edited.write_text(changed, "utf-8")
    run(ROOT, folder)
    after = said(of_finished(folder))
    for name in before:
        assert "62.5%" in before[name], name
        assert "62.5%" not in after[name], name
        assert "57.5%" in after[name], name
