import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.words.numbers import RULES, Numbers, NumbersError, show, with_sign

CASES = yaml.safe_load((Path(__file__).parent / "rounding.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("value", "kind", "text"), CASES)
def test_rounding(value, kind, text):
    assert show(value, kind) == text


def back(text: str, kind: str) -> float:
    number = float(re.sub(r"[,%<>]", "", text).replace("−", "-"))
    return number / RULES[kind].factor


@settings(max_examples=300)
@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(RULES)))
def test_text_is_the_value_to_half_a_unit_of_its_last_digit(value, kind):
    text = show(value, kind)
    if text[0] in "<>":
        least = value >= 0 if RULES[kind].zero else value > 0
        assert least and value < back(text, kind) if text[0] == "<" else value > back(text, kind)
        return
    printed = len(text.rstrip("%").partition(".")[2])
    decimals = max(d for _, d in RULES[kind].steps) if RULES[kind].strip else printed
    half = 0.5000001 * 10.0**-decimals / RULES[kind].factor
    assert abs(back(text, kind) - value) <= half + 1e-9 * abs(value)


@settings(max_examples=300)
@given(st.floats(0, 1e5), st.floats(0, 1e5), st.sampled_from(sorted(RULES)))
def test_a_larger_value_never_prints_as_a_smaller_one(a, b, kind):
    low, high = sorted((a, b))
    texts = show(low, kind), show(high, kind)
    if not any(t[0] in "<>" for t in texts):
        assert back(texts[0], kind) <= back(texts[1], kind)


def test_numpy_and_pandas_values_print_as_pythons():
    assert show(np.float64(0.31), "ratio") == show(0.31, "ratio") == "0.31"
    assert show(np.int64(12), "count") == "12"
    assert show(pd.NA, "count") == show(np.nan, "count") == "–"


def test_an_unknown_kind_is_an_error_that_names_the_known_ones():
    with pytest.raises(NumbersError, match="known are count"):
        show(1, "percent")


def test_p_carries_its_own_sign():
    assert with_sign("p", show(0.03, "p")) == "p = 0.030"
    assert with_sign("p", show(0.0001, "p")) == "p < 0.001"


def test_a_number_cannot_differ_between_two_places():
    numbers = Numbers()
    assert numbers.add("x", 0.5, "ratio") == "0.50"
    assert numbers.add("x", 0.5, "ratio") == numbers.text("x")
    with pytest.raises(NumbersError, match=r"'x' is 0.5 in one place and 0.501 in another"):
        numbers.add("x", 0.501, "ratio")


def test_a_number_that_nobody_registered_cannot_be_printed():
    with pytest.raises(NumbersError, match="nobody registered"):
        Numbers().text("x")


def test_entries_are_json_whatever_they_were_made_of():
    numbers = Numbers()
    numbers.add("a", np.float64(0.25), "ratio", "", ["b", "b"], "an effect")
    numbers.add("b", math.nan, "p")
    numbers.add("c", (np.float64(1), math.inf), "ratio")
    numbers.add("d", pd.array([7], dtype="Int64")[0], "count", "patients")
    numbers.add_as_text("e", 66.6, "66.6%", ["data/raw/extraction/outcomes.csv, row 2"], "survival")
    entries = json.loads(json.dumps(numbers.as_list(), allow_nan=False))
    assert [e["value"] for e in entries] == [0.25, None, [1, "infinite"], 7, 66.6]
    assert entries[0] == {
        "id": "a",
        "what": "an effect",
        "value": 0.25,
        "text": "0.25",
        "unit": "",
        "parents": ["b"],
    }
    assert entries[4]["text"] == "66.6%"
