"""GRADE judgements: read strictly, compared across releases, printed beside the result."""

import pytest

from livingmeta import tables
from livingmeta.judgement import certainty
from livingmeta.living import changes
from states import TRIALS, make, protocol

HEAD = "synthesis,domain,judgement,reason,assessor\n"
SYNTHESES = ("fever-or", "death-or")
FIRST = {name: TRIALS[name] for name in ("ahn", "bauer", "costa")}
LOW = (("overall", "low", ""), ("imprecision", "very-serious", "Few events"))


def written(tmp_path, *lines):
    path = tmp_path / "certainty.csv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines))
    return path


def test_judgements_come_in_the_order_of_the_protocol_and_of_grade(tmp_path):
    path = written(
        tmp_path,
        "death-or,overall,high,,ab",
        "fever-or,imprecision,serious,Few events,ab",
        "fever-or,overall,Moderate,,ab",
    )
    found = certainty.held(tables.read(path, "data/certainty"), SYNTHESES)
    assert found[["synthesis", "domain"]].values.tolist() == [
        ["fever-or", "overall"],
        ["fever-or", "imprecision"],
        ["death-or", "overall"],
    ]
    assert certainty.levels(found) == {"fever-or": "moderate", "death-or": "high"}
    tables.write(found, tmp_path / "out.csv", certainty.SCHEMA)
    assert tables.read(tmp_path / "out.csv", certainty.SCHEMA).equals(found)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("fever-r,overall,low,,", "row 3, column synthesis: 'fever-r'; no .*mean fever-or, or"),
        ("death-or,overall,serious,,", "column judgement: 'serious'; for overall it must be .*low"),
        ("fever-or,imprecision,low,,", "for imprecision it must be one of not-serious, serious"),
        ("fever-or,imprecision,serious,,", "column reason: empty; say why imprecision is serious"),
        ("fever-or,precision,serious,x,", "perhaps imprecision; it must be one of overall"),
        ("fever-or,overall,high,,", "stands already on row 2"),
        ("death-or,imprecision,serious,x,", "'death-or' has judgements of domains and none"),
    ],
)
def test_a_wrong_judgement_is_named_with_its_row(tmp_path, line, told):
    path = written(tmp_path, "fever-or,overall,low,,ab", line)
    with pytest.raises(tables.TableError, match=told):
        certainty.held(tables.read(path, "data/certainty"), SYNTHESES)


def test_every_domain_of_the_schema_has_its_words():
    for name in ("data/certainty", "living/certainty"):
        assert tables.schema(name)["columns"]["domain"]["allowed"] == list(certainty.WORDS)


def test_a_changed_judgement_is_a_difference_of_its_own():
    before = make(TRIALS, judged=LOW)
    after = make(TRIALS, protocol("2.0"), judged=(("overall", "moderate", "More events"),))
    found, rows = changes.compare(before, after)
    assert rows[["kind", "synthesis", "what", "before", "after"]].values.tolist() == [
        ["certainty", "fever-or", "overall", "low", "moderate"],
        ["certainty", "fever-or", "imprecision", "very-serious", ""],
    ]
    assert found["counts"] == {"certainty": 2}
    assert found["syntheses"][0]["certainty"] == {
        "before": "low",
        "after": "moderate",
        "as_before": False,
    }


def test_an_old_judgement_of_a_result_that_moved_is_pointed_at():
    def sure(trials, judged):
        found, _ = changes.compare(make(FIRST, judged=LOW), make(trials, judged=judged))
        return found["syntheses"][0]["certainty"]["as_before"]

    assert sure(TRIALS, LOW)
    assert not sure(FIRST, LOW)
    assert not sure(TRIALS, (LOW[0], ("imprecision", "serious", "More events")))
    assert not sure(TRIALS, ())
