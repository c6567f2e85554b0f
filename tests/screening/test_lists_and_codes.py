"""Decisions of Covidence (lists) and EPPI-Reviewer (codes): rows of decisions.csv."""

import csv
import json

import pandas as pd
import pytest

import label
from livingmeta import tables
from livingmeta.screening import decisions

REASONS = {"wrong-drug": "Another drug", "animals": "Not in people"}
HEAD = ["Title", "Authors", "Published Year", "DOI", "Covidence #", "Study", "Notes", "Tags"]
RECORDS = pd.DataFrame(
    {
        "record_id": [f"doi:10.1000/{i}" for i in range(4)],
        "title": [f"Colchicine for gout, part {i}" for i in range(4)],
        "year": ["2020", "2021", "2022", "2020"],
        "identifiers": [f"doi:10.1000/{i} title:colchicine_for_gout_part_{i}" for i in range(4)],
    }
)


@pytest.fixture
def taken(tmp_path):
    """What `label` makes of files by their path below data/raw/screening."""

    def run(files):
        full = RECORDS.reindex(columns=tables.columns("screening/records"), fill_value="")
        tables.write(full.assign(copies=1), tmp_path / "records.csv", "screening/records")
        exports = []
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
            exports.append(path)
        said = []
        paths = {"records": tmp_path / "records.csv", "decisions": []}
        out = {"labels": tmp_path / "labels.csv"}
        label.main(exports, paths, out, "2026-11-26", REASONS, said.append)
        return tables.read(out["labels"], "data/decisions"), said

    return run


def listed(*rows):
    """A list of Covidence: `rows` are the number of a record and its notes."""
    lines = [HEAD]
    for number, notes in rows:
        title = f"Colchicine for gout, part {number}"
        lines.append([title, "Smith, A", "2020", f"10.1000/{number}", f"#{number}", "", notes, "x"])
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)


def short(found, *columns):
    return found[["record", *columns]].to_numpy().tolist()


def test_a_list_is_the_decision(taken):
    found, said = taken(
        {
            "covidence/review_7_irrelevant_csv_20260301120000.csv": listed((0, "")),
            "covidence/review_7_select_csv_20260301120001.csv": listed((1, "")),
            "covidence/review_7_excluded_csv_20260301120002.csv": listed(
                (2, "Exclusion reason: Another drug; low dose; ")
            ),
            "covidence/review_7_included_csv_20260301120003.csv": listed((3, "")),
            "covidence/review_7_screen_csv_20260301120004.csv": listed((0, "")),
        }
    )
    first, second = decisions.STAGES
    assert sorted(short(found, "stage", "decision", "reason", "note")) == [
        ["doi:10.1000/0", first, "exclude", "", ""],
        ["doi:10.1000/1", first, "include", "", ""],
        ["doi:10.1000/2", second, "exclude", "wrong-drug", "low dose"],
        ["doi:10.1000/2", first, "include", "", "low dose"],
        ["doi:10.1000/3", second, "include", "", ""],
        ["doi:10.1000/3", first, "include", "", ""],
    ]
    assert set(found["reviewer"]) == {decisions.CONSENSUS}
    assert set(found["decided_on"]) == {"2026-03-01"}
    assert not [line for line in said if line.startswith("look at")]


def test_the_later_list_holds_and_two_of_one_day_are_told(taken):
    earlier = "covidence/review_7_select_csv_20260301120000.csv"
    later = "covidence/review_7_irrelevant_csv_20260401120000.csv"
    found, _ = taken({later: listed((0, "")), earlier: listed((0, ""))})
    assert short(found, "decision", "decided_on") == [
        ["doi:10.1000/0", "include", "2026-03-01"],
        ["doi:10.1000/0", "exclude", "2026-04-01"],
    ]
    same = "covidence/review_7_irrelevant_csv_20260301130000.csv"
    found, said = taken({same: listed((0, ""), (1, "")), earlier: listed((0, ""))})
    assert short(found, "decision") == [["doi:10.1000/1", "exclude"]]
    assert "votes that differ" in said[-2]


@pytest.mark.parametrize("name", ["refs.csv", "included or excluded.csv"])
def test_a_name_that_tells_no_list_is_refused(taken, name):
    with pytest.raises(tables.TableError, match="right would be one of screen, irrelevant"):
        taken({f"covidence/{name}": listed((0, ""))})


def coded(*items):
    """EPPI-Reviewer's JSON: an item is number, year, and by code who gave it, final or not."""
    found = []
    for number, year, codes in items:
        lists = [
            {
                "key": {"attId": 1, "attName": code, "fullPath": code},
                "value": [
                    {"contactName": who, "isComplete": final, "infoBox": note, "pdf": []}
                    for who, final, note in given
                ],
            }
            for code, given in codes.items()
        ]
        title = f"Colchicine for gout: part {number}."
        about = {"itemId": number, "title": title, "shortTitle": f"Smith ({year})"}
        found.append({**about, "state": "Included", "codingsList": lists, "outcomesLists": []})
    return json.dumps({"attributes": [], "items": found})


FILE = "eppi/All coding for Screen on Title & Abstract.json"


def test_each_person_has_a_vote_and_the_final_one_settles_what_differs(taken):
    found, said = taken(
        {
            FILE: coded(
                (0, 2020, {"INCLUDE on title & abstract": [("Ann", True, ""), ("Bo", False, "")]}),
                (
                    1,
                    2021,
                    {
                        "EXCLUDE on another drug": [("Ann", False, "low  dose")],
                        "Include for second opinion": [("Bo", True, "")],
                        "Ongoing": [("Bo", True, "")],
                    },
                ),
                (2, 2016, {"EXCLUDE": [("Ann", True, "")]}),
                (9, 2020, {"EXCLUDE": [("Ann", True, "")]}),
                (3, 2020, {"EXCLUDE": [("Ann", True, "")], "INCLUDE": [("Ann", True, "")]}),
            )
        }
    )
    assert short(found, "reviewer", "decision", "reason", "note") == [
        ["doi:10.1000/0", "Ann", "include", "", ""],
        ["doi:10.1000/0", "Bo", "include", "", ""],
        ["doi:10.1000/1", "Ann", "exclude", "wrong-drug", "low dose"],
        ["doi:10.1000/1", "Bo", "unsure", "", ""],
        ["doi:10.1000/1", "consensus", "unsure", "", ""],
    ]
    assert set(found["stage"]) == {"title-abstract"}
    told = "\n".join(said)
    assert "part 2.': no record of that title and year" in told
    assert "part 9.': no record of that title" in told
    assert "part 3.': Ann said exclude and include; none is taken" in told
    assert "code 'Ongoing' (1 times)" in told


def test_codes_at_full_text_are_rows_that_the_next_run_takes(taken, tmp_path):
    codes = {"EXCLUDE: Not in people": [("Ann", True, "mice")]}
    found, _ = taken({"eppi/Screen on Full Text.json": coded((0, 2020, codes))})
    assert short(found, "stage", "reason", "note") == [
        ["doi:10.1000/0", "full-text", "animals", "mice"]
    ]
    tables.write(found, tmp_path / "again.csv", "data/decisions")
    with open(tmp_path / "again.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"References": []}', '{"items": [1]}'])
def test_json_that_is_no_such_export_is_refused(taken, content):
    with pytest.raises(tables.TableError, match=r"All coding .*json: it "):
        taken({FILE: content})
