"""From a registration to its study and its reports, and what is still going on."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.report import ongoing
from livingmeta.screening import trials
from livingmeta.words.numbers import Numbers

A, B, C = "NCT00000001", "NCT00000002", "ISRCTN00000003"
KNOWN = {name: {name} for name in ("entry-a", "entry-b", "entry-c", "paper", "other")}


def registrations(*rows):
    """Rows (number, record, role)."""
    blank = dict.fromkeys(tables.columns("screening/registrations"), "")
    said = {"status": "Recruiting", "sponsor": "Ward 5", "enrolment": "120", "started": "2025-01"}
    made = [
        blank
        | {"number": n, "register": "R", "record_id": r, "role": role, "title": f"Title of {r}"}
        | (said if role == "entry" else {})
        for n, r, role in rows
    ]
    return pd.DataFrame(made, columns=list(blank))


def studies(*rows):
    """Rows (study_id, records, registration)."""
    table = pd.DataFrame(rows, columns=["study_id", "records", "registration"], dtype=object)
    return table.assign(row=range(2, len(table) + 2))


def found(held, stands, given=(), number=A):
    standing = pd.DataFrame(
        {"record_id": list(stands), "state": list(stands.values())}, dtype=object
    )
    table = trials.of(registrations(*held), standing, studies(*given), KNOWN)
    return table.set_index("number").loc[number].to_dict()


ENTRY = (A, "entry-a", "entry")


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [
        ("included", True), ("undecided", True), ("unsure", True), ("conflict", True),
        ("not-retrieved", True), ("excluded", False),
    ],
)  # fmt: skip
def test_a_registration_goes_on_where_it_counts_or_may(state, goes_on):
    row = found([ENTRY], {"entry-a": state})
    assert (row["ongoing"], row["state"]) == (goes_on, state)
    assert (row["status"], row["sponsor"], row["enrolment"]) == ("Recruiting", "Ward 5", "120")


@pytest.mark.parametrize(("state", "goes_on"), [("included", False), ("excluded", True)])
def test_a_report_that_names_it_ends_that_unless_it_was_excluded(state, goes_on):
    row = found([ENTRY, (A, "paper", "named")], {"entry-a": "included", "paper": state})
    assert row["ongoing"] == goes_on
    assert row["reports"] == ("" if goes_on else "paper")


def test_an_entry_of_another_register_is_no_report():
    held = [ENTRY, (A, "entry-c", "named"), (C, "entry-c", "entry")]
    stands = {"entry-a": "included", "entry-c": "included"}
    rows = [found(held, stands, number=number) for number in (A, C)]
    assert [(row["reports"], row["others"]) for row in rows] == [("", ""), ("", A)]
    assert sum(row["ongoing"] for row in rows) == 1


def test_a_study_leads_to_its_registration_by_number():
    stands = {"entry-a": "included", "paper": "included"}
    for written in (f"{A}, {C}", f"nct 00000001; {C}"):
        row = found([ENTRY], stands, [("kim-2021", "paper", written)])
        assert (row["studies"], row["reports"], row["ongoing"]) == ("kim-2021", "paper", False)
    row = found([ENTRY], stands, [("kim-2021", "paper", f"{A} {C}")], number=C)
    assert (row["record_id"], row["studies"], row["ongoing"]) == ("", "kim-2021", False)
    # A study that has the registration alone is known, and goes on.
    row = found([ENTRY], stands, [("kim-2021", "entry-a", "")])
    assert (row["studies"], row["ongoing"]) == ("kim-2021", True)


def test_a_registration_without_a_number_is_told():
    cells = [(f"studies.csv, row {n}", cell) for n, cell in enumerate((A, "", "see paper"), 2)]
    told = trials.not_understood(cells)
    assert len(told) == 1
    assert told[0].startswith("studies.csv, row 4, column registration: 'see paper'")


def test_the_table_of_the_report_tells_what_the_registers_say():
    standing = pd.DataFrame(
        {"record_id": ["entry-a", "entry-b"], "state": ["undecided", "excluded"]}
    )
    held = registrations(ENTRY, (B, "entry-b", "entry"))
    table = trials.of(held, standing, studies(), KNOWN)
    records = pd.DataFrame({"record_id": ["entry-a"], "url": ["https://example.org/a"]})
    numbers = Numbers()
    rows = ongoing.section({"trials": table, "records": records}, numbers)
    assert numbers.entry("ongoing")["value"] == 1
    assert [(r["names"], r["started"], r["stands"]) for r in rows] == [
        (A, "2025-01", "awaits a decision")
    ]
    assert rows[0]["address"] == "https://example.org/a"
    nothing = {"trials": tables.empty("screening/trials"), "records": records}
    assert ongoing.section(nothing, Numbers()) == []


TWICE = [ENTRY, (C, "entry-a", "named"), (C, "entry-c", "entry"), (A, "entry-c", "named")]


def test_a_trial_that_two_registers_hold_has_one_set_of_reports_and_is_told_once():
    stands = {"entry-a": "included", "entry-c": "included"}
    assert [found(TWICE, stands, number=n)["ongoing"] for n in (C, A)] == [True, False]
    study = [("s", "paper", C)]
    for number in (A, C):
        row = found(TWICE, stands | {"paper": "included"}, study, number)
        assert (row["reports"], row["studies"], row["ongoing"]) == ("paper", "s", False)


def test_the_other_number_of_an_entry_leads_to_its_study_without_an_entry_of_its_own():
    held = [ENTRY, (C, "entry-a", "named")]
    row = found(held, {"entry-a": "included", "paper": "included"}, [("s", "paper", C)])
    assert (row["reports"], row["studies"], row["ongoing"]) == ("paper", "s", False)
    assert found(held, {"entry-a": "included"})["ongoing"]


def test_a_study_that_goes_on_from_a_trial_is_a_trial_of_its_own():
    table = registrations(ENTRY, (C, "entry-a", "named"), (C, "entry-c", "entry"))
    table.loc[table["record_id"] == "entry-a", "title"] = "Long-term extension of the ward 5 trial"
    standing = pd.DataFrame({"record_id": ["entry-a", "paper"], "state": ["included"] * 2})
    rows = trials.of(table, standing, studies(("s", "paper", C)), KNOWN).set_index("number")
    assert rows.loc[A, "ongoing"]
    assert rows.loc[A, "reports"] == ""
    assert rows.loc[C, "reports"] == "paper"


def test_the_entry_that_was_let_in_tells_a_trial_of_two_registers():
    stands = {"entry-a": "included", "entry-c": "undecided"}
    assert [found(TWICE, stands, number=n)["ongoing"] for n in (C, A)] == [False, True]


def test_two_numbers_of_one_register_are_two_trials():
    held = [ENTRY, (B, "entry-a", "named"), (B, "entry-b", "entry"), (B, "paper", "named")]
    stands = {"entry-a": "included", "entry-b": "included", "paper": "included"}
    assert [found(held, stands, number=n)["ongoing"] for n in (A, B)] == [True, False]
    # Nor does a trial elsewhere that both name make them one.
    both = [ENTRY, (B, "entry-b", "entry"), (C, "entry-a", "named"), (C, "entry-b", "named")]
    assert [found(both, stands, number=n)["ongoing"] for n in (A, B)] == [True, True]
