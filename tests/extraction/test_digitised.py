"""Digitised curves in a review: found by name, rebuilt with their numbers at risk, or refused."""

import numpy as np
import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.extraction.curves import read

NAME = "ahn-2015.drug.survival.csv"


def clicks():
    """A curve of 20 patients, one death a month for ten months, none censored before."""
    time = np.arange(11.0)
    return pd.DataFrame({"time": time, "survival": 1 - time / 20})


def outcomes(*rows, study="ahn-2015"):
    table = tables.empty("extraction/outcomes")
    for number, (statistic, time, value) in enumerate(rows):
        table.loc[number, ["study_id", "arm", "outcome"]] = [study, "drug", "survival"]
        table.loc[number, ["statistic", "time", "value"]] = [statistic, time, value]
    return table


def test_the_numbers_at_risk_of_the_same_arm_rebuild_the_curve():
    printed = outcomes(("at-risk", 0.0, 20.0), ("at-risk", 5.0, 16.0), ("events", np.nan, 10.0))
    found = read.rebuild_all({NAME: clicks()}, printed)
    curve = found["ahn-2015", "drug", "survival"]
    assert (curve.n, curve.events) == (20, 10)
    assert curve.rmse < 0.01
    told = read.quality(found)
    assert told.loc[0, ["study_id", "n", "events"]].tolist() == ["ahn-2015", 20, 10]
    people = read.individual(found)
    assert len(people) == 20
    assert people["event"].sum() == 10


def test_a_study_id_may_hold_points():
    printed = outcomes(("at-risk", 0.0, 20.0), study="v1.2")
    found = read.rebuild_all({"v1.2.drug.survival.csv": clicks()}, printed)
    assert list(found) == [("v1.2", "drug", "survival")]


@pytest.mark.parametrize(
    ("name", "printed", "says"),
    [
        ("curve.csv", outcomes(("at-risk", 0.0, 20.0)), "its name must be"),
        ("x.drug.survival.csv", outcomes(("at-risk", 0.0, 20.0)), "no row of the study 'x'"),
        (NAME, outcomes(("median", np.nan, 20.0)), "no numbers at risk"),
        (NAME, outcomes(("at-risk", 0.0, 20.0), ("at-risk", 5.0, 30.0)), NAME),
    ],
)
def test_what_cannot_be_right_is_named_by_file(name, printed, says):
    with pytest.raises(tables.TableError) as caught:
        read.rebuild_all({name: clicks()}, printed)
    assert says in str(caught.value)
    assert "data/raw/extraction/curves/" in str(caught.value)


def test_numbers_at_risk_of_two_extractors_count_once_and_those_of_consensus_alone():
    once = outcomes(("at-risk", 0.0, 20.0), ("at-risk", 5.0, 16.0), ("events", np.nan, 10.0))
    wrong = outcomes(("at-risk", 5.0, 12.0)).assign(extractor="ann")
    agreed = outcomes(("at-risk", 5.0, 16.0)).assign(extractor="consensus")

    def rebuilt(*tables_):
        table = pd.concat(tables_, ignore_index=True)
        return read.rebuild_all({NAME: clicks()}, table)["ahn-2015", "drug", "survival"]

    curve = rebuilt(once)
    for same in (rebuilt(once, once.assign(extractor="ann")), rebuilt(once, wrong, agreed)):
        pd.testing.assert_frame_equal(same.data, curve.data)
    with pytest.raises(tables.TableError, match="two numbers at risk at time 5"):
        rebuilt(once, wrong)
