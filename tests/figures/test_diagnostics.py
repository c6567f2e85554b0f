"""The figure of influence and sensitivity: it shows what the tables hold, and all of it."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from test_figures import CENTRES, NASTY, check_layout, said, sheet_width, texts

import asking
from livingmeta.figures import diagnostics, gosh, influence_panels, style
from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.pooling.synthesis import pool
from livingmeta.words.numbers import show
from marked import heavy_but
from printed_trials import events, harmonised

OUTCOME = asking.outcome(label="Overall survival", kind="survival", good="higher")
DRAWN = ("influence", "cumulative", "gosh", "pooled")


def studies(k, measure="OR", outlier=0.0, label="Author {} and others"):
    rng = np.random.default_rng(k)
    small = measure in CENTRES or measure in ("COR", "RD", "IR", "PR")
    y = CENTRES.get(measure, 0.4) + (0.05 if small else 0.3) * rng.normal(size=k)
    y[-1:] += outlier
    return pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": [f"s{i}" for i in range(k)],
            "label": [label.format(i) for i in range(k)],
            "measure": measure,
            "yi": y,
            "vi": rng.uniform(0.0005, 0.004, k) if small else rng.uniform(0.01, 0.2, k),
            "n": rng.integers(20, 500, k).astype(float),
            "year": pd.array([1990 + i // 2 for i in range(k)], dtype="Int64"),
        }
    ).astype({"study_id": object, "label": object})


def asked(measure="OR"):
    plan = {"title": "Title " * 30, "outcome": "os", "measure": measure, "arms": ["a", "b"]}
    return asking.synthesis(**plan)


def figure(effects, measure="OR"):
    tables = pool(effects, "s", asked(measure))
    drawn = diagnostics.draw(effects, *(tables[name] for name in DRAWN), asked(measure), OUTCOME)
    return drawn.svg, tables


class Recorder(style.Sheet):
    """A sheet that remembers what was drawn on it."""

    def __init__(self):
        super().__init__(200, 200)
        self.shapes, self.lines, self.placed, self.names = [], [], {}, []

    def shape(self, points, *, fill="study", **look):
        x, y = np.array(points).mean(0)
        self.shapes.append((x, y, fill))
        super().shape(points, fill=fill, **look)

    def line(self, xs, ys, *, colour="ink", **look):
        self.lines.append((list(xs), list(ys), colour))
        super().line(xs, ys, colour=colour, **look)

    def squares(self, places, *, fill="study", over=4):
        self.placed[fill] = places
        super().squares(places, fill=fill, over=over)

    def text(self, x, y, words, **look):
        self.names.append(words)
        super().text(x, y, words, **look)


def test_every_number_of_the_tables_is_printed_once_by_the_rules_of_its_kind():
    effects = studies(12, outlier=2.0)
    svg, tables = figure(effects)
    printed = re.findall(r"^[\d.]+ \([\d.]+ to [\d.]+\)$", said(svg), flags=re.MULTILINE)
    result = tables["pooled"][tables["pooled"]["primary"]]
    rows = pd.concat([tables["influence"], result, tables["cumulative"]])
    expected = [
        f"{show(r['display_estimate'], 'ratio')}"
        f" ({show((r['display_ci_low'], r['display_ci_high']), 'ratio')})"
        for r in rows.to_dict("records")
    ]
    assert sorted(printed) == sorted(expected)
    assert len(printed) == 12 + 1 + 6
    for label in effects["label"]:
        assert label in said(svg)
    assert "All 4,083 subsets of two studies or more, each pooled anew (REML)." in said(svg)
    known = tables["gosh"].query("part == 'quantile' and group == 'without'")
    median = show(known.set_index("quantile")["display_estimate"][0.5], "ratio")
    assert f"without it: median {median}, 95% of them " in said(svg)


def test_studies_stand_in_the_order_of_the_forest_plot():
    effects = studies(8)
    effects["year"] = effects["year"].to_numpy()[::-1]
    svg, _ = figure(effects)
    first = {}
    for line in texts(svg):
        first.setdefault(line["words"], line["y"])
    by_year = effects.sort_values(["year", "label"])["label"]
    places = [first[label] for label in by_year]
    assert places == sorted(places)


def test_strips_are_as_long_as_the_numbers_say():
    _, tables = figure(studies(9, outlier=2.0))
    rows = tables["influence"].to_dict("records")
    for i, row in enumerate(rows):
        row["middle"] = 20.0 + 5 * i
    sheet = Recorder()
    limits = bounds(9)
    influence_panels.strips(sheet, rows, limits, 10.0, 15.0, 80.0)
    dots = [(x, y, fill) for x, y, fill in sheet.shapes if fill in ("study", "pooled")]
    assert len(dots) == 3 * 9
    stems = [line for line in sheet.lines if line[2] in ("study", "pooled")]
    for part, column in enumerate(("rstudent", "cooks_distance", "dffits")):
        mine = stems[9 * part : 9 * part + 9]
        lengths = [xs[1] - xs[0] for xs, _, _ in mine]
        values = [row[column] for row in rows]
        scale = lengths[-1] / values[-1]
        assert lengths == pytest.approx([scale * value for value in values])
        assert [line[2] == "pooled" for line in mine] == [r["influential"] for r in rows]
        dashed = {round(x, 6) for (x, other), _, c in sheet.lines if c == "line" and x == other}
        assert round(mine[0][0][0] + scale * limits[column], 6) in dashed


def test_bounds_are_the_published_ones():
    # Median of chi-squared with 1 degree of freedom; 3 sqrt(1 / 9); 3 / 10.
    found = bounds(10)
    assert found["cooks_distance"] == pytest.approx(0.454936423119573, rel=1e-12)
    assert found["dffits"] == pytest.approx(1.0)
    assert found["hat"] == pytest.approx(0.3)
    assert found["rstudent"] == pytest.approx(1.959963984540054)


def test_baujat_places_every_study_where_its_numbers_are():
    _, tables = figure(studies(12, outlier=1.0))
    rows = [row | {"label": row["left_out"]} for row in tables["influence"].to_dict("records")]
    sheet = Recorder()
    named = influence_panels.baujat(sheet, rows, 20.0, 90.0, 10.0, 70.0)
    assert len(sheet.shapes) == 12
    for axis, place in (("x", 0), ("y", 1)):
        values = np.array([row[f"baujat_{axis}"] for row in rows])
        places = np.array([shape[place] for shape in sheet.shapes])
        start, along = (20.0, 70.0) if axis == "x" else (70.0, -60.0)
        np.testing.assert_allclose(places, start + along * values / (1.08 * values.max()))
    assert {row["label"] for row in rows if row["influential"]} <= set(sheet.names)
    assert named == ({row["label"] for row in rows} <= set(sheet.names))


def test_gosh_squares_have_the_share_of_their_cells():
    _, tables = figure(studies(11))
    sheet = Recorder()
    table, result = tables["gosh"], tables["pooled"].iloc[0].to_dict()
    gosh.gosh(sheet, table, result, "X", ("OR", "Odds ratio"), (30.0, 110.0, 10.0, 80.0))
    cells = table[table["part"] == "cell"]
    both = cells.pivot_table(
        index=["i2_low", "estimate_low"], columns="group", values="subsets", fill_value=0
    )
    # Both lists from the lowest I² up, from left to right.
    squares = {
        colour: {(-round(y, 6), round(x, 6)): side for x, y, side in sheet.placed[colour]}
        for colour in ("study", "pooled")
    }
    without = both[both["without"] > 0]
    sides = [side for _, side in sorted(squares["study"].items())]
    assert len(sides) == len(without)
    assert len(squares["pooled"]) == (both["with"] > 0).sum()
    # The side grows with the logarithm of all subsets in the cell, from three tenths upwards.
    sizes = 0.3 + 0.65 * np.log1p(without.sum(axis=1)) / math.log1p(both.sum(axis=1).max())
    np.testing.assert_allclose(sides, sides[0] / sizes.iloc[0] * sizes)
    mixed = both[(both["with"] > 0) & (both["without"] > 0)]
    assert len(mixed) > 20
    shares = [
        (squares["pooled"][place] / squares["study"][place]) ** 2
        for place in sorted(squares["pooled"])
        if place in squares["study"]
    ]
    np.testing.assert_allclose(shares, mixed["with"] / mixed.sum(axis=1))


def test_an_influential_study_is_bold_and_vermilion():
    svg, tables = figure(studies(9, outlier=3.0))
    assert tables["influence"]["influential"].tolist()[-1]
    bold = re.findall(r"font-weight: 700[^>]*>([^<]+)<", svg)
    assert "Author 8 and others" in bold
    assert "Author 1 and others" not in bold


@pytest.mark.parametrize(
    ("k", "words"),
    [
        (0, "Not drawn: no study gives a usable effect."),
        (1, "Not drawn: one study is no synthesis; there is one."),
        (2, "Not drawn: leave-one-out needs 5 studies; there are two."),
        (4, "Not drawn: leave-one-out needs 5 studies; there are four."),
    ],
)
def test_too_few_studies_are_a_sentence(k, words):
    svg, _ = figure(studies(k))
    assert words in said(svg)
    assert "GOSH" not in svg
    check_layout(f"k={k}", svg)


def test_five_studies_are_drawn():
    svg, _ = figure(studies(5))
    assert "All 26 subsets" in said(svg)
    check_layout("k=5", svg)


def test_of_very_many_studies_those_that_move_the_result_most_have_a_row(monkeypatch):
    monkeypatch.setattr(diagnostics, "MOST_STUDIES", 5)
    svg, tables = figure(studies(9, outlier=2.0))
    far = tables["influence"].nlargest(5, "cooks_distance")["left_out"]
    rows = re.findall(r'id="n:s/without/(\w+)"', svg)
    assert sorted(rows) == sorted(far)
    assert rows == sorted(rows)  # in the order of the years, as before
    assert "those of greatest Cook’s distance are named here" in said(svg)
    check_layout("5 of 9", svg)
    monkeypatch.setattr(diagnostics, "MOST_STUDIES", 9)
    assert "those of greatest" not in said(figure(studies(9, outlier=2.0))[0])


def test_of_very_many_points_few_are_tried_for_a_name(monkeypatch):
    monkeypatch.setattr(influence_panels, "MOST_STUDIES", 5)
    monkeypatch.setattr(influence_panels, "NAMED", 2)
    sheet = Recorder()
    rows = [
        {"baujat_x": x, "baujat_y": x, "influential": False, "label": f"Study {x}"}
        for x in range(1, 10)
    ]
    assert not influence_panels.baujat(sheet, rows, 20, 180, 20, 180)
    assert [n for n in sheet.names if n.startswith("Study")] == ["Study 9", "Study 8"]


@pytest.mark.heavy
def test_sixty_studies_have_a_row_each_and_nothing_overlaps():
    svg, tables = figure(studies(60, outlier=2.0))
    words = said(svg)
    assert all(f"Author {i} and others" in words for i in range(60))
    assert len(tables["cumulative"]) == 30
    assert "1,000,000 random subsets" in words
    assert "too close together to be named" in words
    check_layout("k=60", svg)
    assert len(svg) < 400_000


@pytest.mark.parametrize(
    "measure", heavy_but(["MD", "PLO"], ["RR", "MD", "SMD", "ZCOR", "RD", *CENTRES])
)
def test_every_kind_of_scale_has_its_place(measure):
    svg, _ = figure(studies(11, measure, label="Long label of a study " * 3 + "{}"), measure)
    check_layout(measure, svg)
    assert sheet_width(svg) < 260


def test_labels_of_any_script_and_studies_without_a_year():
    effects = studies(6, label=f"{NASTY} {{}}")
    effects.loc[2, "year"] = pd.NA
    svg, _ = figure(effects)
    assert "no year" in said(svg)
    assert "<script" not in svg
    check_layout("nasty", svg)


def test_same_data_same_bytes():
    assert figure(studies(7))[0] == figure(studies(7))[0]


@pytest.mark.parametrize("method", ["mantel-haenszel", "peto"])
def test_a_result_that_gives_no_diagnostics_is_drawn_without_them(method):
    trials = [(3 + i, 50 + 7 * i, 6 + i, 52 + 9 * i) for i in range(12)]
    traits = {"label": [f"Trial {i}" for i in range(12)], "year": [2000 + i for i in range(12)]}
    asks = {"title": "Harm", "model": {"method": method}}
    effects, _, plan = harmonised(events(trials), "OR", traits, **asks)
    tables = pool(effects, "s", plan)
    drawn = diagnostics.draw(effects, *(tables[name] for name in DRAWN), plan, OUTCOME)
    assert "Leaving one study out" in said(drawn.svg)
    assert "Not computed under the method of the result." in said(drawn.svg)
