"""Digitised curves in a review: found by name, rebuilt with their numbers at risk, or refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.extraction.curves import drawing, read

NAME = "ahn-2015.drug.survival.csv"
OUTCOMES = ("survival", "pfs", "survival-late")


def rebuilt_of(files, printed, until="leave-out"):
    """What is made of tables of clicks by the names of their files."""
    named = [
        drawing.named(f"{drawing.FOLDER}/{name}", table, OUTCOMES) for name, table in files.items()
    ]
    return read.rebuild_all(named, printed, until)


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
    found = rebuilt_of({NAME: clicks()}, printed).curves
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
    found = rebuilt_of({"v1.2.drug.survival.csv": clicks()}, printed).curves
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
        rebuilt_of({name: clicks()}, printed)
    assert says in str(caught.value)
    assert "data/raw/extraction/curves/" in str(caught.value)


def test_without_numbers_at_risk_the_patients_and_events_of_the_arm_serve_for_a_low_grade():
    printed = outcomes(("events", np.nan, 10.0), ("survival", 6.0, 0.7)).assign(n=[20.0, 14.0])
    curve = rebuilt_of({NAME: clicks()}, printed).curves["ahn-2015", "drug", "survival"]
    assert (curve.n, curve.events, curve.grade) == (20, 10, "rough")
    alone = outcomes(("survival", 6.0, 0.7), ("median", np.nan, 9.0)).assign(n=[14.0, 20.0])
    curve = rebuilt_of({NAME: clicks()}, alone).curves["ahn-2015", "drug", "survival"]
    assert (curve.n, curve.grade) == (20, "rough")
    assert "no total of events" in curve.warnings[0]


def test_events_that_two_read_unlike_are_not_those_of_the_first():
    risk = [("at-risk", 0.0, 20.0), ("at-risk", 5.0, 16.0)]

    def found(*events):
        printed = outcomes(*risk, *(("events", np.nan, e) for e in events))
        return rebuilt_of({NAME: clicks()}, printed).curves["ahn-2015", "drug", "survival"]

    assert found(10.0).grade == "close"
    assert any("18 printed" in warning for warning in found(18.0).warnings)
    for events in ((18.0, 10.0), (10.0, 18.0)):
        assert found(*events).data.equals(found().data)


def test_arms_seen_at_the_same_scans_die_on_the_same_days():
    scans = np.array([5.0, 10.0, 15.0])

    def arm(late, levels):
        return pd.DataFrame(
            {"time": [0, *(scans + late), 20], "survival": [1, *levels, levels[-1]]}
        )

    def days(late):
        files = {
            "s.drug.pfs.csv": arm(0, (0.9, 0.75, 0.55)),
            "s.none.pfs.csv": arm(late, (0.7, 0.5, 0.25)),
        }
        risk = [("at-risk", 0.0, 40.0), ("at-risk", 20.0, 10.0)]
        printed = pd.concat([outcomes(*risk, study="s")] * 2, ignore_index=True)
        printed["outcome"] = "pfs"
        printed.loc[2:, "arm"] = "none"
        printed.loc[1, "value"] = 22.0
        found = rebuilt_of(files, printed).curves.values()
        return [sorted(set(c.data.loc[c.data["event"] == 1, "time"])) for c in found]

    first, second = days(0.03)
    assert first == second == pytest.approx(scans + 0.015)
    first, second = days(0.5)
    assert first == pytest.approx(scans)
    assert second == pytest.approx(scans + 0.5)


def test_numbers_at_risk_of_two_extractors_count_once_and_those_of_consensus_alone():
    once = outcomes(("at-risk", 0.0, 20.0), ("at-risk", 5.0, 16.0), ("events", np.nan, 10.0))
    wrong = outcomes(("at-risk", 5.0, 12.0)).assign(extractor="ann")
    agreed = outcomes(("at-risk", 5.0, 16.0)).assign(extractor="consensus")

    def rebuilt(*tables_):
        table = pd.concat(tables_, ignore_index=True)
        return rebuilt_of({NAME: clicks()}, table).curves["ahn-2015", "drug", "survival"]

    curve = rebuilt(once)
    for same in (rebuilt(once, once.assign(extractor="ann")), rebuilt(once, wrong, agreed)):
        pd.testing.assert_frame_equal(same.data, curve.data)
    # Until it is settled neither number at that time is used, or that of one reader.
    without = once[once["time"] != 5.0]
    pd.testing.assert_frame_equal(rebuilt(once, wrong).data, rebuilt(without).data)
    both = pd.concat([once.assign(extractor="kim"), wrong], ignore_index=True)
    by_kim = rebuilt_of({NAME: clicks()}, both, "kim").curves["ahn-2015", "drug", "survival"]
    pd.testing.assert_frame_equal(by_kim.data, curve.data)
    start = outcomes(("at-risk", 0.0, 20.0))
    clash = pd.concat([start, start.assign(value=21.0, extractor="ann")], ignore_index=True)
    assert rebuilt_of({NAME: clicks()}, clash).curves == {}


def test_two_files_of_one_curve_by_one_person_are_refused_whichever_comes_first(tmp_path):
    paths = []
    for folder in ("ann", "kim"):
        (tmp_path / folder).mkdir()
        paths.append(str(tmp_path / folder / NAME))
        clicks().to_csv(paths[-1], index=False)
    for files in (paths, paths[::-1]):
        with pytest.raises(tables.TableError, match="keep one of the two"):
            read.read(files, "months", OUTCOMES)
    [one] = read.read(paths[:1], "months", OUTCOMES)
    assert (one.key, one.by, one.file) == (("ahn-2015", "drug", "survival"), "", paths[0])


@pytest.mark.parametrize("by", ["consensus", "Consensus.", "Consensus (kim, ann)"])
def test_a_curve_that_people_agreed_on_is_known_by_its_head(by):
    origin = SimpleNamespace(by=by, on=None)
    points = pd.DataFrame({"time": [0.0, 5.0], "survival": [1.0, 0.5]})
    points.attrs["origin"] = origin
    found = drawing.named(f"{drawing.FOLDER}/ahn-2015.drug.pfs.csv", points, OUTCOMES)
    assert found.by == "consensus"
