"""What each effect was made from: the rows of effects/used.csv."""

from math import nan

import pandas as pd

import asking
from livingmeta.effects.harmonise import harmonise

ARMS = {"local": "local treatment", "control": "control"}


def test_counts_of_a_million_stand_in_full_in_the_sentence_and_in_the_table():
    records = [
        {"study_id": "s1", "outcome": "resp", "arm": arm, "time": nan, "statistic": "events"}
        | {"value": value, "n": n, "row": row, "ci_level": nan, "adjusted": "", "note": ""}
        for row, arm, value, n in ((2, "local", 1200345, 2500010), (3, "control", 7, 1234567))
    ]
    synthesis = {"outcome": "resp", "measure": "OR", "arms": ["local", "control"], "time": None}
    meta = {"resp": asking.outcome(kind="binary")}
    studies = pd.DataFrame({"study_id": ["s1"]})
    effects, _, _, used = harmonise(
        pd.DataFrame(records), studies, {"x": asking.synthesis(**synthesis)}, ARMS, meta
    )
    said = "events local 1200345 of 2500010 (row 2); events control 7 of 1234567 (row 3)"
    assert effects["inputs"].tolist() == [said]
    assert used[["row", "value", "n"]].to_numpy(float).tolist() == [
        [2, 1200345, 2500010],
        [3, 7, 1234567],
    ]
    assert used["used"].all()
