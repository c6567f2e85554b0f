"""Headings of structured abstracts begin paragraphs; what only looks like one does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.screening import abstracts

WHOLE = (
    "BACKGROUND: Gout hurts. METHODS: We gave colchicine (n = 12). RESULTS: Pain fell; 3 of 12 had "
    "none. CONCLUSIONS: It helps. TRIAL REGISTRATION: NCT00000001."
)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (WHOLE, ["BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS", "TRIAL REGISTRATION"]),
        ("Objectives: To see. Materials and Methods: We saw. Results: Seen.",
         ["Objectives", "Materials and Methods", "Results"]),
        ("Importance: Much. Main Outcomes and Measures: Pain. Conclusions and Relevance: None.",
         ["Importance", "Main Outcomes and Measures", "Conclusions and Relevance"]),
        ("Aim: x (y). Design, setting: A ward. Authors' conclusions: Yes.",
         ["Aim", "Design, setting", "Authors' conclusions"]),
        ("Gout. STUDY FUNDING/COMPETING INTEREST(S): None.", ["Gout", "STUDY FUNDING"]),
        ("We report the results: 3 of 12. The methods: none.", ["We report"]),
        ("Two groups. results: lower case is a word. In HIV: no.", ["Two groups"]),
        ("A ratio of 3:1. At 10:30. DNA 5: no.", ["A ratio"]),
        ("One line.\nAnother.", ["One line", "Another"]),
        ("", [""]),
    ],
)  # fmt: skip
def test_paragraphs(text, begins):
    found = abstracts.paragraphs(text).split("\n")
    assert [part[: len(begin)] for part, begin in zip(found, begins, strict=True)] == begins


@given(st.text(alphabet="aB.: \n(RESULTS)", max_size=60))
def test_nothing_is_lost_or_added(text):
    assert abstracts.paragraphs(text).split() == text.split()
