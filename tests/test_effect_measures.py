"""One table of measures: complete, known everywhere, and kept nowhere else."""

import ast
import re
from dataclasses import fields

import numpy as np
import pytest
import yaml

from livingmeta import courses, tables
from livingmeta.effect_measures import MEASURES, Measure
from livingmeta.effects import routes
from livingmeta.extraction import rows as printed
from livingmeta.formulas import absolute
from livingmeta.formulas.measures import FORMULAS, SCALES, back_transform, effect_size
from livingmeta.pooling.engines.counts import MANTEL_HAENSZEL
from livingmeta.run import digests
from livingmeta.words import measures, numbers
from running import ROOT

SCHEMAS = ROOT / "workflow" / "schemas"
LIBRARY = ROOT / "workflow" / "scripts" / "livingmeta"
# They have no formula, since studies print them and no counts lead to them.
ONLY_PRINTED = {
    "HR": "needs patients or a log-rank test, not cells: effects/hazard.py",
    "MEDLN": "a median time is read, not computed from cells: effects/median_time.py",
    "GEN": "an effect of whatever kind, as printed",
}
# RevMan's names of effect measures.
REVMAN = {
    *("Odds Ratio", "Peto Odds Ratio", "Risk Ratio", "Risk Difference"),
    *("Mean Difference", "Std. Mean Difference", "Hazard Ratio"),
}
# They speak of all measures, or attach words to them.
# Names in words; and which measures have a formula for patients who are in both arms.
MAY_LIST = {"words/measures.py", "formulas/designs.py"}


def statistics() -> set[str]:
    return set(yaml.safe_load((SCHEMAS / "lists.yaml").read_text())["statistics"])


def test_every_line_of_the_table_states_every_property_and_no_other():
    rows = yaml.safe_load((SCHEMAS / "effect_measures.yaml").read_text())
    told = re.findall(r"^# (\w+): ", (SCHEMAS / "effect_measures.yaml").read_text(), re.MULTILINE)
    assert told == [f.name for f in fields(Measure) if f.name != "code"]
    for code, row in rows.items():
        assert list(row) == told, code


@pytest.mark.parametrize("code", MEASURES)
def test_every_measure_is_whole(code):
    m = MEASURES[code]
    assert m.scale in SCALES
    assert m.scale in measures.POOLED_AS
    assert m.kind in numbers.RULES
    assert m.arms in (1, 2, None)
    assert all(type(v) is bool for v in (m.half_normal, m.in_units, m.restricted, m.absolute))
    # A word, a formula or an argued absence, a name in RevMan or none.
    assert all(measures.NAMES[code])
    assert (code in FORMULAS) != (code in ONLY_PRINTED)
    assert bool(m.cells) == (code in FORMULAS)
    assert m.revman is None or m.revman in REVMAN
    assert m.contrast is None or m.contrast in statistics()
    assert routes.order(code)
    # What estimates another measure shows what that one shows.
    other = MEASURES[m.estimand]
    assert (m.kind, m.arms, m.null) == (other.kind, other.arms, other.null)
    assert other.estimand == other.code
    # Ratios are pooled as logarithms, of no effect at 1; a single arm has no value of no effect.
    assert (m.kind == "ratio") == (m.null == 1)
    assert m.kind != "ratio" or m.log
    assert (m.null is None) == (m.arms == 1)
    assert m.null is None or back_transform(code, 0.0) == m.null


@pytest.mark.parametrize("code", FORMULAS)
def test_every_formula_takes_the_cells_of_its_measure(code):
    values = {"ri": 0.3, "ni": 30.0, "sdi": 2.0, "sd1i": 2.0, "sd2i": 3.0}
    yi, vi = effect_size(code, **{cell: values.get(cell, 20.0) for cell in MEASURES[code].cells})
    assert np.isfinite(yi).all()
    assert (vi > 0).all()


def test_functions_and_words_attached_to_measures_are_of_the_right_ones():
    assert set(FORMULAS) | set(ONLY_PRINTED) == set(MEASURES)
    assert list(measures.NAMES) == list(MEASURES)
    assert list(measures.SCALES) == list(MEASURES)
    assert set(measures.POOLED_AS) == {m.scale for m in MEASURES.values()} == set(SCALES)
    assert set(measures.RESTRICTED) == {c for c, m in MEASURES.items() if m.restricted}
    assert set(absolute.SHARE_OF_TREATED) == {c for c, m in MEASURES.items() if m.absolute}
    ratios = {m.estimand for m in MEASURES.values() if m.absolute and m.kind == "ratio"}
    assert set(measures.OTHER_RATIOS) == ratios
    assert set(MANTEL_HAENSZEL) <= set(MEASURES)
    scales = set(tables.schema("pooling/absolute")["columns"]["scale"]["allowed"])
    assert scales & set(MEASURES) == set(absolute.SHARE_OF_TREATED)


def test_statistics_of_contrasts_are_ratios_or_differences():
    """As extraction reads them: a ratio turns round by its inverse, a difference by its sign."""
    assert {"hazard-ratio", "odds-ratio", "risk-ratio", "incidence-rate-ratio"} == printed.RATIOS
    assert {
        *("risk-difference", "mean-difference", "standardised-mean-difference"),
        *("rmst-difference", "effect"),
    } == printed.DIFFERENCES


@pytest.mark.parametrize("code", MEASURES)
def test_the_properties_of_a_measure_are_those_of_its_kind(code):
    m = MEASURES[code]
    # A tau of 0.5 is large on log ratios, log odds and standardised differences, and only there.
    assert m.half_normal == (m.kind == "ratio" or m.scale == "logit" or code == "SMD")
    # A standardised difference and a ratio of means have no unit.
    of_means = m.family == "means" and code not in ("SMD", "ROM")
    assert m.in_units == (m.kind in ("time", "rate") or of_means)
    # No restricted mean is printed with the standard deviation of patients.
    assert m.restricted == (m.family == "means" and code != "SMD")
    # From a share or a survival of the comparator to that with treatment.
    compares = m.arms == 2 and m.family in ("proportions", "hazard")
    assert m.absolute == (compares and code != "AS")
    assert m.arms != 1 or m.contrast is None
    assert (m.arms is None) == (m.family in ("correlation", "generic"))


def test_what_estimates_another_measure():
    found = {code: m.estimand for code, m in MEASURES.items() if m.estimand != code}
    of_a_share = dict.fromkeys(("PLO", "PAS", "PLN"), "PR")
    assert found == {"PETO": "OR", "ZCOR": "COR", "IRLN": "IR", **of_a_share}


def test_revman_knows_each_name_once():
    named = [m.revman for m in MEASURES.values() if m.revman]
    assert sorted(named) == sorted(REVMAN)


def test_no_two_measures_with_different_properties_have_one_name():
    names = [scale.name for scale in measures.SCALES.values()]
    assert len(set(names)) == len(names)


def test_every_protocol_table_and_page_knows_the_same_measures():
    protocol = yaml.safe_load((SCHEMAS / "config.schema.yaml").read_text())
    synthesis = protocol["properties"]["syntheses"]["additionalProperties"]["properties"]
    lists = yaml.safe_load((SCHEMAS / "lists.yaml").read_text())
    assert synthesis["measure"]["enum"] == [*MEASURES, courses.MEASURE]
    assert lists["measures"] == list(MEASURES)
    assert set(synthesis["other_measures"]["items"]["enum"]) <= set(MEASURES)
    methods = (ROOT / "docs" / "methods.md").read_text()
    table = methods.split("| measure | on the analysis scale | as printed |")[1].split("\n\n")[0]
    listed = re.findall(r"\b[A-Z]{2,}\b", " ".join(re.findall(r"^\| ([^|]*) \|", table, re.M)))
    assert sorted(listed) == sorted(MEASURES)


def test_a_change_of_the_table_decides_what_runs_again():
    for script in ("harmonise.py", "pool.py", "draw.py", "render.py", "export.py"):
        assert "schemas/effect_measures.yaml" in digests.code(script), script


def lists_of_measures(tree) -> list[str]:
    """Lists, sets and dicts in code that hold three codes or more, but those of functions only."""
    found = []
    for node in ast.walk(tree):
        held = []
        if isinstance(node, ast.Dict):
            functions = (ast.Lambda, ast.Name, ast.Attribute)
            values = [
                part
                for value in node.values
                for part in (value.elts if isinstance(value, ast.Tuple) else [value])
            ]
            if not all(isinstance(part, functions) for part in values):
                held = node.keys
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            held = node.elts
        codes = {part.value for part in held if isinstance(part, ast.Constant)} & set(MEASURES)
        if len(codes) > 2:
            found.append(f"line {node.lineno}: {', '.join(sorted(codes))}")
    return found


def test_no_other_module_keeps_a_list_of_measures():
    found = {
        path.relative_to(LIBRARY).as_posix(): kept
        for path in sorted(LIBRARY.rglob("*.py"))
        if (kept := lists_of_measures(ast.parse(path.read_text())))
    }
    assert {path: kept for path, kept in found.items() if path not in MAY_LIST} == {}
    assert set(found) == MAY_LIST


def test_a_list_of_measures_is_found():
    kept = ('x = ("OR", "RR", "HR")', '{"OR": 1, "RR": 2, "RD": 3}', 'm in {"PR", "PLN", "IR"}')
    assert all(lists_of_measures(ast.parse(text)) for text in kept)
    fine = ('x = ("OR", "RR")', '{"OR": f, "RR": lambda x: x, "RD": (f, g)}', '["a", "b", "c"]')
    assert not any(lists_of_measures(ast.parse(text)) for text in fine)


def test_templates_name_no_list_of_measures():
    for path in (ROOT / "workflow" / "templates").glob("*.jinja"):
        for listed in re.findall(r"[\[(]([^\[\]()]*)[\])]", path.read_text()):
            codes = set(re.findall(r'"([A-Z]+)"', listed)) & set(MEASURES)
            assert len(codes) < 2, f"{path.name}: {listed}"
