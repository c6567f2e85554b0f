"""A number of a register leads from a trial to all that is reported of it, and makes no two one."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.screening import decisions, registrations
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export

REGISTER = """NCT Number,Study Title,Study Status,Sponsor,Enrollment,Start Date
NCT97000001,Snow against ice in towns,RECRUITING,Town of Roofs,120,2024-02
NCT97000002,Rain against ice in towns,COMPLETED,Town of Roofs,60,2020-02
"""
PAPERS = """PMID- 91000071
TI  - Snow against ice in towns
AB  - First results of NCT97000001.
FAU - Lind, Ola
DP  - 2025

PMID- 91000072
TI  - What became of the snow after five years
SI  - ClinicalTrials.gov/NCT97000001
FAU - Lind, Ola
DP  - 2026

PMID- 91000073
TI  - A paper on something else
DP  - 2026
"""


def _held(tmp_path, **files):
    read = []
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        read.append(export.read(tmp_path / name)[0].assign(file=name, source=name))
    copies = pd.concat(read, ignore_index=True)
    linked, duplicates, _, listed = records.assemble(copies)
    return registrations.held(copies, records.copy_names(copies), listed), linked, duplicates


def test_a_number_leads_to_the_entry_and_to_both_papers(tmp_path):
    found, linked, _ = _held(tmp_path, register=REGISTER, papers=PAPERS)
    one = found[found["number"] == "NCT97000001"].set_index("record_id")
    assert sorted(one["role"]) == ["entry", "named", "named"]
    assert {"pmid:91000071", "pmid:91000072"} < set(one.index)
    entry = one[one["role"] == "entry"].iloc[0]
    assert (entry["status"], entry["sponsor"], entry["enrolment"]) == (
        "RECRUITING",
        "Town of Roofs",
        "120",
    )
    assert not one.loc["pmid:91000071", "status"]
    assert set(one["register"]) == {"ClinicalTrials.gov"}
    assert len(linked) == 5  # the paper of the same title stays a record of its own


@pytest.mark.parametrize("written", ["NCT97000002", " nct97000002", "Nct97000002."])
def test_an_entry_goes_by_the_number_of_its_trial(tmp_path, written):
    """A paper that names the number is another record, and does not."""
    _, linked, _ = _held(tmp_path, register=REGISTER, papers=PAPERS)
    vote = dict.fromkeys(tables.columns("data/decisions"), "")
    vote |= {"record": written, "stage": "title-abstract", "reviewer": "kim"}
    vote |= {"decision": "exclude", "decided_on": "2026-01-05"}
    out = decisions.resolve(linked, pd.DataFrame([vote]), reviewers=1, reasons=[])
    assert out.unmatched.empty
    assert out.excluded["title"].tolist() == ["Rain against ice in towns"]
    named = linked.set_index("record_id")["identifiers"]
    assert "NCT97000001" not in named["pmid:91000071"].split()


def test_an_entry_read_twice_says_what_either_copy_says(tmp_path):
    bare = """TY  - WEB
TI  - Snow against ice in towns
JO  - ClinicalTrials.gov
UR  - https://clinicaltrials.gov/study/NCT97000001
ER  -
"""
    found, _, _ = _held(tmp_path, bare=bare, register=REGISTER)
    statuses = set(found.loc[found["number"] == "NCT97000001", "status"])
    assert "RECRUITING" in statuses


def test_without_numbers_the_table_is_empty(tmp_path):
    found, _, _ = _held(tmp_path, papers="PMID- 91000074\nTI  - A paper on something else\n")
    assert found.empty
    assert list(found.columns) == registrations.COLUMNS
