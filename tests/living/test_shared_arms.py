"""An arm that stands in two studies waits for people where its patients count in both."""

import pytest
from test_to_settle import STUDY, printed, whole

from livingmeta.living import to_settle
from livingmeta.words import settling

TWICE = {
    "outcomes": [printed(2, 1.0), printed(3, 1.0, study_id="b")],
    "problems": [
        {
            "severity": "warning",
            "study_id": "b",
            "row": row,
            "problem_id": "b/one-arm",
            "check": to_settle.IN_TWO_STUDIES,
            "message": f"the same numbers of none on os as the study {STUDY}: one group of "
            "patients twice? Then join the arms",
            "value": "",
            "expected": "",
        }
        for row in ("2", "3")
    ],
}


def of_both(assumed="", synthesis="os"):
    """Effects of both studies in a synthesis."""
    known = {"synthesis": synthesis, "assumed": assumed}
    return [{"study_id": study, **known} for study in (STUDY, "b")]


COUNTED = {
    "in both": ({"effects": of_both()}, True),
    "shared out": ({"effects": of_both(f"none {settling.SHARED_OUT}: a and b")}, False),
    "shared out in one synthesis of two": (
        {"effects": [*of_both(f"none {settling.SHARED_OUT}: a and b"), *of_both("", "pfs")]},
        True,
    ),
    "joined": (
        {
            "effects": of_both()[:1],
            "unusable": [
                {"synthesis": "os", "study_id": "b", "reason": f"{settling.COUNTED_WITH}a and b"}
            ],
        },
        False,
    ),
    "of one alone": ({"effects": of_both()[:1]}, True),
    "shared out, and twice on a curve": (
        {
            "effects": of_both(f"none {settling.SHARED_OUT}: a and b"),
            "intervals": [{"synthesis": "curve", "study_id": study} for study in (STUDY, "b")],
        },
        True,
    ),
    "once on a curve": (
        {
            "intervals": [
                {"synthesis": "curve", "study_id": STUDY},
                {"synthesis": "curve", "study_id": "b", "reason": f"{settling.COUNTED_WITH}a"},
            ]
        },
        False,
    ),
}


@pytest.mark.parametrize("how", COUNTED)
def test_an_arm_in_two_studies_is_told_where_it_counts_in_both(how):
    given, told = COUNTED[how]
    found = to_settle.everything(whole(**TWICE | given), [], {}, {})
    assert found["kind"].tolist() == ["shared-arm"] * told
    if told:
        assert found["rows"].tolist() == ["2, 3"]
        assert found["what"][0].startswith(f"{STUDY} and b: the same numbers of none on os")
