"""Results posted on ClinicalTrials.gov, read as they are and held against extracted numbers."""

import json

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.judgement import posted as judged
from livingmeta.screening.readers import posted
from livingmeta.words import inspect_sr as words

N = "NCT97000041"
KNOWN = judged.Known(
    {"fever": "Fever", "pain": "Pain score"},
    {"drug": "Testomycin", "none": "No testomycin"},
    "weeks",
)


def measure(title="Fever at one week", frame="7 days", parameter="COUNT_OF_PARTICIPANTS", **more):
    values = more.pop("values", ("12", "20"))
    spreads = more.pop("spreads", ("", ""))
    names = more.pop("names", ("Testomycin 10 mg", "No testomycin"))
    return {
        "type": "PRIMARY",
        "title": title,
        "timeFrame": frame,
        "paramType": parameter,
        "unitOfMeasure": "Participants",
        "groups": [{"id": f"OG00{i}", "title": name} for i, name in enumerate(names)],
        "denoms": [
            {
                "units": "Participants",
                "counts": [{"groupId": f"OG00{i}", "value": "40"} for i in range(len(names))],
            }
        ],
        "classes": [
            {
                "categories": [
                    {
                        "measurements": [
                            {"groupId": f"OG00{i}", "value": v, "spread": s}
                            for i, (v, s) in enumerate(zip(values, spreads, strict=True))
                        ]
                    }
                ]
            }
        ],
    } | more


def export(path, *measures, updated="2024-01-01"):
    study = {
        "protocolSection": {
            "identificationModule": {"nctId": N, "briefTitle": "T"},
            "statusModule": {"lastUpdatePostDateStruct": {"date": updated}},
        },
        "resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": list(measures)}},
    }
    path.write_text(json.dumps({"studies": [study]}))
    return str(path)


def extracted(arm="drug", value=12, n=40, outcome="fever", time=1.0, statistic="events", **more):
    blank = dict.fromkeys(("part", "unit", "measured"), "") | {"sd": None, "se": None}
    here = {"study_id": "a", "outcome": outcome, "arm": arm, "time": time}
    return blank | here | {"statistic": statistic, "value": value, "n": n} | more


def found(tmp_path, measures, rows, studies="a"):
    held = posted.of([export(tmp_path / "e.json", *measures)])
    tables.write(held, tmp_path / "posted.csv", "screening/posted")
    held = tables.read(tmp_path / "posted.csv", "screening/posted")
    trials = pd.DataFrame([{"number": N, "studies": studies}])
    told = judged.found(held, trials, pd.DataFrame(rows), KNOWN)
    assert all(check == "2.3" and number == N for check, _, number, *_ in told.get("a", []))
    return {what: (value, expected) for _, what, _, value, expected in told.get("a", [])}


def test_what_is_posted_is_kept_as_it_is(tmp_path):
    analysis = {
        "groupIds": ["OG000", "OG001"],
        "paramType": "Hazard Ratio (HR)",
        "paramValue": "0.7",
        "ciLowerLimit": "0.5",
        "ciUpperLimit": "0.9",
        "pValue": "0.01",
    }
    old = export(tmp_path / "old.json", measure(values=("1", "2")), updated="2020-01-01")
    new = export(tmp_path / "new.json", measure(analyses=[analysis]))
    rows = posted.of([new, old]).to_dict("records")
    assert [(r["group"], r["value"], r["n"]) for r in rows] == [
        ("Testomycin 10 mg", "12", "40"),
        ("No testomycin", "20", "40"),
        ("Testomycin 10 mg | No testomycin", "0.7", ""),
    ]
    assert (rows[2]["lower"], rows[2]["upper"], rows[2]["p_value"]) == ("0.5", "0.9", "0.01")
    (tmp_path / "other.json").write_text('{"studies": []}')
    assert posted.of([str(tmp_path / "other.json")]).empty


def test_numbers_that_agree_and_that_differ(tmp_path):
    rows = [extracted(), extracted("none", 21)]
    told = found(tmp_path, [measure()], rows)
    assert told == {
        words.NOT_AS_POSTED: (
            "Fever, No testomycin, 1 weeks: events 21, n 40",
            "Fever, No testomycin, 1 weeks: events 20, n 40",
        ),
        words.AS_POSTED: ("Fever, Testomycin, 1 weeks: events 12, n 40", ""),
    }
    for what, (value, expected) in told.items():
        row = {"found": what, "source": N, "value": value, "expected": expected}
        assert value in words.said(row)
        assert expected in words.said(row)
        assert (what in words.AGAINST_REGISTER) == (what == words.NOT_AS_POSTED)


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        ({"value": 3.2, "sd": 1.1}, ("3.21", "1.10"), True),
        ({"value": 3.2, "sd": 1.1}, ("3.26", "1.10"), False),
        ({"value": 3.2, "sd": 1.1}, ("3.2", "0.2"), False),  # an SE where an SD is posted
        ({"value": 3.2, "sd": None}, ("3.2", "0.2"), True),
        ({"value": 3.2, "n": 39}, ("3.2", "1.1"), False),
    ],
)
def test_means_with_their_spread(tmp_path, mine, theirs, same):
    one = measure(
        "Pain score",
        "Week 1",
        "MEAN",
        dispersionType="Standard Deviation",
        values=(theirs[0], "5"),
        spreads=(theirs[1], "1"),
    )
    told = found(tmp_path, [one], [extracted(outcome="pain", statistic="mean", **mine)])
    assert (words.AS_POSTED in told) == same
    assert (words.NOT_AS_POSTED in told) != same


@pytest.mark.parametrize(
    ("measures", "rows"),
    [
        ([measure("Temperature")], [extracted()]),  # of which outcome?
        ([measure("Fever, and pain score")], [extracted()]),
        ([measure("No fever at one week")], [extracted()]),  # of those who have none
        ([measure("Participants without fever")], [extracted()]),
        ([measure("Freedom from fever")], [extracted()]),
        ([measure(frame="up to 7 days")], [extracted()]),  # a period
        ([measure(frame="7 days, 14 days")], [extracted()]),
        ([measure(frame="4 weeks")], [extracted()]),  # another time
        ([measure(names=("Testomycin 10 mg", "Testomycin 20 mg"))], [extracted()]),
        ([measure(), measure()], [extracted()]),  # which of the two?
        ([measure(parameter="GEOMETRIC_MEAN")], [extracted()]),
        ([measure(values=("NA", "NA"))], [extracted()]),  # that n is the same says nothing
        ([measure()], [extracted(part="stage III")]),
        ([measure("Change in pain score", parameter="MEAN")], [
            extracted(outcome="pain", statistic="mean")
        ]),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_shown_and_does_not_wait(tmp_path, measures, rows):
    titles = " | ".join(dict.fromkeys(one["title"] for one in measures))
    assert found(tmp_path, measures, rows) == {words.NOT_COMPARED: ("", titles)}


def test_a_trial_that_is_several_studies_is_not_compared(tmp_path):
    assert found(tmp_path, [measure()], [extracted()], studies="a b") == {}


def test_one_of_two_readings_that_agrees_is_enough(tmp_path):
    rows = [extracted(value=13), extracted(value=12), extracted("none", 20)]
    assert words.NOT_AS_POSTED not in found(tmp_path, [measure()], rows)
