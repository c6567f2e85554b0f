"""Drawings over pages: each part fits, every row stands in one of them, nothing is cut through."""

import math
import re
from functools import cache

import pandas as pd
import pytest

import printed_text
from livingmeta.figures import diagnostics, forest
from livingmeta.pooling.synthesis import pool
from livingmeta.report import content
from livingmeta.report.document import docx, over_pages, typst
from livingmeta.tables import empty
from made_up_review import made_up_tables, protocol


@cache
def made_up():
    plan = protocol()
    return plan, made_up_tables(plan)


def of_studies(k: int, subgroups: bool = False) -> tuple:
    """The effects of k studies, their results, and the synthesis."""
    plan, found = made_up()
    row = found["effects"][found["effects"]["synthesis"] == "tb"].iloc[0].to_dict()
    rows = [
        row
        | {"study_id": f"s{i}", "label": f"Study {i}.", "yi": math.sin(i), "vi": 0.02 + i / 99}
        | {"year": 1950 + i, "site": ["lung", "liver"][i % 2]}
        for i in range(k)
    ]
    synthesis = plan["syntheses"]["tb"] | {"model": "auto"}
    synthesis |= {"subgroups": ["site"] if subgroups else [], "moderators": []}
    effects = pd.DataFrame(rows).astype({"site": object})
    return effects, pool(effects, "tb", synthesis), synthesis


def drawn(k: int, subgroups: bool = False) -> str:
    plan, _ = made_up()
    effects, found, synthesis = of_studies(k, subgroups)
    outcome = plan["outcomes"][synthesis["outcome"]]
    return forest.draw(
        effects,
        found["pooled"],
        found["moderators"],
        synthesis,
        arms=plan["arms"],
        outcome=outcome,
        used=empty("effects/used"),
    )


def lines(svg: str) -> list[str]:
    return [words for _, words in printed_text.in_figure(svg)]


def test_what_fits_is_left_whole():
    svg = drawn(13)
    assert over_pages.parts(svg) == [svg]


@pytest.mark.parametrize(("k", "subgroups"), [(60, False), (90, True)])
def test_every_row_stands_in_one_part_and_each_part_fits(k, subgroups):
    whole = drawn(k, subgroups)
    pieces = over_pages.parts(whole)
    assert len(pieces) > 1
    for piece in pieces:
        wide, high = typst.size(piece)
        assert high * min(1.0, typst.TEXT_WIDTH / wide) <= over_pages.HIGHEST
    said = [line for piece in pieces for line in lines(piece)]
    for i in range(k):
        assert said.count(f"Study {i}.") == 1
    assert set(said) == set(lines(whole))
    assert said.count("Study") == said.count("Weight") == len(pieces)  # heads
    assert all(any("log scale" in line for line in lines(piece)) for piece in pieces)  # axis


def test_a_drawing_without_heads_is_cut_between_its_panels():
    effects, found, synthesis = of_studies(40)
    plan, _ = made_up()
    whole = diagnostics.draw(
        effects,
        found["influence"],
        found["cumulative"],
        found["gosh"],
        found["pooled"],
        synthesis,
        plan["outcomes"][synthesis["outcome"]],
    )
    pieces = over_pages.parts(whole)
    assert len(pieces) > 1
    said = [line for piece in pieces for line in lines(piece)]
    assert sorted(said) == sorted(lines(whole))


def test_the_document_shows_all_parts_with_captions_that_tell():
    figure = content.Figure("forest-tb", (content.Run("All studies."),))
    document = content.Document("A review", (), (), (figure,), ())
    laid, found = over_pages.spread(document, {"forest-tb": drawn(70)})
    captions = [content.plain(block.caption) for block in laid.main]
    assert captions == ["All studies. Part 1 of 2.", "All studies. Part 2 of 2."]
    assert list(found) == [block.name for block in laid.main]
    text = printed_text.in_pdf(typst.write(laid, found, []))
    if text is None:
        pytest.skip("pdftotext is not installed")
    assert [len(re.findall(rf"Study {i}\.", text)) for i in range(70)] == [1] * 70
    sizes = {name: typst.size(svg) for name, svg in found.items()}
    words = dict.fromkeys(found, "A forest plot")
    word = docx.write(laid, typst.pngs(found, 20), sizes, words, [])
    assert "Part 2 of 2" in printed_text.in_word(word)


def test_what_cannot_be_cut_keeps_on_its_page():
    slopes = "".join(
        f'<g id="p{i}"><path d="M 0 {i * 30} L 9 {i * 30 + 31}" style="fill: none"/></g>'
        for i in range(60)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 1900" '
        f'width="600pt" height="1900pt"><title>t</title><g id="figure_1">'
        f'<g id="patch_1"><path d="M 0 0 L 9 9"/></g>{slopes}</g></svg>'
    )
    assert over_pages.parts(svg) == [svg]
