"""Filters of the protocol: what they keep out, with the reason, and values that no study has."""

import pandas as pd

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
