"""Numbers that machines propose: apart from people's, and held to them."""

import pandas as pd
import pytest

from extraction.test_agreement_of_readings import ann, kim, table
from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction import proposals
from livingmeta.formulas.shares import wilson

REVIEWERS = pd.DataFrame({"reviewer": ["Bot", "kim"], "kind": ["machine", "person"]})


def bot(**values):
    return kim(**values) | {"extractor": "bot"}


def test_what_a_machine_read_is_apart_wherever_it_stands():
    outcomes = table([kim(), bot(value=9.0), ann()])
    people, theirs = proposals.apart(outcomes, table([bot(value=3.0)]), REVIEWERS)
    assert people["extractor"].tolist() == ["kim", "ann"]
    assert theirs["value"].tolist() == [9.0, 3.0]
    assert "1 rows of a machine (bot) are proposals" in people.attrs["notes"][0]
    # Without a machine nothing differs, to the byte.
    alone, none = proposals.apart(outcomes[outcomes["extractor"] != "bot"], table([]), REVIEWERS)
    pd.testing.assert_frame_equal(alone, people)
    assert none.empty


def test_a_proposal_by_a_person_is_refused():
    with pytest.raises(InputError, match="row 2, column extractor: 'kim'; it must be a machine"):
        proposals.apart(table([]), table([kim()]), REVIEWERS)


def test_each_proposal_is_held_to_what_people_settled():
    people = table(
        [
            *(kim(), ann()),  # read alike
            *(kim(time=24.0), ann(time=24.0, value=9.0)),  # to settle
            *(kim(time=36.0), ann(time=36.0, value=9.0)),
            kim(time=36.0, value=7.0) | {"extractor": "consensus"},
            kim(arm="b"),
        ]
    )
    cases = [
        (bot(), "right"),
        (bot(value=9.0), "wrong"),
        (bot(n=41), "wrong"),
        (bot(time=24.0), "open"),
        (bot(time=36.0, value=7.0), "right"),
        (bot(time=36.0, value=8.0), "wrong"),
        (bot(time=60.0), "new"),
        (bot(study_id="lee"), "new"),
        (bot(value=99.0), "impossible"),
    ]

    def tidy(one):
        if (one["value"] > 50).any():
            raise InputError("more events than the 40 patients")
        return one

    found = proposals.compare(table([row for row, _ in cases]), people, tidy)
    assert found["state"].tolist() == [state for _, state in cases]
    assert found["why"].tolist()[-1] == "more events than the 40 patients"
    assert found["people_row"].tolist()[4] == 8
    (machine,) = proposals.accuracy(found, people).to_dict("records")
    assert (machine["right"], machine["compared"], machine["new"]) == (2, 5, 2)
    assert (machine["right_low"], machine["right_high"]) == wilson(2, 5)
    assert (machine["found"], machine["cells"]) == (2, 3)
    assert set(found.columns) == set(tables.columns("extraction/proposals"))


def test_without_proposals_there_is_nothing_to_compare():
    found = proposals.compare(table([]), table([kim()]), lambda one: one)
    assert found.empty
    assert proposals.accuracy(found, table([kim()])).empty
