"""What the stages read of the protocol: each key of the schema, its types, and no key unasked."""

import pickle
from dataclasses import fields

import pytest
import yaml

import asking
from livingmeta import plan, protocol
from livingmeta.analyses import Model
from livingmeta.errors import InternalError

ASKED = {"title": "Death", "outcome": "os", "measure": "HR", "arms": ["a", "b"]}


@pytest.mark.parametrize(
    ("part", "key"), [(plan.Synthesis, "syntheses"), (plan.Outcome, "outcomes")]
)
def test_a_part_has_the_keys_of_the_schema(part, key):
    schema = yaml.safe_load(protocol.SCHEMA.read_text(encoding="utf-8"))
    keys = schema["properties"][key]["additionalProperties"]["properties"]
    assert [field.name for field in fields(part)] == list(keys)
    size = schema["properties"]["syntheses"]["additionalProperties"]["properties"]
    size = size["information_size"]["properties"]
    assert [field.name for field in fields(plan.InformationSize)] == list(size)


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


def test_it_goes_to_another_process_whole():
    found = pickle.loads(pickle.dumps(asking.synthesis(**ASKED)))
    assert found.title == "Death"
    assert found.arms == ("a", "b")
