"""Figures over pages: each part fits one, every row stands in one of them, and none is cut."""

import math
import re
from collections import Counter
from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_figures import check_layout, texts

import printed_text
from livingmeta import plan
from livingmeta.figures import (
    diagnostics,
    direction,
    drawn,
    estimators,
    flow,
    forest,
    history,
    over_time,
    style,
)
from livingmeta.figures import drawn as told
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.pages import Panel, over
from livingmeta.pooling import narrative
from livingmeta.pooling.synthesis import pool
from livingmeta.tables import empty, write_json, write_text
from made_up_review import FLOW, made_up_tables, protocol
from marked import heavy_but

PROTOCOL = protocol()
PLAN = plan.Protocol.of(PROTOCOL)
OUTCOME = PLAN.outcomes["tb"]


@cache
def of_studies(k: int, subgroups: bool = False) -> tuple:
    """The effects of k studies, what is computed from them, and the synthesis."""
    found = made_up_tables(PROTOCOL)
    row = found["effects"][found["effects"]["synthesis"] == "tb"].iloc[0].to_dict()
    rows = [
        row
        | {"study_id": f"s{i}", "label": f"Study {i}.", "yi": math.sin(i), "vi": 0.02 + i / 99}
        | {"year": 1950 + i, "site": ["lung", "liver"][i % 2]}
        for i in range(k)
    ]
    synthesis = PLAN.syntheses["tb"].but(
        model=None, narrative=False, subgroups=("site",) if subgroups else (), moderators=()
    )
    effects = pd.DataFrame(rows).astype({"site": object})
    return effects, pool(effects, "tb", synthesis), synthesis.but(narrative=True)


@cache
def a_forest(k: int, subgroups: bool = False, title: str = "") -> Drawn:
    effects, found, synthesis = of_studies(k, subgroups)
    synthesis = synthesis.but(title=title) if title else synthesis
    return forest.draw(
        *(effects, found["pooled"], found["moderators"], synthesis),
        arms=PLAN.arms,
        outcome=OUTCOME,
        used=empty("effects/used"),
    )


def a_direction(k: int) -> Drawn:
    effects, _, synthesis = of_studies(k, subgroups=True)
    told = narrative.rows(effects, "tb", synthesis, OUTCOME)
    return direction.draw(effects, told, synthesis, arms=PLAN.arms, outcome=OUTCOME)


@cache
def a_diagnosis(k: int) -> Drawn:
    effects, found, synthesis = of_studies(k)
    tables = (found[name] for name in ("influence", "cumulative", "gosh", "pooled"))
    return diagnostics.draw(effects, *tables, synthesis, OUTCOME)


def side_by_side(k: int) -> Drawn:
    _, found, synthesis = of_studies(13)
    row = found["pooled"].iloc[0].to_dict()
    rows = [row | {"display_estimate": 0.1 + i / k, "primary": i == 0} for i in range(k)]
    return estimators.draw(pd.DataFrame(rows), synthesis, OUTCOME)


def a_history(k: int) -> Drawn:
    rows = [
        {"synthesis": "tb", "along": along, "step": f"{1900 + i}", "added": f"s{i}", "removed": ""}
        | {"k": i + 1, "display_estimate": 0.1 + i / k}
        | {"display_ci_low": 0.05 + i / k, "display_ci_high": 0.2 + i / k}
        for along in ("release", "year")
        for i in range(k)
    ]
    return history.draw(pd.DataFrame(rows), PLAN.syntheses["tb"], OUTCOME, {})


def of_survival(k: int) -> Drawn:
    rows = [
        {"group": f"g{i}", "outcome": "tb", "arm": "bcg", "include": f"group {i}"}
        | {"synthesis": f"s{i}-{time}", "time": float(time), "k": 3, "n": 120.0, "complete": 0}
        | {"estimate": 0.6, "ci_low": 0.5, "ci_high": 0.7, "rises": False, "note": ""}
        for i in range(k)
        for time in (12, 24)
    ]
    told = {"arms": PLAN.arms, "outcomes": PLAN.outcomes, "time_unit": "months"}
    return over_time.draw(pd.DataFrame(rows), **told)


def room(figure: Drawn) -> float:
    """How high a part of a figure may be, in points."""
    return told.room(figure.wide * 25.4 / 72) * 72 / 25.4 + 1e-3


def printed(figure: Drawn) -> list[str]:
    return [words for _, words in figure.lines]


LONG = {
    "forest": lambda: a_forest(60),
    "forest in subgroups": lambda: a_forest(90, subgroups=True),
    "directions": lambda: a_direction(70),
    "diagnostics": lambda: a_diagnosis(90),
    "models": lambda: side_by_side(60),
    "history": lambda: a_history(40),
    "survival": lambda: of_survival(6),
}


@pytest.mark.parametrize("name", heavy_but(["forest", "history", "survival"], LONG))
@pytest.mark.heavy
def test_parts_fit_a_page_and_hold_all_of_the_figure(name):
    whole = LONG[name]()
    assert len(whole.parts) > 1
    assert whole.high > room(whole)
    found = Counter(line for part in whole.parts for line in part.lines)
    assert set(found) == set(whole.lines)
    assert all(found[line] >= count for line, count in Counter(whole.lines).items())
    for part in whole.parts:
        assert (part.title, part.description) == (whole.title, whole.description)
        assert part.wide == whole.wide
        assert part.high <= room(whole)
        assert part.parts == ()
        assert part.scale * style.SMALL >= 8
        check_layout("part", part.svg)
        assert sorted(printed_text.in_figure(part.svg)) == sorted(part.lines)
        tops = [line["y"] - 0.8 * line["size"] * style.POINT for line in texts(part.svg)]
        assert min(tops) > 0
        # Lines that run down the whole figure end with the part.
        heights = [float(y) for y in re.findall(r"[ML] [\d.-]+ ([\d.-]+)", part.svg)]
        assert min(heights) >= 0
        assert max(heights) <= part.high + 0.006  # places are to a hundredth


@pytest.mark.parametrize(
    ("k", "subgroups"), [(60, False), pytest.param(90, True, marks=pytest.mark.heavy)]
)
def test_each_study_stands_in_one_part_with_the_ids_of_its_numbers(k, subgroups):
    whole = a_forest(k, subgroups)
    found = Counter(line for part in whole.parts for line in part.lines)
    for i in range(k):
        mine = [line for line in whole.lines if line[0].split("/")[:3] == ["tb", "study", f"s{i}"]]
        assert [number for number, _ in mine] == [
            *(f"tb/study/s{i}/n", f"tb/study/s{i}", f"tb/study/s{i}/weight")
        ]
        # Its numbers and its name stand in the same part, once.
        assert [found[line] for line in mine] == [1, 1, 1]
        assert found["", f"Study {i}."] == 1
        (part,) = [part for part in whole.parts if mine[0] in part.lines]
        assert ("", f"Study {i}.") in part.lines
    squares = f'style="fill: {style.COLOURS["study"]}"'
    assert sum(part.svg.count(squares) for part in whole.parts) == whole.svg.count(squares) == k


def test_heads_axis_and_notes_stand_on_every_part():
    whole = a_forest(60)
    for part in whole.parts:
        said = printed(part)
        assert said.count("Study") == said.count("Weight") == 1
        assert sum("log scale" in line for line in said) == 1
        assert [n for n, _ in part.lines].count("tick") == [n for n, _ in whole.lines].count("tick")
        assert sum(line.startswith("Heterogeneity") for line in said) == 1
    assert ["95% prediction interval" in printed(part) for part in whole.parts] == [
        *[False] * (len(whole.parts) - 1),
        True,
    ]


@pytest.mark.parametrize("high", heavy_but([112, 126], range(112, 142, 2)))
def test_a_heading_keeps_its_first_study_and_a_result_its_last(high, monkeypatch):
    monkeypatch.setattr(style, "room", lambda wide: high)
    effects, found, synthesis = of_studies(20, subgroups=True)
    figure = forest.draw(
        *(effects, found["pooled"], found["moderators"], synthesis),
        arms=PLAN.arms,
        outcome=OUTCOME,
        used=empty("effects/used"),
    )
    assert len(figure.parts) > 1
    for part in figure.parts:
        rows = [line for line in printed(part) if re.match(r"Site: |Study \d|Subgroup|Rand", line)]
        assert not rows[-1].startswith("Site: ")
        assert rows[0].startswith(("Site: ", "Study "))


@pytest.mark.heavy
def test_a_table_of_diagnostics_that_is_too_long_is_cut_with_its_heads():
    parts = a_diagnosis(90).parts
    heads = ["".join(re.findall(r"[ABCD](?=\|)", "|".join(printed(p)) + "|")) for p in parts]
    said = [printed(part) for part in parts]
    assert [lines.count("Without") for lines in said][:2] == [1, 1]
    assert sum(lines.count("All studies") for lines in said) == 1
    assert sum(lines.count("Study 7.") for lines in said) >= 2  # left out, and added
    assert heads[-1].endswith("CD")


def test_what_fits_has_no_parts():
    assert a_forest(13).parts == ()
    assert flow.draw(FLOW).parts == ()


def test_a_flow_diagram_is_left_on_one_page_however_high():
    reasons = [{"reason": f"reason-{i}", "reports": 1} for i in range(80)]
    counts = FLOW | {"excluded_full_text": {"reports": 80, "reasons": reasons}}
    figure = flow.draw(counts)
    assert figure.high > room(figure)
    assert figure.parts == ()


def test_a_title_without_end_leaves_the_figure_whole():
    assert a_forest(60, title="Title " * 2000).parts == ()


def test_the_same_rows_give_the_same_parts():
    assert a_forest.__wrapped__(60) == a_forest(60)  # drawn once more, not the one kept


def test_a_figure_comes_back_whole_from_what_was_kept_and_from_its_files(tmp_path):
    figure = a_forest(60)
    assert drawn.unpack(drawn.pack(figure)) == figure
    write_text(figure.svg, tmp_path / "forest-tb.svg")
    write_json(drawn.facts({"forest-tb": figure}), tmp_path / "drawn.json")
    found = drawn.read([tmp_path / "drawn.json"], [tmp_path / "forest-tb.svg"])
    assert found == {"forest-tb": figure}


@pytest.mark.parametrize(
    ("panels", "found"),
    [
        ([Panel(80)], [[(0, 80)]]),
        ([Panel(40), Panel(80), Panel(120)], [[(0, 40), (40, 80)], [(80, 120)]]),
        # Too high, and nowhere to cut.
        ([Panel(40), Panel(160), Panel(170)], [[(0, 40)], [(40, 160)], [(160, 170)]]),
        (
            [Panel(150, head=10, foot=140, cuts=(50, 90, 130))],
            [[(0, 10), (10, 90), (140, 150)], [(0, 10), (90, 140), (140, 150)]],
        ),
        # Where a block begins, unless that leaves too much of the page empty, or all the rest fits.
        (
            [Panel(150, head=10, foot=140, cuts=(50, 70, 90, 130), blocks=(10, 70))],
            [[(0, 10), (10, 70), (140, 150)], [(0, 10), (70, 140), (140, 150)]],
        ),
        (
            [Panel(150, head=10, foot=140, cuts=(40, 90, 130), blocks=(40,))],
            [[(0, 10), (10, 90), (140, 150)], [(0, 10), (90, 140), (140, 150)]],
        ),
        (
            [Panel(150, head=10, foot=140, cuts=(60, 90, 120), blocks=(120,))],
            [[(0, 10), (10, 90), (140, 150)], [(0, 10), (90, 140), (140, 150)]],
        ),
        # What follows a panel that was cut stands below its last piece, if there is room.
        (
            [Panel(120, head=10, foot=110, cuts=(60, 90)), Panel(160)],
            [[(0, 10), (10, 90), (110, 120)], [(0, 10), (90, 110), (110, 120), (120, 160)]],
        ),
        # Heads and feet that leave no half of a page to rows are not repeated.
        ([Panel(150, head=30, foot=120, cuts=(60, 90))], [[(0, 150)]]),
        # A row that is higher than the room for rows.
        ([Panel(150, head=10, foot=140, cuts=(20, 130))], [[(0, 150)]]),
    ],
)
def test_panels_go_over_pages_of_a_hundred(panels, found):
    assert over(panels, 100) == found


@given(
    st.lists(st.floats(1, 30), min_size=1, max_size=60),
    st.floats(0, 20),
    st.floats(0, 20),
)
def test_every_row_stands_on_one_page_in_order(rows, head, foot):
    places, y = [], head
    for row in rows:
        y += row
        places.append(y)
    panel = Panel(y + foot, head, y, tuple(places[:-1]))
    pages = over([panel], 100)
    assert all(sum(b - a for a, b in bands) <= 100 + 1e-9 for bands in pages)
    if len(pages) > 1:
        shown = [bands[1] for bands in pages]
        assert [a for a, _ in shown] == [head, *(b for _, b in shown[:-1])]
        assert shown[-1][1] == y
        assert all(bands[0] == (0, head) and bands[2] == (y, y + foot) for bands in pages)
