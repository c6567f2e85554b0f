"""Guard rails: every code has its wording, its line in the docs, and its place in the schema."""

import ast
from pathlib import Path

import pytest

from livingmeta import tables
from livingmeta.pooling import course, guards, over_time
from livingmeta.words import guard_rails

ROOT = Path(__file__).resolve().parents[2]
POOLING = ROOT / "workflow" / "scripts" / "livingmeta" / "pooling"
CODES = tables.schema("pooling/decisions")["columns"]["rule"]["allowed"]
# Codes that are no constants where they are written down: from the tables of guards, or handed on.
HANDED_ON = {"rail.rule", "without"}


def emitted() -> set[str]:
    """The codes that modules of pooling write down."""
    found = {row.rule for row in guards.RAILS if row.rule} | {over_time.RISES, course.FEW}
    for path in sorted(POOLING.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            called = ast.unparse(call.func)
            of_values = dict.fromkeys(("values", "moderators.values"), 2)
            place = ({"s.decide": 1, "self.s.decide": 1} | of_values).get(called)
            if place is None:
                continue
            code = call.args[place]
            if isinstance(code, ast.Constant):
                found.add(code.value)
            else:
                assert ast.unparse(code) in HANDED_ON, f"{path.name}: {ast.unparse(call)}"
    return found


def test_schema_wording_and_pooling_know_the_same_codes():
    assert set(CODES) == set(guard_rails.codes()) == emitted()


def test_every_code_is_documented():
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert [code for code in CODES if f"| `{code}` |" not in text] == []


def test_every_reason_to_hold_back_has_its_wording():
    used = {reason for row in guards.RAILS for reason in row.held_back.values()}
    assert used == set(guard_rails.REASONS)


def test_models_are_codes_in_a_table_and_words_on_a_page():
    pinned = {"pinned": "FE wald", "automatic": "REML hksj-guarded", "k": 1}
    plain = guard_rails.phrase("model-pinned", pinned)
    assert plain.because == (
        "the protocol names FE wald; for 1 study the guard rail is REML hksj-guarded"
    )
    assert guard_rails.phrase("model-pinned", pinned, spelt=True).done == (
        "“common effect” is the result, as pinned; "
        "“random effects (REML), guarded Hartung-Knapp interval” stands beside it"
    )
    tests = {"column": "site", "tau2": "common", "error": "one subgroup"}
    said = guard_rails.phrase("subgroup-test-not-made", tests, spelt=True)
    assert said == ("subgroups by site, common τ²", "one subgroup", "no test made")


def test_limits_that_are_no_numbers_are_said_as_such():
    limits = {"ci_low": None, "estimate": 0.51234, "ci_high": 0.4}
    assert guard_rails.phrase("limits-crossed", limits).because == (
        "back-transformed, the interval nan to 0.4 misses its estimate 0.5123"
    )


def test_an_earlier_release_says_what_it_said(tmp_path):
    path = tmp_path / "guard_rails.csv"
    path.write_text("synthesis,model,rule,because,done\nos,FE wald,two studies,few,pooled\n")
    (row,) = tables.read(path, "living/guard_rails").to_dict("records")
    assert guard_rails.of_row(row) == ("two studies", "few", "pooled")


def test_an_unknown_code_has_no_words():
    with pytest.raises(KeyError):
        guard_rails.phrase("unheard-of", {})
