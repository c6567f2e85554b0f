"""Two extractors' readings of one number that they put into two cells."""

from itertools import permutations

import pytest

from extraction.test_cells import row
from livingmeta.extraction.checks import unsaid
from livingmeta.extraction.printed import read_study
from livingmeta.extraction.settled import clashes

HR = {"arm": "a/b", "statistic": "hazard-ratio", "time": None, "value": 0.5}
HR |= {"ci_low": 0.3, "ci_high": 0.83}
ALIVE = {"statistic": "survival", "value": 0.71, "n": 50}


def kim(**values):
    return row(2, extractor="kim", **values)


def ann(**values):
    return row(3, extractor="ann", **values)


OTHERWISE = {
    "adjusted": (HR, {"adjusted": "multivariable"}),
    "event": (ALIVE | {"statistic": "risk-ratio", "event": "death"}, {"event": "survival"}),
    "measured": ({"value": 3.1, "sd": 2.0, "n": 40}, {"measured": "change"}),
    "part": (HR, {"part": "stage III"}),
    "time": (ALIVE | {"time": 18.0}, {"time": 18.4}),
    "no time": (ALIVE | {"time": 18.0}, {"time": None}),
    "unit of time": (
        ALIVE | {"time": 22.0},
        {"time": 5.058, "time_as_written": "22 weeks"},
    ),
    "wrong time": ({"statistic": "mean", "value": 3.1, "sd": 2.0, "time": 12.0}, {"time": 3.0}),
    "wrong time of a count": (
        {"statistic": "events", "value": 20.0, "n": 41, "time": 12.0},
        {"time": 3.0},
    ),
    "adjusted, other value": (HR, {"adjusted": "matched", "value": 0.6, "ci_high": 1.2}),
    "time, other value": (ALIVE | {"time": 18.0}, {"time": 18.4, "value": 0.17}),
    "no time, other value": (ALIVE | {"time": 18.0}, {"time": None, "value": 0.55}),
    "part, other value": (ALIVE, {"part": "stage III", "value": 0.77}),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_another_qualifier_of_one_number_is_to_settle(name):
    said, more = OTHERWISE[name]
    for rows in permutations([kim(**said), ann(**said | more)]):
        (clash,) = clashes(rows)
        assert clash.kind == "conflict-of-extractors"
        assert [r["row"] for r in clash.records] == [2, 3]
        assert not read_study(rows, "os").rows
    of = next(iter(more))
    assert f"[{of}: " in clash.words or f", {of}: " in clash.words
    assert "(row 2, kim)" in clash.words
    assert "(row 3, ann)" in clash.words
    # One extractor who prints both means both.
    assert not clashes([kim(**said), kim(**said | more) | {"row": 3}])
    for until, number in (("kim", 2), ("ann", 3)):
        rows = read_study([kim(**said), ann(**said | more)], "os", until=until).rows
        assert [r.row for r in rows] == [number]


@pytest.mark.parametrize(
    ("said", "more"),
    [
        (ALIVE | {"time": 12.0}, {"time": 3.0}),  # nobody died between
        ({"statistic": "events", "value": 2.0, "n": 41, "time": 12.0}, {"time": 3.0}),
        ({"statistic": "mean", "value": 3.1, "sd": 2.0, "time": 12.0}, {"time": 3.0, "sd": 2.2}),
    ],
)
def test_two_numbers_of_two_times_are_two(said, more):
    assert not clashes([kim(**said), ann(**said | more)])


def test_what_people_agree_on_overrules_the_reading_in_another_cell():
    rows = [kim(**HR), ann(**HR | {"adjusted": "multivariable"})]
    for said in ({}, {"adjusted": "multivariable"}):
        agreed = row(4, extractor="consensus", **HR | said)
        assert not clashes([*rows, agreed])
        assert [r.row for r in read_study([*rows, agreed], "os").rows] == [4]
    both = [row(4, extractor="consensus", **HR), rows[1] | {"row": 5, "extractor": "consensus"}]
    assert {r.row for r in read_study([*rows, *both], "os").rows} == {4, 5}
    # Of a further number that one alone has read nothing is agreed.
    more = [kim(**HR), ann(**HR | {"value": 0.45}), ann(**ADJUSTED) | {"row": 4}]
    agreed = row(5, extractor="consensus", **HR)
    assert {r.row for r in read_study([*more, agreed], "os").rows} == {4, 5}


CRUDE, ADJUSTED = HR | {"adjusted": "no"}, HR | {"adjusted": "matched", "value": 0.6}
TWO_NUMBERS = {
    "both read both": [kim(**CRUDE), kim(**ADJUSTED), ann(**CRUDE), ann(**ADJUSTED)],
    "one read more": [kim(**CRUDE), kim(**ADJUSTED), ann(**CRUDE)],
    "another arm": [kim(**ALIVE), ann(**ALIVE | {"arm": "b"})],
    "another time": [kim(**ALIVE), ann(**ALIVE | {"time": 24.0})],
    "two times in two units": [
        kim(**ALIVE | {"time": 22.0}),
        ann(**ALIVE | {"time": 5.058, "time_as_written": "22 weeks", "value": 0.9}),
    ],
    "two parts": [kim(**ALIVE | {"part": "x"}), ann(**ALIVE | {"part": "y", "value": 0.6})],
    "other patients": [kim(**ALIVE), ann(**ALIVE | {"part": "x", "n": 20, "value": 0.6})],
    "a part of whom is not known": [kim(**HR), ann(**HR | {"part": "x", "value": 0.8})],
    "not adjusted and not said": [kim(**HR), ann(**CRUDE)],
}


@pytest.mark.parametrize("name", TWO_NUMBERS)
def test_two_numbers_are_two(name):
    rows = [r | {"row": number} for number, r in enumerate(TWO_NUMBERS[name], 2)]
    assert not clashes(rows)


def test_of_several_readings_those_of_one_number_are_found():
    rows = [
        *(kim(**CRUDE), kim(**ADJUSTED)),
        *(ann(**CRUDE), ann(**ADJUSTED | {"adjusted": "weighted"})),
    ]
    rows = [r | {"row": number} for number, r in enumerate(rows, 2)]
    (clash,) = clashes(rows)
    assert [r["row"] for r in clash.records] == [3, 5]
    assert [r.value for r in read_study(rows, "os").rows] == [0.5]


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_consensus_of_one_of_two_cells_or_of_a_third_is_one_that_people_read(name):
    said, more = OTHERWISE[name]
    both = [kim(**said), ann(**said | more)]
    for agreed in (said, said | more):
        assert not unsaid.consensus_unread([*both, row(4, extractor="consensus", **agreed)])


def test_a_consensus_on_a_cell_that_the_readers_have_left_is_told():
    early, late = {"time": 6.0, "value": 0.9, "n": 40}, {"time": 12.0, "n": 40}
    settled = row(4, extractor="consensus", statistic="survival", **early)
    later = [kim(statistic="survival", value=0.8, **late)]
    later += [ann(statistic="survival", value=0.7, **late)]
    (told,) = unsaid.consensus_unread([*later, settled])
    assert (told.rows, told.check, told.severity) == ((4,), unsaid.NOBODY_READ, "warning")
    # What nobody else has read at all is what people agreed on, as a whole review may be.
    assert not unsaid.consensus_unread([settled])
    # One extractor whose row is corrected leaves it alone as well.
    assert unsaid.consensus_unread([later[0], settled])
    assert not unsaid.consensus_unread(
        [kim(statistic="survival", **early | {"value": 0.8}), settled]
    )


def test_a_consensus_that_was_overtaken_by_readings_that_agree_is_told():
    said = {"statistic": "survival", "n": 50}
    agreed = row(4, extractor="consensus", value=0.7, **said)
    both = [kim(value=0.8, **said), ann(value=0.8, **said)]
    (told,) = unsaid.consensus_unread([*both, agreed])
    assert (told.rows, told.check) == ((2, 3, 4), unsaid.NOBODY_READ)
    assert told.message == "counts alone: kim and ann read otherwise, and alike"
    # What settles two readings that differ, even by a third; what one reader alone had; agreement.
    assert not unsaid.consensus_unread([both[0], ann(value=0.6, **said), agreed])
    assert not unsaid.consensus_unread([both[0], agreed])
    assert not unsaid.consensus_unread([*both, agreed | {"value": 0.8}])


@pytest.mark.parametrize("name", ["Kim Lee", "kim-lee", "KÍM  LEE", " Kim Lee "])
def test_one_person_spelt_in_two_ways_is_one_reader(name):
    said = ALIVE | {"time": 18.0}
    one, other = row(2, extractor="Kim Lee", **said), row(3, extractor=name, **said)
    (clash,) = clashes([one, other | {"value": 0.6}])
    assert clash.kind == "printed-twice"
    apart = row(4, extractor="ann", **said | {"value": 0.5})
    rows = read_study([other, apart], "os", until="kim lee").rows
    assert [r.row for r in rows] == [3]


@pytest.mark.parametrize("name", ["Consensus", "consensus.", "Consensus (kim, ann)"])
def test_a_consensus_says_by_whom_and_is_one(name):
    said = ALIVE | {"time": 18.0}
    rows = [kim(**said), ann(**said | {"value": 0.6})]
    settled = row(4, extractor=name, **said | {"value": 0.6})
    assert [r.row for r in read_study([*rows, settled], "os").rows] == [4]
    assert not clashes([*rows, settled])


PAIN = {"statistic": "mean", "value": 20.3, "n": 50}
MEANT = {
    "SD and SE": (PAIN | {"sd": 5}, PAIN | {"se": 5}),
    "SD and SE, patients unknown": (
        {"statistic": "mean", "value": 20.3, "sd": 5},
        {"statistic": "mean", "value": 20.3, "se": 5},
    ),
    "SD and a CI of plus and minus it": (
        PAIN | {"sd": 5},
        PAIN | {"ci_low": 15.3, "ci_high": 25.3},
    ),
    "interval and p": (HR, {**HR, "ci_low": None, "ci_high": None, "p_value": "0.6"}),
    "odds and risk ratio": (HR | {"statistic": "odds-ratio"}, HR | {"statistic": "risk-ratio"}),
    "mean and median": (PAIN, PAIN | {"statistic": "median"}),
    "a quartile and the minimum": (
        {"statistic": "q1", "value": 15.0, "n": 50},
        {"statistic": "minimum", "value": 15.0, "n": 50},
    ),
    "rows of SD and SE": (
        {"statistic": "sd", "value": 5, "n": 50},
        {"statistic": "se", "value": 5, "n": 50},
    ),
}


@pytest.mark.parametrize("name", MEANT)
def test_one_number_meant_in_two_ways_is_to_settle(name):
    for rows in permutations([kim(**MEANT[name][0]), ann(**MEANT[name][1])]):
        (clash,) = clashes(rows)
        assert clash.kind == "conflict-of-extractors"


MEANT_ALIKE = {
    "SD and its SE": (PAIN | {"sd": 5}, PAIN | {"se": 0.7}),
    "SD and its CI": (PAIN | {"sd": 5}, PAIN | {"ci_low": 18.9, "ci_high": 21.7}),
    "SD, SE and nobody says of how many": (
        {"statistic": "mean", "value": 20.3, "sd": 5},
        {"statistic": "mean", "value": 20.3, "se": 0.7},
    ),
    "interval and its p": (HR, {**HR, "ci_low": None, "ci_high": None, "p_value": "0.008"}),
    "interval and a log-rank p": (HR, {**HR, "ci_low": None, "ci_high": None, "p_value": "0.02"}),
    "Wald and Fisher": (
        HR | {"value": 0.6, "ci_low": 0.15, "ci_high": 2.4},
        HR | {"value": 0.6, "ci_low": None, "ci_high": None, "p_value": "0.72"},
    ),
    "a quartile at the floor": (
        {"statistic": "q1", "value": 0.0, "n": 50},
        {"statistic": "minimum", "value": 0.0, "n": 50},
    ),
    "quartile and maximum": (
        {"statistic": "q3", "value": 26.0, "n": 50},
        {"statistic": "maximum", "value": 41.0, "n": 50},
    ),
    "mean and another median": (PAIN, PAIN | {"statistic": "median", "value": 19.0}),
    "odds ratio and risk ratio": (
        HR | {"statistic": "odds-ratio"},
        HR | {"statistic": "risk-ratio", "value": 0.6, "ci_high": 0.9},
    ),
}


@pytest.mark.parametrize("name", MEANT_ALIKE)
def test_one_number_in_two_forms_is_one_and_two_statistics_are_two(name):
    for rows in permutations([kim(**MEANT_ALIKE[name][0]), ann(**MEANT_ALIKE[name][1])]):
        assert not clashes(rows)
