"""Who digitised one curve twice under two names is asked about, as who extracted or judged is."""

import pytest

from living.waiting_cases import STUDY, whole
from livingmeta.living import to_settle


@pytest.mark.parametrize(
    ("names", "persons", "asked"),
    [
        (("ann-berg", "a-berg"), (), True),
        (("ann-berg", "a-berg"), ("Ann Berg", "A. Berg"), False),
        (("ann-berg", "kim"), (), False),
        (("", "kim"), (), False),
        (("kim", "consensus"), (), False),
    ],
)
def test_names_of_digitisers(names, persons, asked):
    file = "data/raw/extraction/curves/a.drug.os-berg.csv"
    curve = {"study_id": STUDY, "arm": "drug", "outcome": "os", "state": "agree"}
    curve |= {"first": names[0], "second": names[1], "first_file": file}
    people = [{"reviewer": name, "kind": "person"} for name in persons]
    found = to_settle.everything(whole(curve_readings=[curve], reviewers=people), [], {}, {})
    said = found[found["kind"] == "reader-under-two-names"]
    assert bool(len(said)) is asked
    if asked:
        assert said["what"].tolist()[0].startswith("a-berg and ann-berg count as two digitisers")
        assert said["file"].tolist() == [file]
