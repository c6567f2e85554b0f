"""What the stages read of the protocol: each key of the schema, its types, and no key unasked."""

import pickle
from dataclasses import fields

import pytest
import yaml

import asking
import made_up_review
from livingmeta import plan, protocol
from livingmeta.analyses import Model
from livingmeta.errors import InternalError

ASKED = {"title": "Death", "outcome": "os", "measure": "HR", "arms": ["a", "b"]}


SCHEMA = yaml.safe_load(protocol.SCHEMA.read_text(encoding="utf-8"))["properties"]
SYNTHESIS = SCHEMA["syntheses"]["additionalProperties"]["properties"]


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        (plan.Synthesis, SYNTHESIS),
        (plan.InformationSize, SYNTHESIS["information_size"]["properties"]),
        (plan.Outcome, SCHEMA["outcomes"]["additionalProperties"]["properties"]),
        (plan.Arm, SCHEMA["arms"]["additionalProperties"]["properties"]),
        (plan.Review, SCHEMA["review"]["properties"]),
        (plan.Question, SCHEMA["review"]["properties"]["question"]["properties"]),
        (plan.Screening, SCHEMA["screening"]["properties"]),
        (plan.Criteria, SCHEMA["screening"]["properties"]["criteria"]["properties"]),
        (plan.Published, SCHEMA["published"]["properties"]),
        (plan.PublishedResult, SCHEMA["published"]["properties"]["results"]["items"]["properties"]),
        (plan.Shown, SCHEMA["report"]["properties"]),
        (plan.Protocol, {"courses", *SCHEMA} - {"search", "risk_of_bias"}),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_part_has_the_keys_of_the_schema(part, keys):
    assert {field.name for field in fields(part)} == set(keys)


def test_defaults_are_the_schemas_and_lists_are_tuples():
    found = asking.synthesis(**ASKED)
    assert found.arms == ("a", "b")
    assert (found.other_measures, found.routes, found.include) == ((), (), {})
    assert found.model is None
    assert found.time is None
    assert found.time_or_nan != found.time_or_nan
    assert found.information_size is None


def test_what_is_asked_arrives_as_it_stands():
    pinned = {"tau2": "DL", "interval": "t"}
    found = asking.synthesis(
        **ASKED, time=24, model=pinned, information_size={"difference": 0.8}, thresholds=[1.25]
    )
    assert found.model == Model("DL", "t")
    assert found.time_or_nan == 24
    assert found.thresholds == (1.25,)
    size = found.information_size
    assert (size.difference, size.alpha, size.power) == (0.8, 0.05, 0.8)


def test_a_key_that_the_rule_did_not_hand_over_cannot_be_read():
    found = plan.syntheses({"os": {"measure": "HR"}})["os"]
    assert found.measure == "HR"
    with pytest.raises(InternalError, match=r"Synthesis\.narrative is read"):
        _ = found.narrative


def test_the_whole_protocol_arrives_as_it_stands():
    given = made_up_review.protocol()
    found = plan.Protocol.of(given)
    assert found.review.title == given["review"]["title"]
    assert found.review.question.population == given["review"]["question"]["population"]
    assert list(found.syntheses) == list(given["syntheses"])
    assert found.arms["bcg"].label == given["arms"]["bcg"]["label"]
    assert found.screening.criteria.include == tuple(given["screening"]["criteria"]["include"])
    assert found.report.characteristics == tuple(given["report"]["characteristics"])
    rows = given["published"]["results"]
    assert [row.ci_low for row in found.published.results] == [row.get("ci_low") for row in rows]
    with pytest.raises(InternalError, match=r"Protocol\.arms is read"):
        _ = plan.Protocol.of({"time_unit": "months"}).arms


def test_a_part_is_changed_in_a_copy():
    found = plan.Outcome.of({"label": "Pain", "unit": "points"})
    other = found.but(unit="mm")
    assert (found.unit, other.unit, other.label) == ("points", "mm", "Pain")
    with pytest.raises(InternalError, match=r"Outcome\.good is read"):
        _ = other.good


def test_it_goes_to_another_process_whole():
    found = pickle.loads(pickle.dumps(asking.synthesis(**ASKED)))
    assert found.title == "Death"
    assert found.arms == ("a", "b")
