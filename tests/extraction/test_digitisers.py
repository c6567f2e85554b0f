"""Curves that two people digitised: whose each file is, how far they agree, and which counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_origin import DIGEST, HEAD, ROWS

from livingmeta import tables
from livingmeta.extraction.curves import digitisers, drawing, points, read
from livingmeta.words.people import of_one

OUTCOMES = ("os", "os-late", "pfs")
KEY = ("ahn-2015", "drug", "os")
PEOPLE = ("Ann", "kim")
TIME = np.arange(0, 25.0, 2)


def clicks(survival=None, time=TIME):
    survival = 1 - time / 40 if survival is None else survival
    return pd.DataFrame({"time": time, "survival": survival})


def printed(*further):
    table = tables.empty("extraction/outcomes")
    rows = [("at-risk", 0.0, 40.0, ""), ("at-risk", 12.0, 24.0, ""), *further]
    for i, (statistic, time, value, by) in enumerate(rows):
        table.loc[i, ["study_id", "arm", "outcome"]] = list(KEY)
        table.loc[i, ["statistic", "time", "value", "row"]] = [statistic, time, value, i + 2]
        table.loc[i, "extractor"] = by
    return table


def drawn(files, until="leave-out", outcomes=None):
    """What is made of tables of clicks by what stands behind the outcome in the file's name."""
    named = [
        drawing.named(f"curves/ahn-2015.drug.os{who}.csv", table, OUTCOMES)
        for who, table in files.items()
    ]
    drawing.must_be_one_each(named, PEOPLE)
    return read.rebuild_all(named, printed() if outcomes is None else outcomes, until)


@pytest.mark.parametrize(
    ("name", "key", "by"),
    [
        ("v1.2.drug.os.csv", ("v1.2", "drug", "os"), ""),
        ("a.drug.os-kim.csv", ("a", "drug", "os"), "kim"),
        ("a.drug.os-late.csv", ("a", "drug", "os-late"), ""),
        ("a.drug.os-late-Kim Lee.csv", ("a", "drug", "os-late"), "Kim Lee"),
        ("a.drug.os-kim-2026-11-28.csv", ("a", "drug", "os"), "kim"),
        ("a.drug.os-kim (1).csv", ("a", "drug", "os"), "kim"),
        ("a.drug.os-consensus-of-both.csv", ("a", "drug", "os"), "consensus"),
        ("a.drug.rfs-kim.csv", ("a", "drug", "rfs-kim"), ""),
    ],
)
def test_the_name_says_of_which_curve_a_file_is_and_whose(name, key, by):
    found = drawing.named(name, clicks(), OUTCOMES)
    assert (found.key, found.by) == (key, by)


@pytest.mark.parametrize("name", ["os-copy", "os (1)", "os-2", "os-backup", "os-"])
def test_a_file_that_is_named_as_a_copy_is_refused(name):
    with pytest.raises(tables.TableError, match="Name it for who did"):
        drawing.named(f"a.drug.{name}.csv", clicks(), OUTCOMES)


def test_the_head_of_a_file_says_whose_it_is_and_its_name_must_not_say_another(tmp_path):
    def found(name, by="Kim Lee"):
        path = tmp_path / name
        text = HEAD.format(digest=DIGEST).replace("Kim", by) + ROWS
        path.write_text(text, encoding="utf-8")
        return drawing.named(str(path), points.read(path, "months"), OUTCOMES)

    for name in (
        "a.drug.os.csv",
        "a.drug.os-kim.csv",
        "a.drug.os-Kim-Lee.csv",
        "a.drug.os (1).csv",
    ):
        assert found(name).by == "Kim Lee"
    assert found("a.drug.os-consensus.csv").by == "consensus"
    with pytest.raises(tables.TableError, match=r"says that ann digitised it, and .* Kim Lee did"):
        found("a.drug.os-ann.csv")


def test_two_files_by_one_person_are_refused_and_by_two_compared():
    for twice in (["-kim", "-Kim (1)"], ["-consensus", "-consensus-2026-11-28"]):
        with pytest.raises(tables.TableError, match="keep one of the two"):
            drawn(dict.fromkeys(twice, clicks()))
    with pytest.raises(tables.TableError, match=r"os-ann.csv: its points are those of .*os-kim"):
        drawn({"-kim": clicks(), "-ann": clicks()})
    found = drawn({"-kim": clicks(), "-ann": clicks(1 - TIME / 40 - 1e-4 * (TIME > 3))})
    [pair] = found.read[KEY].pairs
    assert pair.differs == []
    assert 0 < pair.apart < 2e-4
    # The first by name where no day is known, and a file of nobody before both.
    assert found.curves[KEY].file == "curves/ahn-2015.drug.os-ann.csv"
    other = clicks(1 - TIME / 40.1)
    assert drawn({"-ann": other, "": clicks()}).curves[KEY].file.endswith("os.csv")
    # What people agree on may be a copy, and so may a curve on which nobody dies.
    assert drawn({"": clicks(), "-ann": other, "-consensus": other}).waiting == {}
    nobody = clicks([1.0, 1.0], np.array([0.0, 24.0]))
    start = printed().iloc[:1]
    assert drawn({"": nobody, "-ann": nobody}, outcomes=start).read[KEY].pairs[0].differs == []


def test_what_stands_behind_an_outcome_and_is_nobody_known_is_another_curve():
    other = clicks(1 - TIME / 30)
    for files in (
        {"-itt": other},
        {"": clicks(), "-itt": other},
        {"-kim": clicks(), "-itt": other},
    ):
        with pytest.raises(tables.TableError, match="somebody called 'itt' digitised, and nothing"):
            drawn(files)
    # Whom the review knows is a person, alone or not; what people agreed on may be alone.
    assert list(drawn({"": clicks(), "-kim": other}).waiting) == [KEY]
    assert list(drawn({"-Kim": clicks()}).curves) == [KEY]
    assert list(drawn({"-consensus": clicks()}).curves) == [KEY]


def of_page(tmp_path, name, by, shift=0.0):
    """The drawing of a file whose head says who digitised it."""
    path = tmp_path / name
    path.write_text(HEAD.format(digest=DIGEST).replace("Kim", by) + ROWS, encoding="utf-8")
    return drawing.named(str(path), points.read(path, "months"), OUTCOMES)


@pytest.mark.parametrize(
    ("name", "by", "whose"),
    [
        ("os-ann-marie", "Ann Marie Lee", "Ann Marie Lee"),
        ("os-maria", "María", "María"),
        ("os-lee", "Ann-Marie Lee", "Ann-Marie Lee"),
        ("os-kim-lee", "Kim", "Kim"),
        ("os", "Consensus", "consensus"),
        ("os-consensus", "Consensus", "consensus"),
    ],
)
def test_names_of_one_person_are_not_held_against_each_other(tmp_path, name, by, whose):
    assert of_page(tmp_path, f"a.drug.{name}.csv", by).by == whose


@pytest.mark.parametrize(("name", "by"), [("os-marielee", "Ann Lee"), ("os-an", "Ann")])
def test_part_of_a_word_is_no_name(tmp_path, name, by):
    with pytest.raises(tables.TableError, match="Name it for who did"):
        of_page(tmp_path, f"a.drug.{name}.csv", by)


def test_one_person_by_a_head_and_by_a_name_is_one_person(tmp_path):
    head = of_page(tmp_path, "ahn-2015.drug.os.csv", "Kim Lee")
    own = drawing.named("ahn-2015.drug.os-kim.csv", clicks(), OUTCOMES)
    with pytest.raises(tables.TableError, match="keep one of the two"):
        drawing.must_be_one_each([head, own])
    other = drawing.named("ahn-2015.drug.os-ann.csv", clicks(), OUTCOMES)
    drawing.must_be_one_each([head, other], ["Ann Park"])
    # The head of one file makes its person known for another.
    drawing.must_be_one_each([head, own._replace(key=("ahn-2015", "none", "os"))], [])


@pytest.mark.parametrize(
    ("name", "people", "meant"),
    [
        ("kim", ["Kim Lee", "Ann Lee"], "Kim Lee"),
        ("kim", ["Kim Lee", "Kim"], "Kim"),
        ("lee", ["Kim Lee", "Ann Lee"], "lee"),
        ("leave-out", ["Kim Lee", ""], "leave-out"),
        ("maria", ["", "María Sol"], "María Sol"),
    ],
)
def test_a_part_of_a_name_means_the_only_one_whose_it_is(name, people, meant):
    assert of_one(name, people) == meant


def test_one_curve_of_two_arms_is_told():
    files = [
        drawing.named(f"ahn-2015.{arm}.{outcome}.csv", clicks(), OUTCOMES)
        for arm, outcome in (("drug", "os"), ("none", "os-consensus"), ("none", "pfs"))
    ]
    with pytest.raises(tables.TableError, match="two arms would have one curve") as raised:
        drawing.must_be_one_each(files)
    assert len(raised.value.problems) == 1
    drawing.must_be_one_each([files[0], files[2]])


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_two_hands_on_one_curve_agree(seed):
    by_chance = np.random.default_rng(seed)
    falls = np.sort(by_chance.uniform(1, 24, 8))
    time = np.repeat(falls, 2)
    level = np.append(1, np.repeat(1 - np.arange(1, 9) / 10, 2))[:-1]
    time, level = np.append(0, time), np.append(1, level)
    level = np.append(level, level[-1] - 0.1)[: time.size]

    def hand():
        off = by_chance.uniform(-1, 1, 2)
        late = off[1] * 0.0098 * falls[-1]
        return clicks(np.clip(level + off[0] * 0.0099, 0, 1), np.maximum(time + late, 0))

    start = printed().iloc[:1]
    one = drawn({"-kim": hand(), "-ann": hand()}, outcomes=start).read[KEY].pairs[0]
    assert one.differs == []


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (clicks(1 - TIME / 30), ["survival"]),
        (clicks(time=TIME / 4.35), ["survival", "end"]),  # weeks for months
        (clicks(time=TIME[:9]), ["end"]),
        (clicks(np.where(TIME > 10, 1 - TIME / 40 - 0.021, 1 - TIME / 40)), ["survival"]),
        (clicks(np.where(TIME > 10, 1 - TIME / 40 - 0.019, 1 - TIME / 40)), []),
    ],
)
def test_what_two_hands_do_not_explain_is_a_conflict(other, differs):
    for files in ({"-kim": clicks(), "-ann": other}, {"-kim": other, "-ann": clicks()}):
        found = drawn(files)
        assert found.read[KEY].pairs[0].differs == differs
        assert (KEY in found.curves, KEY in found.waiting) == (not differs, bool(differs))


def test_a_conflict_waits_counts_as_one_has_it_or_is_settled_by_a_file():
    high, low, third = clicks(), clicks(1 - TIME / 30), clicks(1 - TIME / 35)
    files = {"-kim": high, "-ann": low}
    waits = drawn(files)
    assert waits.curves == {}
    assert "ann and kim differ by 0.200 in survival at 24" in waits.waiting[KEY].words
    assert "differ" not in drawn({"": low}).curves[KEY].until
    by_ann = drawn(files, "Ann")
    pd.testing.assert_frame_equal(by_ann.curves[KEY].data, drawn({"": low}).curves[KEY].data)
    assert "as ann has it until it is settled" in by_ann.curves[KEY].until
    assert drawn(files, "eve").curves == {}
    assert "as ann has it" in drawn(files, "Ann Lee").curves[KEY].until
    settled = drawn(files | {"-consensus": third})
    assert settled.waiting == {}
    assert settled.curves[KEY].file.endswith("os-consensus.csv")
    assert settled.curves[KEY].until == ""
    # Of three readers two agree, and that settles nothing.
    three = drawn({**files, "": clicks(1 - TIME / 40.1)})
    assert [pair.differs for pair in three.read[KEY].pairs].count(["survival"]) == 2
    assert three.curves == {}


@pytest.mark.parametrize(
    ("agreed", "counts"),
    [
        (clicks(1 - TIME / 35), True),
        (clicks(1 - TIME / 40.2), True),  # one hand beyond
        (clicks(1 - TIME / 60), False),
        (clicks(1 - TIME / 26), False),
        (clicks(np.where(TIME > 20, 1 - TIME / 60, 1 - TIME / 35)), False),
        (clicks(1 - TIME / 35, TIME * 4.345), False),  # weeks for months
        (clicks(1 - TIME / 35, TIME / 12), False),  # years for months
        (clicks(0.01 * (1 - TIME / 35)), False),  # percent for shares, taken twice
    ],
)
def test_what_people_agree_on_is_no_further_than_their_readings(agreed, counts):
    start = printed().iloc[:1]
    files = {"-kim": clicks(), "-ann": clicks(1 - TIME / 30), "-consensus": agreed}
    try:
        found = drawn(files, outcomes=start)
    except tables.TableError:
        assert not counts
        return
    assert (KEY in found.curves, KEY in found.waiting) == (counts, not counts)
    rows = digitisers.table(found.read, {}).to_dict("records")
    assert {row["state"] for row in rows} == {"consensus" if counts else "conflict"}
    people = [row for row in digitisers.agree(found.read) if row["field"] == "all"]
    assert [(row["first"], row["second"]) for row in people] == [("ann", "kim")]
    if not counts:
        assert "consensus and ann" in found.waiting[KEY].words
        # Nobody's reading counts instead, for people said that theirs are not right.
        assert drawn(files, "kim", outcomes=start).curves == {}


def test_the_tables_say_how_far_two_agree():
    files = {"-kim": clicks(), "-ann": clicks(1 - TIME / 30)}
    found = drawn(files)
    table = digitisers.table(found.read, {"os": [12, 24, 60], "pfs": [6]})
    row = table.iloc[0]
    assert (row["first"], row["second"], row["state"], row["taken"]) == (
        "ann",
        "kim",
        "conflict",
        "",
    )
    assert row["at_times"] == "12: 0.600 and 0.700 (-0.100); 24: 0.200 and 0.400 (-0.200)"
    assert row["icc_low"] < row["icc"] < row["icc_high"]
    settled = drawn(files | {"-consensus": clicks()}).read
    assert digitisers.table(settled, {}).loc[0, "state"] == "consensus"
    of_all, of_survival = digitisers.agree(found.read)
    assert (of_all["first"], of_all["second"]) == ("ann", "kim")
    assert (of_all["compared"], of_all["agree"]) == (1, 0)
    assert of_survival["compared"] == digitisers.TIMES
    assert of_survival["icc"] == pytest.approx(row["icc"])


def test_a_curve_says_which_number_below_it_is_left_out_or_taken():
    two = [("at-risk", 18.0, 20.0, "kim"), ("at-risk", 18.0, 19.0, "ann")]
    left_out = drawn({"": clicks()}, outcomes=printed(*two)).curves[KEY]
    assert left_out.grade == "rough"
    assert any("at-risk of drug on os at 18 is to be settled" in w for w in left_out.warnings)
    taken = drawn({"": clicks()}, "kim", printed(*two)).curves[KEY]
    assert any("as kim reads it until it is settled" in w for w in taken.warnings)
    assert drawn({"": clicks()}).curves[KEY].warnings == ()
