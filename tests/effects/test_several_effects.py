"""`several: multilevel` and `robust`: each of several printed effects of a study stays one."""

import random

import pandas as pd
import pytest

import asking
from effects.test_several_values import ARMS, OUTCOMES, effect, printed
from livingmeta.effects.disagreements import disagreements
from livingmeta.effects.harmonise import harmonise
from livingmeta.effects.several import of_studies

VARIANCE = (0.3 / 1.959963984540054) ** 2


def kept(rows, several="multilevel", **more):
    asked = {"outcome": "pain", "measure": "GEN", "arms": ["a", "b"], "time": None}
    return harmonise(
        pd.DataFrame(rows),
        pd.DataFrame({"study_id": ["s1"]}),
        {"x": asking.synthesis(**asked, several=several, **more)},
        ARMS,
        OUTCOMES,
    )


@pytest.mark.parametrize("several", ["multilevel", "robust"])
def test_each_printed_effect_is_a_row_of_its_own(several):
    rows = printed(effect(0.6), effect(0.2), effect(1.0), outcome="pain")
    effects, unusable, routes, used = kept(rows, several)
    assert unusable.empty
    assert effects["yi"].tolist() == [0.2, 0.6, 1.0]
    assert effects["vi"].tolist() == pytest.approx([VARIANCE] * 3)
    assert effects["effect_name"].tolist() == ["effect a", "effect b", "effect c"]
    assert effects["assumed"].tolist() == [""] * 3
    assert routes["chosen"].tolist() == [True] * 3
    # Each names the row that it was printed in, and no other.
    assert [*zip(used["effect_name"], used["row"], used["way"], used["used"], strict=True)] == [
        ("effect a", 3, 1, True),
        ("effect b", 2, 2, True),
        ("effect c", 4, 3, True),
    ]


def test_a_study_of_one_effect_has_no_name_for_it():
    effects, _, _, used = kept(printed(effect(0.2), outcome="pain"))
    assert effects["effect_name"].tolist() == [""]
    assert used["effect_name"].tolist() == [""]


def test_parts_are_effects_by_their_names_and_the_whole_comes_before_them():
    parts = printed(
        *(effect(x, part=part, n=40.0) for part, x in (("women", 0.2), ("men", 0.6))),
        outcome="pain",
    )
    effects = kept(parts)[0]
    assert effects["effect_name"].tolist() == ["men", "women"]
    assert effects["yi"].tolist() == [0.6, 0.2]
    assert effects["n"].tolist() == [40, 40]
    whole = [*parts, *printed(effect(0.5), outcome="pain", first=8)]
    effects = kept(whole)[0]
    assert effects["yi"].tolist() == [0.5]
    assert effects["effect_name"].tolist() == [""]


def test_several_effects_of_one_part_say_so():
    rows = printed(*(effect(x, part="men") for x in (0.2, 0.6)), outcome="pain")
    effects = kept(rows)[0]
    assert effects["effect_name"].tolist() == ["men, effect a", "men, effect b"]
    assert effects["assumed"].tolist() == ["of a part of the patients: men"] * 2


def test_patients_of_a_part_count_once_and_those_of_two_parts_are_added_up():
    of = [("women", 0.2, 40.0), ("women", 0.5, 38.0), ("men", 0.6, 30.0)]
    rows = printed(*(effect(x, part=part, n=n) for part, x, n in of), outcome="pain")
    effects = kept(rows)[0]
    assert effects["effect_name"].tolist() == ["men", "women, effect b", "women, effect c"]
    assert of_studies(effects)["n"].tolist() == [70]
    assert kept(rows, "aggregate", correlation=0.5)[0]["n"].tolist() == [70]
    alike = printed(*(effect(x, n=n) for _, x, n in of), outcome="pain")
    assert of_studies(kept(alike)[0])["n"].tolist() == [40]
    assert kept(alike, "aggregate", correlation=0.5)[0]["n"].tolist() == [40]


def test_what_two_read_differently_is_settled_and_what_is_adjusted_counts_alone():
    read = printed(effect(0.2, extractor="ab"), effect(0.6, extractor="cd"), outcome="pain")
    assert kept(read)[1]["unsettled"].tolist() == [True]
    both = printed(
        *(effect(v, extractor=who) for who in ("ab", "cd") for v in (0.2, 0.6)), outcome="pain"
    )
    assert kept(both)[0]["yi"].tolist() == [0.2, 0.6]
    mixed = printed(
        *(effect(x) for x in (0.2, 0.6)),
        *(effect(x, adjusted="multivariable") for x in (0.1, 0.4)),
        outcome="pain",
    )
    effects = kept(mixed)[0]
    assert effects["yi"].tolist() == [0.1, 0.4]
    assert effects["adjusted"].tolist() == ["multivariable"] * 2


def test_the_order_of_the_rows_changes_nothing():
    rows = printed(
        *(effect(x, half) for x, half in ((0.6, 0.3), (0.2, 0.3), (0.2, 0.5), (-1.0, 0.4))),
        outcome="pain",
    )
    columns = ["yi", "vi", "effect_name", "inputs"]
    wanted = kept(rows)[0][columns]
    for seed in range(5):
        mixed = rows[:]
        random.Random(seed).shuffle(mixed)
        pd.testing.assert_frame_equal(kept(mixed)[0][columns], wanted)


def test_no_other_route_is_held_against_several():
    arms = [("a", 5.0), ("b", 1.0)]
    means = [(arm, "mean", value, {"n": 50.0, "sd": 1.0}) for arm, value in arms]
    rows = printed(
        *means,
        *(
            ("a/b", "mean-difference", x, {"ci_low": x - 0.3, "ci_high": x + 0.3})
            for x in (0.2, 0.6)
        ),
        outcome="pain",
    )
    asked = {"outcome": "pain", "measure": "MD", "arms": ["a", "b"], "routes": ["R"]}
    effects, _, routes, _ = harmonise(
        pd.DataFrame(rows),
        pd.DataFrame({"study_id": ["s1"]}),
        {"x": asking.synthesis(**asked, several="multilevel")},
        ARMS,
        OUTCOMES,
    )
    assert effects["yi"].tolist() == [0.2, 0.6]
    assert len(routes) == 3
    assert disagreements(routes).empty


@pytest.mark.parametrize("several", ["multilevel", "robust", "aggregate"])
def test_an_effect_that_is_typed_twice_counts_once_and_says_so(several):
    more = {"correlation": 0.5} if several == "aggregate" else {}
    again = "one effect, typed again in row 4"
    for values in ((0.2, 0.5, 0.5), (0.5, 0.2, 0.5)):
        rows = printed(*map(effect, values), outcome="pain")
        effects = kept(rows, several, **more)[0]
        assert len(effects) == (1 if several == "aggregate" else 2)
        assert sum(again in said for said in effects["assumed"]) == 1
    only = kept(printed(effect(0.5), effect(0.5), outcome="pain"), several, **more)[0]
    assert only["assumed"].tolist() == ["one effect, typed again in row 3"]
    read = [
        rows | {"extractor": who}
        for rows, who in zip(
            printed(effect(0.5), effect(0.5), outcome="pain"), ["Kim", "Ahn"], strict=True
        )
    ]
    assert kept(read, several, **more)[0]["assumed"].tolist() == [""]
