"""Filters of the protocol: what they keep out, with the reason, and values that no study has."""

import pandas as pd
import pytest

from livingmeta.extraction import filters

STUDIES = pd.DataFrame(
    {
        "study_id": ["ahn", "bo", "cem", "dee"],
        "status": ["included", "included", "included", "awaiting"],
        "funding": ["Industry", "public", "", "public"],
        "phase": ["phase 2", "phase 2", "matched", "phase 2"],
    }
)


def test_what_a_filter_keeps_out_is_told_with_its_reason():
    include = {"funding": ["public", "industri"], "phase": ["phase 2"]}
    passed = filters.select(STUDIES, include)
    out = filters.kept_out(STUDIES, include, passed, {})
    assert {row["study_id"]: row["reason"] for row in out} == {
        "ahn": "funding is Industry; the synthesis takes public and industri",
        "cem": "nothing in funding; the synthesis takes public and industri",
    }
    assert filters.kept_out(STUDIES, {}, filters.select(STUDIES, {}), {}) == []
    all_states = {"status": ["awaiting"]}
    out = filters.kept_out(STUDIES, all_states, filters.select(STUDIES, all_states), {})
    assert [row["value"] for row in out] == ["included"] * 3
    # What screening excludes no filter keeps out.
    gone = STUDIES.assign(status=["excluded", "included", "included", "awaiting"])
    assert [r["study_id"] for r in filters.kept_out(gone, include, passed, {})] == ["cem"]
    told = {"s": {"cem"}}
    rows = filters.all_kept_out(STUDIES, {"s": include, "t": {}}, {}, told)
    assert rows[["synthesis", "study_id"]].to_numpy().tolist() == [["s", "ahn"]]


def test_a_value_of_no_study_is_held_to_the_nearest():
    def near(column, *values):
        return filters.meant(STUDIES, column, values)

    assert near("funding", "public", "industri") == {"industri": "Industry"}
    assert near("funding", "indutry") == {"indutry": "Industry"}
    assert near("status", "inclded") == {"inclded": "included"}
    assert near("phase", "Phase-2") == {"Phase-2": "phase 2"}
    # Of a study that is still to come, of another phase, the contrary; or both are named.
    assert near("funding", "charity", "INDUSTRY") == {}
    assert near("phase", "phase 3", "unmatched") == {}
    assert near("funding", "industri", "industry") == {}
    assert near("status", "excluded") == {}


@pytest.mark.parametrize(
    ("named", "has", "told"),
    [
        (["industry"], ["industy", "Industry (Pfizer)", "industry: Pfizer", "industry"], 3),
        (["public"], ["pubic", "publci", "publich", "pub-lic"], 4),
        ([20], ["20", "20 mg", "20%", "20 mg (loading 40)", "200", "20-30", "20/40"], 2),
        (["20 mg"], ["20", "20 g", "20 mg"], 1),
        (["non-smoker"], ["nonsmoker", "smoker", "non smoker"], 2),
        (["multicentre"], ["multicenter", "multicentre, 3 countries"], 2),
        # Values of their own.
        (["surgery"], ["surgery and radiotherapy", "surgery + radiotherapy", "no surgery"], 0),
        (["stage II"], ["stage III", "stage I", "stage II/III", "stage IIa"], 0),
        (["phase III"], ["phase I-II", "phase 3", "phase II"], 0),
        (["HER2+"], ["HER2-", "HER2 -"], 0),
        (["PD-L1 +"], ["PD-L1 -"], 0),
        (["<65"], [">65", "65"], 0),
        (["hypotension"], ["hypertension"], 0),
        (["preoperative"], ["perioperative", "postoperative"], 0),
        (["prednisone"], ["prednisolone"], 0),
        (["Austria", "Zambia", "Niger"], ["Australia", "Gambia", "Nigeria"], 0),
        (["male", "blinded", "phase 2"], ["female", "unblinded", "phase 2b"], 0),
        (["group A"], ["group B"], 0),
        ([20, "high"], ["unclear", "NR", "high", "10"], 0),
        (["yes"], ["0", "1"], 0),
        (["Ireland", "microvascular"], ["Iceland", "macrovascular"], 0),
        (["Germany", "mild"], ["Germany, France", "mild - moderate"], 0),
        (["stage 3", 1], ["stage 3A", "1b"], 0),
        ([2010, 1.5], ["2011", "15", "-1.5"], 0),
    ],
)
def test_a_value_that_looks_like_one_that_is_named_is_told(named, has, told):
    studies = pd.DataFrame({"study_id": range(len(has)), "group": has, "status": "included"})
    assert len(filters.like_named(studies.assign(status="excluded"), "group", named)) == 0
    # What no study has at all, and has one near it, the other rule tells.
    also = pd.concat([studies, studies.head(len(named)).assign(group=named)])
    assert len(filters.like_named(also, "group", named)) == told


def test_a_range_is_no_value_of_a_column_of_numbers():
    studies = pd.DataFrame({"study_id": "abc", "year": [2009, 2012, 2013]})
    named = [">2010", "\u22642012", "2010-2012", "<2012", "> 2020", 2008, "1999-2001"]
    assert filters.meant(studies, "year", named) == {
        ">2010": "2012 or 2013",
        "\u22642012": "2009 or 2012",
        "2010-2012": "2012",
        "<2012": "2009",
    }
    ages = studies.assign(year=["<65", "65-80", ">80"])
    assert filters.meant(ages, "year", [">80", "<50"]) == {}
