"""What a protocol leaves unsaid that decides a direction or a unit: taken, and waiting."""

import pytest

from living.waiting_cases import whole
from livingmeta import protocol, taken
from livingmeta.living import to_settle

BASE = {
    "review": {
        "title": "T",
        "question": {"population": "P", "intervention": "I", "comparator": "", "outcomes": "O"},
    },
    "arms": {"drug": {"label": "Drug"}, "none": {"label": "None"}},
}


def asked(outcome, **more):
    synthesis = {"title": "T", "outcome": "o", "measure": "RR", "arms": ["drug", "none"]}
    return BASE | {"outcomes": {"o": outcome}, "syntheses": {"s": synthesis | more}}


@pytest.mark.parametrize(
    ("label", "kind", "good"),
    [
        ("Overall survival", "survival", "higher"),
        ("Progression-free survival", "survival", "higher"),
        ("Time to recovery", "survival", "lower"),
        ("Time to hospital discharge", "survival", "lower"),
        ("Duration of response", "survival", "higher"),
        ("Relapse after remission", "survival", "higher"),
        ("Remission", "binary", "lower"),
        ("Loss of remission", "binary", "lower"),
        ("Pain", "continuous", "lower"),
    ],
)
def test_a_direction_that_nobody_said_is_taken_and_waits(label, kind, good):
    written = asked({"label": label, "kind": kind})
    assert protocol.complete(written)["outcomes"]["o"]["good"] == good
    found = to_settle.everything(
        whole(), [], {}, {}, unsaid=taken.unsaid(written | {"time_unit": "days"})
    )
    assert found["kind"].tolist() == [taken.DIRECTION]
    assert f"{good} is taken for good in s" in found["what"][0]


def test_what_is_said_is_kept_and_does_not_wait():
    written = asked(
        {"label": "Overall survival", "kind": "survival", "good": "lower"}, measure="HR"
    )
    assert protocol.complete(written)["outcomes"]["o"]["good"] == "lower"
    assert taken.unsaid(written)[taken.DIRECTION] == []
    # Nor does an outcome that no synthesis asks for.
    spare = {"outcomes": written["outcomes"] | {"x": {"label": "X", "kind": "binary"}}}
    assert taken.unsaid(written | spare)[taken.DIRECTION] == []


@pytest.mark.parametrize(
    ("label", "kind", "good", "asked_about"),
    [
        ("Overall survival", "survival", "lower", True),
        ("Disease-free survival", "survival", "lower", True),
        ("Mortality at 28 days", "binary", "higher", True),
        ("Survival to discharge", "binary", "lower", True),
        ("Complete response", "binary", "lower", True),
        ("Time to recovery", "survival", "higher", True),
        ("Overall survival", "survival", "higher", False),
        ("Death", "survival", "higher", False),  # living without it
        ("Mortality", "binary", "lower", False),
        ("Non-response", "binary", "lower", False),
        ("Duration of response", "survival", "higher", False),
        ("Conversion to open surgery", "binary", "lower", False),
        ("Immune response", "continuous", "lower", False),
        ("Graft survival", "survival", "higher", False),
        ("Recovery at 6 months", "binary", "lower", True),
        ("Poor response", "binary", "lower", False),
        ("Incomplete recovery", "binary", "lower", False),
        ("Systemic inflammatory response syndrome", "binary", "lower", False),
        ("Vomiting in the recovery room", "binary", "lower", False),
        ("Days to recovery", "count", "lower", False),
        ("Sustained remission", "survival", "higher", False),
        ("Time to next treatment after response", "survival", "higher", False),
        ("Death at home", "binary", "higher", False),
        ("Tumour cell death", "binary", "higher", False),
    ],
)
def test_a_direction_that_its_label_contradicts_waits(label, kind, good, asked_about):
    written = asked({"label": label, "kind": kind, "good": good}) | {"time_unit": "days"}
    assert protocol.complete(written)["outcomes"]["o"]["good"] == good
    found = to_settle.everything(whole(), [], {}, {}, unsaid=taken.unsaid(written))
    assert found["kind"].tolist() == [taken.UNLIKE_LABEL] * asked_about
    if asked_about:
        assert f"({label}): {good} is good for the patient by config" in found["what"][0]


def test_a_unit_of_time_waits_where_times_decide_a_result():
    binary = {"label": "Ill", "kind": "binary", "good": "lower"}
    assert taken.unsaid(asked(binary))[taken.TIME_UNIT] == []
    timed = asked(binary, time=12)
    assert taken.unsaid(timed)[taken.TIME_UNIT] == [{"syntheses": "s"}]
    assert taken.unsaid(timed | {"time_unit": "weeks"})[taken.TIME_UNIT] == []
    falls = {"label": "Falls", "kind": "count", "good": "lower"}
    found = to_settle.everything(
        whole(), [], {}, {}, unsaid=taken.unsaid(asked(falls, measure="IRR"))
    )
    assert found["kind"].tolist() == [taken.TIME_UNIT]
    assert "months are taken in s" in found["what"][0]
