"""A study that is called otherwise is one study, and none that came or went."""

import pytest

from livingmeta.living import changes, cumulative
from states import TRIALS, make, protocol

FIRST = {name: TRIALS[name] for name in ("ahn", "bauer", "costa")}
THEN = {"ahn": TRIALS["ahn"], "bauer": TRIALS["bauer"], "costa-2012": TRIALS["costa"]}
ONE = {"costa-2012": {"records": "doi:10.5555/costa"}}


def of_its_record(state, old="costa", new="costa-2012"):
    """The record of the study as its search found it, whatever the study is called."""
    records = state.records.replace({f"doi:10.5555/{new}": f"doi:10.5555/{old}"})
    records["identifiers"] = records["identifiers"].str.replace(new, old)
    return type(state)(**{**vars(state), "records": records})


def test_a_study_of_another_name_is_told_once():
    now = of_its_record(make(THEN, protocol("2.0"), ONE))
    found, rows = changes.compare(make(FIRST), now)
    mine = rows[rows["study_id"].str.contains("costa")]
    told = mine[["kind", "what", "before", "after"]].values.tolist()
    assert told[0] == ["study", "study_id", "costa", "costa-2012"]
    assert {row[1] for row in told} == {"study_id", "label", "year"}  # of made-up names
    assert found["syntheses"][0]["effects"] == []
    steps = cumulative.steps([make(FIRST)], now)
    last = steps[(steps["along"] == "release") & (steps["step"] == "present")]
    assert last[["added", "removed"]].values.tolist() == [["", ""]]


@pytest.mark.parametrize("change", ["numbers", "report", "two"])
def test_what_is_no_new_name_is_told_as_it_was(change):
    then, traits = dict(THEN), dict(ONE)
    if change == "numbers":
        then["costa-2012"] = (12, 60, 41, 60)
    if change == "report":
        traits = {}
    if change == "two":  # two comparisons of one report
        then["costa-b"] = (3, 20, 5, 20)
        traits["costa-b"] = {"records": "doi:10.5555/costa"}
    now = make(then, protocol("2.0"), traits)
    now = now if change == "report" else of_its_record(now)
    found, _ = changes.compare(make(FIRST), now)
    kinds = {e["study_id"]: e["kind"] for e in found["syntheses"][0]["effects"]}
    assert (
        kinds
        == {
            "numbers": {"costa-2012": "corrected"},
            "report": {"costa-2012": "new", "costa": "removed"},
            "two": {"costa-2012": "new", "costa-b": "new", "costa": "removed"},
        }[change]
    )
