"""Schemas and closed lists: each used, known to the code and documented; no list has a copy."""

import ast
import re

import pytest
import yaml

from livingmeta import tables
from livingmeta.effects.routes import ROUTES
from livingmeta.judgement import certainty
from livingmeta.pooling.engines import bayes, tau2
from running import ROOT

WORKFLOW = ROOT / "workflow"
SCRIPTS = WORKFLOW / "scripts"
LIBRARY = SCRIPTS / "livingmeta"


def schema_names() -> set[str]:
    folder = WORKFLOW / "schemas"
    found = {p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.yaml")}
    beside = {"settle_kinds", "cited_methods", "inspect_sr"}
    return found - beside - {"lists", "config.schema", "effect_measures"}


def test_every_table_written_has_a_schema_and_every_schema_is_used():
    """A schema is named by a plain string, so that `code=` finds it as something a rule uses."""
    named = set()
    for path in SCRIPTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            if isinstance(node, ast.JoinedStr):
                shown = ast.unparse(node)
                assert not re.match(r"f.(data|screening|extraction|effects|pooling)/", shown), shown
    assert schema_names() <= named


def closed_lists() -> dict[str, list[str]]:
    return yaml.safe_load((WORKFLOW / "schemas" / "lists.yaml").read_text())


def test_every_closed_list_is_used_and_known_to_the_code():
    texts = [(WORKFLOW / "schemas" / f"{name}.yaml").read_text() for name in schema_names()]
    named = {name for text in texts for name in re.findall(r"allowed: (\w+)", text)}
    assert named == set(closed_lists())
    assert set(closed_lists()["routes"]) == set(ROUTES)
    assert {route.grade for route in ROUTES.values()} <= set(closed_lists()["grades"])
    assert closed_lists()["roles"] == [*closed_lists()["statistics"], "size", "p-value", "curve"]
    words = {word for words in certainty.WORDS.values() for word in words}
    assert set(closed_lists()["judgements"]) == words
    assert set(closed_lists()["certainty_domains"]) == set(certainty.WORDS)


def test_the_protocol_and_the_tables_of_results_know_the_same_codes():
    protocol = yaml.safe_load((WORKFLOW / "schemas" / "config.schema.yaml").read_text())
    parts = protocol["$defs"]
    asked = {key: parts["model"]["properties"][key]["enum"] for key in ("tau2", "interval")}
    left_out = parts["left_out"]["properties"]["leave_out"]["properties"]
    asked |= {key: left_out[key]["items"]["enum"] for key in ("grade", "route")}
    variants = parts["method"]["properties"]["variant"]["enum"]
    assert asked["tau2"] == closed_lists()["tau2_methods"]
    assert asked["route"] == closed_lists()["routes"]
    assert [*asked["grade"], "bound"] == closed_lists()["grades"]
    assert set(asked["tau2"]) == set(tau2.METHODS)
    pooled = tables.schema("pooling/pooled")["columns"]
    assert set(asked["interval"]) < set(pooled["interval"]["allowed"])
    said = re.compile(pooled["tau2_method"]["pattern"])
    known = bayes._LOG_DENSITY
    priors = [f"{name}(0.5)" for name in variants if name in known]
    assert len(priors) == len(known)
    assert all(map(said.fullmatch, [*asked["tau2"], *priors]))
    assert not any(map(said.fullmatch, ["REM", "REML(0.5)", "half-normal", "normal(0.5)"]))


def test_every_code_of_a_closed_list_is_documented():
    """In the page that says what to write, or in one of the pages on methods."""
    pages = [ROOT / "config" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text() for page in pages)
    said = set(re.findall(r"`([^`\n]+)`|\((\w+)\)", text))
    told = {word for pair in said for word in pair}
    for cell in re.findall(r"^\| ([^|\n]*) \|", text, re.MULTILINE):
        told |= set(cell.split(", "))
    for row in re.findall(r"^\| \*\*`judgement`.*very-low.*", text, re.MULTILINE):
        told |= set(re.findall(r"[a-z-]+", row))
    bare = {name: sorted(set(codes) - told) for name, codes in closed_lists().items()}
    assert {name: codes for name, codes in bare.items() if codes} == {}


def test_no_module_repeats_the_columns_of_a_table():
    known = {
        name: list(yaml.safe_load((WORKFLOW / "schemas" / f"{name}.yaml").read_text())["columns"])
        for name in schema_names()
    }
    for path in LIBRARY.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
                held = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
                same = [name for name, columns in known.items() if columns == held]
                assert not same, f"{path}: {same}; use tables.columns"


@pytest.mark.parametrize("name", sorted(schema_names()))
def test_every_schema_says_what_each_column_means(name):
    schema = yaml.safe_load((WORKFLOW / "schemas" / f"{name}.yaml").read_text())
    assert set(schema) <= {"row", "key", "extra_columns", "columns"}
    known = "type required filled meaning allowed minimum maximum unit scale pattern example cures "
    known += "called optional path unlike spelt"
    for column, rule in schema["columns"].items():
        assert set(rule) <= set(known.split()), (name, column)
        assert rule["type"] in ("string", "number", "integer", "boolean", "date"), (name, column)
        assert rule["meaning"], (name, column)
        assert set(rule.get("spelt", ())) <= set(
            tables.schema(name)["columns"][column].get("allowed", ())
        )
    assert set(schema.get("key", [])) <= set(schema["columns"])
