"""From an empty folder to a review that runs: `snakemake new` and `snakemake check`."""

import os
import pty
import re
import resource
import subprocess
import sys

import pytest
import yaml

from livingmeta import protocol
from livingmeta.errors import InputError
from livingmeta.run import engine, new
from running import ROOT, run, snakemake

SAID = {
    "title": {"Salt": "a review"},  # as Snakemake reads `title=Salt: a review`
    "population": "Adults",
    "intervention": "Less salt",
    "comparator": "No",
    "outcome": "Blood pressure",
    "kind": "continuous",
    "unit": "mmHg",
    "good": "lower",
    "reviewers": "Ana, Kim and Lee",
}


def command(folder, *args, stdin=subprocess.DEVNULL):
    """Snakemake on `folder`, with nobody there unless a terminal is given."""
    said = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    said += ["--directory", str(folder), *args]
    return subprocess.run(said, capture_output=True, text=True, stdin=stdin, timeout=300, cwd=ROOT)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder):
    return protocol.complete(protocol.read(folder / new.PROTOCOL))


def test_what_is_said_stands_in_the_protocol(here):
    new.make(SAID)
    made = written(here)
    assert made["review"]["title"] == "Salt: a review"
    assert made["arms"]["less-salt"]["label"] == "Less salt"
    assert made["arms"]["no"]["label"] == "No"
    assert made["outcomes"]["blood-pressure"] == {
        "label": "Blood pressure", "kind": "continuous", "unit": "mmHg", "good": "lower",
        "definition": "",
    }  # fmt: skip
    synthesis = made["syntheses"]["blood-pressure-md"]
    assert (synthesis["measure"], synthesis["arms"]) == ("MD", ["less-salt", "no"])
    assert made["screening"]["reviewers"] == 3
    assert list(new.placeholders(made)) == []


def test_every_table_has_its_header_and_reads_as_empty(here):
    from livingmeta import tables

    new.make({})
    for path, schema in new.TABLES.items():
        table = tables.read(path, schema)
        assert len(table) == 0
        assert list(table.columns) == [*tables.columns(schema), "row"]
    assert (here / "data/raw/extraction/curves").is_dir()


def test_every_kind_of_outcome_gives_a_protocol_that_runs(here):
    for kind in new.KINDS:
        for comparator in ("Placebo", ""):
            text = new._protocol(SAID | {"title": "T", "kind": kind, "comparator": comparator})
            made = protocol.complete(yaml.safe_load(text))
            assert len(next(iter(made["syntheses"].values()))["arms"]) == 1 + bool(comparator)


@pytest.mark.parametrize("measure", ["PLO", "SURV"])
def test_a_measure_of_one_arm_gets_a_synthesis_for_each_arm(measure):
    long = {"outcome": "Survival " * 9, "intervention": "Very " * 20, "comparator": "Least " * 20}
    for said in ({"title": "T"}, {"arms": "Ablation, Nothing", "outcome": "OS"}, long):
        text = new._protocol({**said, "kind": "survival", "measure": measure, "time": "24"})
        made = protocol.complete(yaml.safe_load(text))
        found = {**made["syntheses"], **made["courses"]}
        assert [s["arms"] for s in found.values()] == [[arm] for arm in made["arms"]]
        assert len(found) == 2
        assert {(s["measure"], s["time"]) for s in found.values()} == {(measure, 24)}
    alone = new._protocol({"kind": "survival", "measure": measure, "arms": "Ablation"})
    made = protocol.complete(yaml.safe_load(alone))
    assert [*made["syntheses"], *made["courses"]] == [f"main-outcome-{measure.lower()}"]


def test_syntheses_of_one_arm_are_told_apart_by_their_titles():
    said = {"arms": "Ablation, Nothing", "outcome": "OS", "kind": "survival", "measure": "PLO"}
    made = protocol.complete(yaml.safe_load(new._protocol(said)))
    assert {name: s["title"] for name, s in made["syntheses"].items()} == {
        "os-plo-ablation": "OS: Ablation",
        "os-plo-nothing": "OS: Nothing",
    }


def test_nothing_is_written_over(here):
    new.make({"title": "First"})
    (here / new.PROTOCOL).write_text("mine")
    (here / "README.md").write_text("mine")
    (here / "data/raw/extraction/outcomes.csv").rename(here / "data/raw/extraction/Outcomes.xlsx")
    assert new.make({}) == [f"{here.name} is a review already; nothing was written."]
    with pytest.raises(InputError, match="stands there already, so title cannot be taken"):
        new.make({"title": "Second"})
    assert (here / new.PROTOCOL).read_text() == (here / "README.md").read_text() == "mine"
    assert not (here / "data/raw/extraction/outcomes.csv").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"titel": "x"}, "did you mean title?"),
        ({"title": True}, "put quotes around it"),
        ({"kind": "continous"}, "perhaps continuous"),
        ({"measure": "XX"}, "it must be one of OR, RR"),
        ({"measure": "MD", "arms": "one"}, "measure MD needs 2 arms"),
        ({"arms": ["a", "b", "c"]}, "name one or two"),
        ({"reviewers": "zwei2"}, "it must be a number"),
        ({"time": "a year"}, "it must be a number, in months"),
        ({"good": "down"}, "it must be one of higher, lower"),
    ],
)
def test_what_no_protocol_can_hold_is_refused_before_anything_is_written(here, given, says):
    with pytest.raises(InputError, match="(?s)" + says.replace("?", r"\?")):
        new.make(given)
    assert list(here.iterdir()) == []


def test_answers_may_be_left_out_and_a_review_of_one_arm_needs_no_comparator():
    answers = iter(["Salt", "Adults; less salt", "Pressure", ""])

    def reply(_question):
        for answer in answers:
            return answer
        raise EOFError

    assert new.ask(reply) == {
        "title": "Salt", "population": "Adults", "intervention": "less salt", "comparator": "",
        "outcome": "Pressure",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("snakemake new", True),
        ("snakemake --directory x new --config title=y", True),
        ("snakemake --cores 1 -n new", True),
        ("snakemake --directory new", False),
        ("snakemake -d new check", False),
        ("pytest new", False),
    ],
)
def test_a_word_is_a_command_unless_it_is_the_value_of_an_option(monkeypatch, line, is_one):
    monkeypatch.setattr(sys, "argv", line.split())
    assert engine.commanded("new") == is_one


@pytest.mark.heavy
def test_an_empty_folder_becomes_a_review_that_runs_at_once(tmp_path):
    folder = tmp_path / "a review"
    looked = command(folder, "new", "--dry-run")
    assert looked.returncode == 0
    assert "Would write" in looked.stderr
    assert not (folder / "config").exists()
    made = command(folder, "new")
    assert made.returncode == 0, made.stderr
    assert "Still to be written in config/config.yaml: review.title" in made.stderr
    checked = command(folder, "check")
    assert checked.returncode == 1
    assert "config/config.yaml: still to be written: review.title" in checked.stderr
    assert "No run has listed yet" in checked.stderr
    run(ROOT, folder)
    report = (folder / "results/report.html").read_text(encoding="utf-8")
    assert "no export is there yet" in report
    assert "At the last run (20" in command(folder, "check").stderr


def test_five_questions_at_a_terminal(tmp_path):
    ours, theirs = pty.openpty()
    answers = ["Salt", "Adults; less salt; usual salt", "Blood pressure; continuous", "SMD", "1"]
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    done = command(tmp_path / "review", "new", stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    made = written(tmp_path / "review")
    assert made["review"]["question"]["comparator"] == "usual salt"
    assert made["syntheses"]["blood-pressure-smd"]["measure"] == "SMD"
    assert made["screening"]["reviewers"] == 1


def test_a_folder_without_a_protocol_is_told_how_to_begin(tmp_path):
    done = snakemake(ROOT, tmp_path)
    assert done.returncode == 1
    assert "`snakemake --directory FOLDER new` makes FOLDER a review." in done.text
    assert not re.search("WorkflowError|host:", done.text)


def used(*args):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "snakemake", *args], cwd=ROOT, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.heavy
def test_check_takes_little_longer_than_snakemake_needs_to_say_its_version():
    version = min(used("--version") for _ in range(3))
    assert min(used("--directory", "examples/bcg", "check") for _ in range(3)) < 2.5 * version
