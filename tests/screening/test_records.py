"""From copies to records: nothing lost, the best of each field, names that stay."""

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.screening import identity, normalise
from livingmeta.screening.duplicates import records
from livingmeta.screening.duplicates.settled import SettledError
from livingmeta.screening.readers import fields


def _copies(rows):
    blank = dict.fromkeys(fields.COLUMNS, "")
    return pd.DataFrame(
        [
            {**blank, "file": f"{n}.ris", "line": 1, "raw": "", "source": f"database {n}", **row}
            for n, row in enumerate(rows)
        ]
    )


TITLE = "Local therapy of lung metastases from liver cancer: a matched study"
COPIES = _copies(
    [
        {"title": TITLE, "doi": "10.1000/ex.1", "year": "2021", "authors": "Kim, K"},
        {"title": TITLE, "doi": "10.1000/ex.1", "pmid": "11", "abstract": "Short."},
        {
            "title": TITLE,
            "pmid": "11",
            "abstract": "A longer abstract.",
            "type": "Retracted Publication",
        },
        {"title": "Something else altogether", "authors": "Kim, K", "year": "2021"},
    ]
)


def test_one_row_a_report():
    table, links, doubtful, held = records.assemble(COPIES)
    assert list(table.columns) == records.COLUMNS
    assert table["record_id"].tolist() == [
        "doi:10.1000/ex.1",
        identity.readable("Something else altogether", "2021", "Kim, K"),
    ]
    first = table.iloc[0]
    assert first["abstract"] == "A longer abstract."
    assert (first["year"], first["authors"], first["pmid"]) == ("2021", "Kim, K", "11")
    assert first["sources"] == "database 0; database 1; database 2"
    assert list(held.columns) == records.COPIES
    mine = held[held["record_id"] == first["record_id"]]
    assert mine["copy"].tolist() == ["0.ris:1", "1.ris:1", "2.ris:1"]
    assert mine[["file", "line"]].values.tolist() == [["0.ris", 1], ["1.ris", 1], ["2.ris", 1]]
    assert (first["copies"], first["flag"]) == (3, "retracted")
    assert {"doi:10.1000/ex.1", "pmid:11", f"title:{normalise.title_key(TITLE)}"} <= set(
        first["identifiers"].split()
    )
    assert len(links) == 2
    assert set(links["duplicate_of"]) == {"doi:10.1000/ex.1"}
    assert doubtful.empty


def test_a_name_survives_new_copies():
    """What a record was called before it got a DOI still finds it."""
    early = _copies([{"title": TITLE, "authors": "Kim, K", "year": "2021"}])
    name = records.assemble(early)[0]["record_id"].iloc[0]
    later = pd.concat([early, COPIES.iloc[:3]], ignore_index=True)
    later["line"] = range(1, 5)
    table, *_ = records.assemble(later)
    assert len(table) == 1
    assert table["record_id"].iloc[0] == "doi:10.1000/ex.1"
    assert name in table["identifiers"].iloc[0].split()


def test_a_shared_identifier_names_nobody():
    supplement = _copies(
        [
            {"title": "Ablation of lung nodules in adults", "doi": "10.1000/suppl", "pmid": "11"},
            {"title": "Survival after adrenalectomy", "doi": "10.1000/suppl"},
        ]
    )
    table, links, doubtful, _ = records.assemble(supplement)
    assert links.empty
    assert len(doubtful) == 1
    assert set(doubtful["duplicate_of"]) <= set(table["record_id"])
    assert table["record_id"].is_unique
    assert "pmid:11" in set(table["record_id"])
    assert "doi:10.1000/suppl" not in set(table["record_id"])


def test_records_alike_in_all_but_their_being_two():
    table, _, doubtful, _ = records.assemble(_copies([{"title": "Editorial"}] * 3))
    assert len(table) == 3
    assert table["record_id"].is_unique
    assert len(doubtful) == 3


EDITORIALS = _copies([{"title": "Editorial", "pmid": "21"}, {"title": "Editorial"}])


def _settled(*rows):
    return pd.DataFrame(rows, columns=["record", "other", "decision", "decided_by"])


def test_what_a_person_settled_is_honoured():
    """A doubtful pair called the same is linked, one called different is not asked about again."""
    assert len(records.assemble(EDITORIALS)[2]) == 1
    same = _settled(("PMID: 21", "1.ris:1", "same", "kim"))
    table, links, doubtful, _ = records.assemble(EDITORIALS, settled=same)
    assert (len(table), len(doubtful)) == (1, 0)
    assert links[["rule", "score", "decided_by"]].values.tolist() == [["settled", 1.0, "kim"]]
    different = _settled(("pmid:21", "1.ris:1", "different", "kim"))
    table, links, doubtful, _ = records.assemble(EDITORIALS, settled=different)
    assert (len(table), len(links), len(doubtful)) == (2, 0, 0)


def test_a_person_outweighs_a_shared_identifier():
    apart = _settled(("0.ris:1", "pmid:11", "different", "kim"))
    table, links, *_ = records.assemble(COPIES, settled=apart)
    assert len(table) == 3
    assert len(COPIES) == len(table) + len(links)


def test_settled_pairs_that_cannot_be():
    with pytest.raises(SettledError) as error:
        records.assemble(EDITORIALS, settled=_settled(("9.ris:1", "pmid:21", "maybe", "kim")))
    assert "row 2, column record: no export holds '9.ris:1'" in str(error.value)
    assert "'maybe'; same or different?" in str(error.value)


def test_a_settled_pair_waits_for_a_record_that_vanished():
    table, _, doubtful, _ = records.assemble(
        EDITORIALS, settled=_settled(("pmid:22", "pmid:21", "same", "kim"))
    )
    assert len(table) == 2
    (row,) = doubtful.attrs["waiting"]
    assert (row["row"], row["why"], row["name"]) == (2, "no-record", "pmid:22")
    assert row["records"] == "pmid:21"  # one slip apart


THREE = _copies([{"title": f"Study number {n} of the liver", "pmid": f"3{n}"} for n in range(3)])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_same_and_same_do_not_join_what_is_called_different(order):
    rows = [
        ("pmid:30", "pmid:31", "same", "kim"),
        ("pmid:31", "pmid:32", "same", "kim"),
        ("pmid:30", "pmid:32", "different", "lee"),
    ]
    assert len(records.assemble(THREE, settled=_settled(*rows[:2]))[0]) == 1
    with pytest.raises(SettledError, match="are called different, but"):
        records.assemble(THREE, settled=_settled(*(rows[n] for n in order)))


def test_a_name_that_fits_both_cannot_part_them():
    with pytest.raises(SettledError, match="share a copy"):
        records.assemble(COPIES, settled=_settled(("pmid:11", "pmid:11", "different", "kim")))


ABSTRACTS = _copies(
    [
        {"title": "Ablation of lung nodules in adults", "doi": "10.1000/suppl", "pages": "S1"},
        {"title": "Survival after adrenalectomy", "doi": "10.1000/suppl", "pages": "S9"},
        {"title": "Editorial", "volume": "3", "year": "2020"},
        {"title": "Editorial", "pmid": "21"},
    ]
)


@given(
    order=st.permutations(range(len(ABSTRACTS))),
    decisions=st.lists(st.sampled_from(["same", "different"]), min_size=2, max_size=2),
)
@settings(max_examples=30, deadline=None)
def test_what_doubtful_names_holds_in_another_export(order, decisions):
    """Settled by what doubtful.csv says; then the exports come renamed and in another order."""
    _, _, doubtful, _ = records.assemble(ABSTRACTS)
    assert len(doubtful) == 2
    settled = _settled(
        *(
            (row.record_id, row.duplicate_of, decision, "kim")
            for row, decision in zip(doubtful.itertuples(), decisions, strict=True)
        )
    )
    before = records.assemble(ABSTRACTS, settled=settled)
    later = ABSTRACTS.iloc[list(order)].assign(file="new.ris", line=range(1, len(order) + 1))
    table, links, asked, held = records.assemble(later, settled=settled)
    assert len(table) == len(before[0]) == 4 - decisions.count("same")
    assert len(table) + len(links) == len(later)
    assert set(held["copy"]) == {f"new.ris:{n}" for n in range(1, 5)}
    assert set(held["record_id"]) == set(table["record_id"])
    assert asked.empty
    assert asked.attrs["waiting"] == []


HUTS = _copies(
    [
        {"title": "Snow loads on the roofs of huts", "doi": "10.1000/s", "authors": "Lind, O"},
        {"title": "Snow loads on the roofs of huts", "doi": "10.1000/s", "pages": "11-19"},
        {"title": "Rain in the valleys below the huts", "doi": "10.1000/s", "authors": "Berg, A"},
        {"title": "Snow on huts", "pmid": "41"},
        {"title": "Wind in the mountains", "pmid": "42"},
    ]
)


def test_a_row_that_would_join_more_than_two_records_joins_none_and_waits():
    """The DOI is that of the first two copies, which are one record, and of the third."""
    assert len(records.assemble(HUTS)[0]) == 4
    rows = [("doi:10.1000/s", "pmid:41", "same", "kim"), ("pmid:41", "pmid:42", "same", "kim")]
    table, _, doubtful, _ = records.assemble(HUTS, settled=_settled(*rows))
    assert len(table) == 3
    (row,) = doubtful.attrs["waiting"]
    assert (row["row"], row["why"], row["name"]) == (2, "several-records", "doi:10.1000/s")
    assert len(row["records"].split()) == 3
    assert not doubtful.empty  # nobody has settled the two of one DOI


def test_a_name_of_several_copies_of_one_record_joins_it():
    title = f"title:{normalise.title_key(HUTS['title'][0])}"
    for one in (title, "0.ris:1"):
        settled = _settled((one, "pmid:41", "same", "kim"))
        table, _, doubtful, _ = records.assemble(HUTS, settled=settled)
        assert len(table) == 3
        assert doubtful.attrs["waiting"] == []
    # the two records of one DOI, said of that very DOI, or by a row that needs another one first
    both = _settled(("doi:10.1000/s", "2.ris:1", "same", "kim"))
    assert len(records.assemble(HUTS, settled=both)[0]) == 3
    rows = [("doi:10.1000/s", "pmid:41", "same", "kim"), (title, "2.ris:1", "same", "kim")]
    for order in (rows, rows[::-1]):
        table, _, doubtful, _ = records.assemble(HUTS, settled=_settled(*order))
        assert len(table) == 2
        assert doubtful.attrs["waiting"] == []


def test_what_waits_contradicts_nobody():
    rows = [("doi:10.1000/s", "pmid:41", "same", "kim"), ("0.ris:1", "2.ris:1", "different", "kim")]
    assert len(records.assemble(HUTS, settled=_settled(*rows))[0]) == 4


def test_no_copies_at_all():
    table, links, doubtful, _ = records.assemble(COPIES.iloc[:0])
    assert (len(table), len(links), len(doubtful)) == (0, 0, 0)
    assert list(table.columns) == records.COLUMNS


def test_records_of_one_line_keep_apart():
    """EndNote writes all its XML on one line."""
    line = _copies([{"title": f"Study number {n} of the liver", "raw": str(n)} for n in range(3)])
    line["file"] = "library.xml"
    table, _, _, held = records.assemble(line)
    assert held["copy"].sort_values().tolist() == [
        "library.xml:1", "library.xml:1.2", "library.xml:1.3",
    ]  # fmt: skip
    assert held["record_id"].is_unique
    assert set(held["file"]) == {"library.xml"}
    again, *_ = records.assemble(line.iloc[::-1])
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize("seed", range(4))
def test_order_of_the_copies_does_not_matter(seed):
    for one, other in zip(
        records.assemble(COPIES), records.assemble(COPIES.sample(frac=1, random_state=seed)),
        strict=True,
    ):  # fmt: skip
        pd.testing.assert_frame_equal(one, other)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "title": st.sampled_from(["", "Editorial", TITLE, "Another study of the liver"]),
                "doi": st.sampled_from(["", "10.1000/a", "10.1000/b"]),
                "pmid": st.sampled_from(["", "1", "2"]),
                "year": st.sampled_from(["", "2020", "2021"]),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=50, deadline=None)
def test_counts_and_identifiers_are_kept(rows):
    copies = _copies(rows)
    table, links, _, held = records.assemble(copies)
    assert len(copies) == len(table) + len(links) == len(held)
    own = held["record_id"].value_counts()
    assert own.to_dict() == dict(zip(table["record_id"], table["copies"], strict=True))
    assert held["copy"].is_unique
    assert table["copies"].sum() == len(copies)
    assert table["record_id"].is_unique
    kept = set(" ".join(table["identifiers"]).split())
    for row in copies.to_dict("records"):
        assert set(identity.identifiers(row)) <= kept


@pytest.mark.parametrize("turn", [1, -1])
def test_a_retracted_copy_beats_the_erratum(turn):
    """One copy says erratum, the other that the report was retracted: it was retracted."""
    copies = [
        {"title": TITLE, "doi": "10.1000/ex.1", "type": "Erratum"},
        {"title": TITLE, "doi": "10.1000/ex.1", "type": "Erratum; Retracted Publication"},
    ]
    table, *_ = records.assemble(_copies(copies[::turn]))
    assert table["flag"].tolist() == ["retracted"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("10.5555/A; pmid:7", ["doi:10.5555/a", "pmid:7"]),
        ("10.5555/a;7", ["doi:10.5555/a", "pmid:7"]),
        ("https://doi.org/10.5555/a, PMID: 7", ["doi:10.5555/a", "pmid:7"]),
        ("PMID 7 DOI 10.5555/a", ["pmid:7", "doi:10.5555/a"]),
        ("10.5555/(sici)1::3;2-e, 7", ["doi:10.5555/(sici)1::3;2-e", "pmid:7"]),
        ("title:a_trial;", ["title:a_trial"]),
        ("", []),
        ("10.5555/unknown;1", ["doi:10.5555/unknown;1"]),
    ],
)
def test_identifiers_in_one_cell_are_parted_as_people_part_them(cell, names):
    known = {"doi:10.5555/a", "pmid:7", "doi:10.5555/(sici)1::3;2-e", "title:a_trial"}
    assert identity.several(cell, known) == names
