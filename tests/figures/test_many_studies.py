"""Figures of more studies than fit a page."""

import math
import re

import pandas as pd

from figures.test_figures import check_layout, said
from livingmeta import tables
from livingmeta.figures import forest, forest_table


def test_sixty_studies_and_more_have_a_row_each(plan, found):
    row = found["effects"][found["effects"]["synthesis"] == "os-four"].iloc[0].to_dict()
    many = pd.DataFrame(
        [
            row
            | {"study_id": f"s{i}", "yi": math.sin(i), "vi": 0.02 + i / 99, "label": f"Study {i}"}
            | {"year": 1950 + i}
            for i in range(70)
        ]
    )
    outcome = plan.outcomes["os"]
    synthesis = plan.syntheses["os-four"]
    nothing, tests = found["pooled"].iloc[:0], found["moderators"].iloc[:0]
    told = {"arms": plan.arms, "outcome": outcome, "used": tables.empty("effects/used")}
    svg = forest.draw(many, nothing, tests, synthesis, **told).svg
    assert all(f'id="row:os-four/study/s{i}"' in svg for i in range(70))
    assert len(svg) < 250_000


def test_of_very_many_studies_the_heaviest_have_a_row(plan, found, monkeypatch):
    effects = (
        found["effects"]
        .query("synthesis == 'tb'")
        .merge(found["studies"].drop(columns="n"), on="study_id")
    )
    pooled = found["pooled"].query("synthesis == 'tb'")
    told = {"arms": plan.arms, "outcome": plan.outcomes["tb"], "used": found["used"]}
    asked = effects, pooled, found["moderators"].iloc[:0], plan.syntheses["tb"]
    monkeypatch.setattr(forest_table, "MOST_STUDIES", 4)
    svg = forest.draw(*asked, **told).svg
    heaviest = set(effects.nsmallest(4, "vi")["study_id"])
    rows = re.findall(r'id="row:tb/study/([^"]+)"', svg)
    assert set(rows) == heaviest
    assert len(rows) == 4
    assert "those of most weight are drawn; the results are of all" in said(svg)
    check_layout("4 of 13", svg)
    monkeypatch.setattr(forest_table, "MOST_STUDIES", len(effects))
    assert "those of most weight" not in said(forest.draw(*asked, **told).svg)
