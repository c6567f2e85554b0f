"""Machines that vote: kept apart, compared, and silent where too little is known."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.formulas.shares import wilson
from livingmeta.screening import decisions, machines

COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
TA, FULL = decisions.STAGES
DAY = "2026-01-01"


def records(n):
    names = [f"doi:10.5555/{i}" for i in range(n)]
    return pd.DataFrame({"record_id": names, "title": names, "year": "", "identifiers": names})


def votes(rows):
    table = pd.DataFrame([(*row, "", DAY, "") for row in rows], columns=COLUMNS)
    return table.assign(row=range(2, len(table) + 2))


def reviewers(*rows):
    blank = dict.fromkeys(machines.DESCRIBED, "")
    found = [blank | {"reviewer": who, "kind": kind} for who, kind in rows]
    return pd.DataFrame(found, columns=tables.columns("data/reviewers"))


BOT = reviewers(("bot", "machine"))


def compared(n, rows, declared=BOT, reviewers=1):
    cast = votes(rows)
    people, _ = machines.apart(cast, declared)
    found = decisions.resolve(records(n), people, reviewers=reviewers, reasons=["x"])
    return machines.compare(records(n), cast, declared, found)


def test_rows_of_machines_are_apart_however_their_name_is_spelt():
    cast = votes([("1", TA, who, "include") for who in ("ab", "Bot", " bot ", "robin")])
    people, theirs = machines.apart(cast, BOT)
    assert people["reviewer"].tolist() == ["ab", "robin"]
    assert theirs["row"].tolist() == [3, 4]


def test_it_is_measured_against_what_people_came_to():
    rows = [(f"10.5555/{i}", TA, "ab", "include" if i < 20 else "exclude") for i in range(45)]
    rows += [(f"10.5555/{i}", TA, "bot", "include") for i in range(1, 22)]
    rows += [("10.5555/0", TA, "bot", "exclude"), ("10.5555/22", TA, "bot", "unsure")]
    rows += [(f"10.5555/{i}", TA, "bot", "exclude") for i in range(23, 48)]
    (row,) = compared(50, rows).to_dict("records")
    assert (row["votes"], row["unsure"], row["open"], row["unmatched"]) == (48, 1, 3, 0)
    assert (row["kept"], row["kept_too"], row["dropped"], row["dropped_too"]) == (20, 19, 25, 22)
    assert row["sensitivity"] == 0.95
    assert (row["sensitivity_low"], row["sensitivity_high"]) == wilson(19, 20)
    assert row["specificity"] == 0.88
    assert row["missed"] == "doi:10.5555/0"
    # Unsure is no word for including it.
    assert row["second_look"] == "doi:10.5555/20 doi:10.5555/21"


@pytest.mark.parametrize(("kept", "said"), [(19, False), (20, True)])
def test_a_share_of_fewer_than_twenty_cannot_be_said(kept, said):
    rows = [(f"10.5555/{i}", TA, who, "include") for i in range(kept) for who in ("ab", "bot")]
    (row,) = compared(kept, rows).to_dict("records")
    assert row["kept_too"] == row["kept"] == kept
    assert (row["sensitivity"] is not None) == said
    assert row["specificity"] is None


def test_its_last_vote_counts_and_what_names_no_record_is_counted():
    rows = [("10.5555/0", TA, "ab", "exclude"), ("10.5555/0", TA, "bot", "exclude")]
    rows += [("10.5555/0", TA, "BOT", "include"), ("10.5555/99", TA, "bot", "include")]
    (row,) = compared(2, rows).to_dict("records")
    assert (row["votes"], row["unmatched"], row["second_look"]) == (1, 1, "doi:10.5555/0")


def test_a_consensus_has_looked_already_and_one_vote_of_two_settles_nothing():
    rows = [("10.5555/0", TA, who, "exclude") for who in ("ab", "cd")]
    rows += [("10.5555/1", TA, "ab", "exclude")]
    rows += [(f"10.5555/{i}", TA, "bot", "include") for i in (0, 1)]
    (row,) = compared(2, rows, reviewers=2).to_dict("records")
    assert (row["second_look"], row["open"]) == ("doi:10.5555/0", 1)
    rows.append(("10.5555/0", TA, "consensus", "exclude"))
    (row,) = compared(2, rows, reviewers=2).to_dict("records")
    assert row["second_look"] == ""


def test_what_nobody_could_get_was_not_judged_at_full_text():
    cast = [("10.5555/0", TA, "ab", "include"), ("10.5555/0", FULL, "bot", "include")]
    table = votes([*cast, ("10.5555/0", FULL, "ab", "exclude")])
    table.loc[2, "reason"] = "not-retrieved"
    people, _ = machines.apart(table, BOT)
    found = decisions.resolve(records(1), people, reviewers=1, reasons=["not-retrieved"])
    row = machines.compare(records(1), table, BOT, found).set_index("stage").loc[FULL]
    assert (row["open"], row["dropped"], row["second_look"]) == (1, 0, "")


def test_a_machine_that_judged_nothing_has_one_row():
    (row,) = compared(1, []).to_dict("records")
    assert (row["reviewer"], row["declared"], row["stage"], row["votes"]) == ("bot", True, "", 0)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-model-x",
        "ChatGPT",
        "my LLM",
        "claude-3",
        "ASReview",
        "AI",
        "Rayyan AI",
        "GPT4o",
        "Gemini",
        "RobotReviewer",
        "Claude3.5",
        "RCT classifier",
        *(
            "o3-mini",
            "Elicit",
            "SWIFT",
            "SWIFT-ActiveScreener",
            "Rayyan",
            "Nested Knowledge",
            "KI",
            "ML",
        ),
    ],
)
def test_who_is_named_like_a_machine_is_asked_about(name):
    (row,) = compared(1, [("10.5555/0", TA, name, "include")], reviewers()).to_dict("records")
    assert (row["reviewer"], row["declared"]) == (name, False)
    known = reviewers((name.lower(), "person"))
    assert compared(1, [("10.5555/0", TA, name, "include")], known).empty


@pytest.mark.parametrize(
    "name",
    [
        "Claude",
        "ab",
        "Gptara",
        "Robin",
        "Gemini Ganesan",
        "consensus",
        "J Swift",
        "Ki Park",
        "ml",
        "Robert",
        "Gemma",
        "Otto Sr",
        "Rayyan Khan",
        "OL",
        "Mo3",
        "O1",
    ],
)
def test_who_is_named_like_a_person_is_not(name):
    assert compared(1, [("10.5555/0", TA, name, "include")], reviewers()).empty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("consensus,machine\n", "row 2, column reviewer: 'consensus'"),
        ("bot,machine\nBOT,person\n", "row 3, column kind: 'person'; "),
        ("bot,machine\nBOT,person\n", ", row 2 says 'machine' of the same 'BOT': keep one of the"),
        ("bot,robot\n", "column kind: 'robot'"),
    ],
)
def test_a_declaration_that_cannot_be_right_stops_with_its_place(tmp_path, text, said):
    path = tmp_path / "reviewers.csv"
    path.write_text("reviewer,kind\n" + text)
    with pytest.raises(InputError) as error:
        machines.declared([str(path)])
    assert str(path) in str(error.value)
    assert said in str(error.value)


def test_both_places_of_the_table_count_as_one(tmp_path):
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path, who in zip(paths, ("bot", "ab"), strict=True):
        path.write_text(f"reviewer,kind\n{who},{'machine' if who == 'bot' else 'person'}\n")
    found = machines.declared([str(path) for path in paths])
    assert found["reviewer"].tolist() == ["bot", "ab"]
    assert machines.declared([]).empty


def test_two_descriptions_of_one_machine_are_refused_with_both_rows(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("reviewer,kind,name,version\nab,person,,\nbot,machine,Sift,1.0\n")
    second.write_text("reviewer,kind,name,version\nBot,machine,Sifter,\n")
    with pytest.raises(InputError) as error:
        machines.declared([str(first), str(second)])
    (line,) = str(error.value).splitlines()
    assert f"{second}, row 2, column name: 'Sifter'; {first}, row 3 says 'Sift'" in line
    assert "differs in version too" in line
    second.write_text("reviewer,kind,name,version\nBot,machine,Sift,1.0\n")
    declared = machines.declared([str(first), str(second)])
    assert compared(1, [("10.5555/0", TA, "bot", "include")], declared)["reviewer"].size == 1


def test_what_a_machine_has_signed_as_a_person_is_refused():
    """As who judges or reads studies; its votes and its printed numbers are kept apart."""
    signed = [("certainty.csv", "ab"), ("certainty.csv", " Bot "), ("studies.csv", "robin")]
    with pytest.raises(InputError) as error:
        machines.must_be_people(BOT, [*signed, *signed])
    (line,) = str(error.value).splitlines()
    assert line.startswith("certainty.csv: ' Bot ' is a machine of data/raw/reviewers.csv")
    machines.must_be_people(reviewers(("bot", "person")), signed)
    machines.must_be_people(reviewers(), [("certainty.csv", "")])


IRIS = reviewers(("Iris", "machine")).assign(name="Iris screener", version="2.1")


@pytest.mark.parametrize("name", ["Iris 2.1", "iris v2", "iris-screener", "IrisScreener", "IRIS3"])
def test_another_form_of_a_machines_name_is_no_second_person(name):
    vote = [("10.5555/0", TA, name, "include")]
    assert name in compared(1, vote, IRIS)["reviewer"].tolist()
    both = pd.concat([IRIS, reviewers((name, "person"))])
    assert name not in compared(1, vote, both)["reviewer"].tolist()
    with pytest.raises(InputError, match="named nearly as the machine Iris of"):
        machines.must_be_people(IRIS, [("studies.csv", name)])
    machines.must_be_people(both, [("studies.csv", name)])


@pytest.mark.parametrize("name", ["Iris Meyer", "I. S.", "Irina", "Kim", "Screener 2"])
def test_who_has_a_machines_first_name_is_a_person(name):
    assert name not in compared(1, [("10.5555/0", TA, name, "include")], IRIS)["reviewer"].tolist()
    machines.must_be_people(IRIS, [("studies.csv", name)])


def test_wilson_is_the_interval_of_the_score_test():
    """Newcombe 1998 (Stat Med 17:857-72), table I: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    with pytest.raises(ValueError, match="no share"):
        wilson(1, 0)
