"""Templates are compiled once, and what is kept of them serves its own environment alone."""

import pytest
from jinja2 import FileSystemLoader

from livingmeta.words import templates

MADE = "{% for x in [1, 2] %}{{ x }}{{ 'a & b' }}{% endfor %}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    monkeypatch.setattr(templates._Compiled, "known", {})
    monkeypatch.setattr(templates.sys, "dont_write_bytecode", False)
    (tmp_path / "x.jinja").write_text(MADE)
    return tmp_path


def filled(**more):
    return templates.environment(**more).get_template("x.jinja").render()


def test_what_was_compiled_is_kept_and_a_changed_template_is_not_taken_for_it(folder, monkeypatch):
    assert filled() == "1a &amp; b2a &amp; b"
    (kept,) = (folder / "__pycache__").iterdir()
    before = kept.read_bytes()
    templates._Compiled.known.clear()
    monkeypatch.setattr(
        templates.Environment, "compile", lambda *_, **__: pytest.fail("compiled again")
    )
    assert filled() == "1a &amp; b2a &amp; b"
    monkeypatch.undo()
    monkeypatch.setattr(templates, "FOLDER", folder)
    (folder / "x.jinja").write_text("another")
    assert filled() == "another"
    assert before


def test_another_environment_has_its_own(folder):
    def shout(value):
        return f"{value}!"

    assert filled() == "1a &amp; b2a &amp; b"
    assert filled(finalize=shout) == "1!a &amp; b!2!a &amp; b!"
    assert filled() == "1a &amp; b2a &amp; b"


def test_where_nobody_may_write_templates_are_compiled_all_the_same(folder):
    (folder / "__pycache__").write_text("a file where the folder would be")
    assert filled() == "1a &amp; b2a &amp; b"
    assert isinstance(templates.environment().loader, FileSystemLoader)
