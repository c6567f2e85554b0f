"""Reasons for what differs from the plan, the item of PRISMA that asks for them, and the words."""

import pytest

from livingmeta import protocol, tables
from livingmeta.living.registered import amendments
from livingmeta.package import answers_to_checklists
from livingmeta.plan import Protocol
from livingmeta.prose import checklists, texts
from livingmeta.words import planned
from running import SMALL

TEXT = """# Amendments of the plan

Some words of introduction: none of them is a reason.

## `syntheses.survival-1y.time`

Two trials report at two years only.

They said so.

## Other things
- fever-or: asked for
  by a referee.
- unknown-name: not ours.
* **syntheses.pfs.subgroups.site**: the same.
* screening:
<!-- - outcomes.fever: commented out -->
"""


def test_reasons_are_read_by_key_by_those_above_it_and_by_the_name_of_a_synthesis():
    keys = [
        "syntheses.survival-1y.time",
        "syntheses.survival-1y.level",
        "syntheses.fever-or.sensitivity.without site=a.b",
        "syntheses.fever-or",
        "syntheses.pfs.subgroups.site",
        "syntheses.pfs",
        "outcomes.fever.kind",
        "screening.reviewers",
    ]
    assert amendments.reasons(TEXT, keys) == {
        "syntheses.survival-1y.time": "Two trials report at two years only. They said so.",
        "syntheses.fever-or.sensitivity.without site=a.b": "asked for by a referee.",
        "syntheses.fever-or": "asked for by a referee.",
        "syntheses.pfs.subgroups.site": "the same.",
    }
    assert amendments.reasons("", keys) == {}
    assert amendments.reasons("- outcomes.fever: why", keys) == {"outcomes.fever.kind": "why"}


@pytest.mark.parametrize(
    ("registered_", "reason", "told", "state"),
    [
        (1, "", False, "in part"),
        (1, "", True, "in part"),
        (1, "why", True, "answered"),
        (1, "why", False, "answered"),
        (0, "", False, "owed"),
        (0, "", True, "answered"),
    ],
)
def test_prisma_24c_is_answered_once_every_change_has_its_reason(
    tmp_path, registered_, reason, told, state
):
    asked = Protocol.of(protocol.complete(protocol.read(SMALL / "config/config.yaml")))
    names = {"searches": "screening/searches", "machines": "screening/machines"}
    names |= {"risk_of_bias": "extraction/risk_of_bias", "certainty": "living/certainty"}
    names |= {"rob_me": "judgement/rob_me", "contacts": "extraction/contacts"}
    names |= {"registrations": "pooling/registrations", "amendments": "living/amendments"}
    found = {name: tables.empty(schema) for name, schema in names.items()}
    if registered_:
        found["registrations"].loc[0] = ["f.json", "2026-01-10", "1.0", 0, 0, "0"]
        found["amendments"].loc[0] = ["k", "", "changed", "1", "2", "", "", reason]
    anchors = {"plan", "methods"} if registered_ else {"methods"}
    holding = checklists.facts(asked, found)
    file = tmp_path / "prose" / "amendments.md"
    file.parent.mkdir()
    file.write_text("We changed something.", encoding="utf-8")
    written = texts.read([str(file)]) if told else {}
    answers = answers_to_checklists.table(checklists.read(), holding, anchors, written)
    of = answers[(answers["checklist"] == "PRISMA 2020") & (answers["item"] == "24c")]
    assert of["state"].tolist() == [state]


def test_words_for_what_was_not_planned():
    assert planned.of("planned") == planned.of("") == ""
    assert planned.under_title("planned", {"site": "planned"}) == []
    assert planned.under_title("changed", {"site": "added after data"}) == [
        "Not as planned: changed since the plan was registered",
        "Not as planned: subgroups by site, added after data",
    ]
    assert planned.under_title("changed", {"site": "changed"}) == [
        "Not as planned: changed since the plan was registered"
    ]
    assert planned.counted(["planned", "changed", "changed"]) == {"changed": 2}
