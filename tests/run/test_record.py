"""The record of a job against what stands in the folder."""

import json
import os
from pathlib import Path

import pytest

from livingmeta.run import digests, record

CODE = {"scripts/pool.py": digests.digest(digests.WORKFLOW / "scripts" / "pool.py")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with an input, where jobs are done."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("a\n1\n")
    return tmp_path


def params(**more):
    there = [path for path in ("in.csv",) if Path(path).exists()]
    return {"code": CODE, "model": {"tau2": "DL"}, "raw": digests.content(there)} | more


class Job:
    """A job that copies its input, and counts how often it was at work."""

    def __init__(self):
        self.done = 0

    def work(self, say):
        self.done += 1
        Path("out.csv").write_text(Path("in.csv").read_text() + "2\n")
        say("copied")

    def __call__(self, **more):
        work = more.pop("work", self.work)
        record.job("job.done", "job.log", ["in.csv"], ["out.csv"], params(**more), work)


@pytest.fixture
def job(folder):
    one = Job()
    one()
    return one


def kinds(**more):
    return [(m.kind, m.what, m.gone) for m in record.misfits("job.done", params(**more))]


def test_what_was_just_done_fits(job):
    assert kinds() == []
    found = json.loads(Path("job.done").read_text())
    assert set(found) == set(record.PARTS)
    assert list(found["inputs"]) == ["in.csv"]
    assert list(found["outputs"]) == ["out.csv"]
    assert found["said"] == ["copied"]


@pytest.mark.parametrize(
    "change", [{"outputs": {}}, {"said": [1]}, {"inputs": {"a\0b": ""}}, {"seal": ""}]
)
def test_a_record_that_somebody_changed_is_none(job, change):
    path = Path("job.done")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert [misfit.kind for misfit in record.misfits(path, params())] == [record.RECORD]


def test_a_folder_in_the_place_of_a_result_does_not_fit(job):
    Path("out.csv").unlink()
    Path("out.csv").mkdir()
    assert kinds() == [(record.OUTPUT, "out.csv", True)]


@pytest.mark.parametrize("date", [0, 2**31])
def test_dates_are_of_no_consequence(job, date):
    for name in ("in.csv", "out.csv", "job.done"):
        os.utime(name, (date, date))
    assert kinds() == []


def changed_back():
    stat = os.stat("out.csv")
    Path("out.csv").write_text("a\n1\n3\n")
    os.utime("out.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "asked", "known"),
    [
        (lambda: Path("out.csv").write_text("a\n"), {}, ("output", "out.csv", False)),
        (changed_back, {}, ("output", "out.csv", False)),
        (lambda: Path("out.csv").unlink(), {}, ("output", "out.csv", True)),
        (lambda: Path("in.csv").unlink(), {"raw": {}}, ("input", "in.csv", True)),
        (lambda: None, {"model": {"tau2": "PM"}}, ("asked", "model", False)),
        (lambda: None, {"further": 1}, ("asked", "further", False)),
        (lambda: None, {"code": {"scripts/pool.py": "0"}}, ("code", "", False)),
        (lambda: Path("job.done").write_text(""), {}, ("record", "job.done", False)),
        (lambda: Path("job.done").write_text("{}"), {}, ("record", "job.done", False)),
        (
            lambda: Path("job.done").write_bytes(Path("job.done").read_bytes() + b"\n"),
            {},
            ("record", "job.done", False),
        ),
        (lambda: Path("job.done").unlink(), {}, ("record", "job.done", True)),
    ],
)
def test_what_does_not_fit_is_named(job, change, asked, known):
    change()
    assert kinds(**asked)[0] == known


def test_other_packages_do_not_fit(job, monkeypatch):
    monkeypatch.setattr(record, "software", lambda: "another")
    assert kinds() == [("software", "", False)]


def test_a_parameter_that_is_gone_does_not_fit(job):
    less = {name: value for name, value in params().items() if name != "model"}
    assert [m.what for m in record.misfits("job.done", less)] == ["model"]


def test_a_job_that_fits_leaves_its_results_and_says_the_same(job):
    stat = os.stat("out.csv")
    record.set_aside("job.done", forced=False)
    assert not Path("job.done").exists()
    Path("job.log").unlink()
    job()
    assert job.done == 1
    assert os.stat("out.csv") == stat
    assert Path("job.log").read_text() == "copied\n"
    assert kinds() == []


def test_a_forced_job_is_done_whatever_its_record_says(job):
    record.set_aside("job.done", forced=True)
    job()
    assert job.done == 2


def test_a_job_whose_result_was_changed_is_done(job):
    record.set_aside("job.done", forced=False)
    Path("out.csv").write_text("mine\n")
    job()
    assert job.done == 2
    assert Path("out.csv").read_text() == "a\n1\n2\n"


def test_a_failed_job_leaves_no_record(job):
    def fails(say):
        raise KeyError("nothing")

    record.set_aside("job.done", forced=False)
    with pytest.raises(SystemExit):
        job(work=fails, model="another")
    assert not Path("job.done").exists()


def test_an_input_changed_while_the_job_is_at_work_is_not_kept(job, capsys):
    def changes(say):
        Path("out.csv").write_text("meanwhile\n")
        Path("in.csv").write_text("a\n5\n")

    record.set_aside("job.done", forced=False)
    with pytest.raises(SystemExit):
        job(work=changes, model="another")
    assert "in.csv: changed since this job began" in Path("job.log").read_text()
    assert not Path("job.done").exists()


def test_a_raw_file_changed_since_the_run_began_is_not_read(job):
    before = params()["raw"]
    Path("in.csv").write_text("a\n5\n")
    record.set_aside("job.done", forced=False)
    with pytest.raises(SystemExit):
        job(raw=before)
    assert "in.csv: changed since the run began" in Path("job.log").read_text()
    assert job.done == 1


def test_code_changed_since_the_run_began_is_not_run(job):
    record.set_aside("job.done", forced=False)
    with pytest.raises(SystemExit):
        job(code={"scripts/pool.py": "0"})
    assert "scripts/pool.py: changed since the run began" in Path("job.log").read_text()
    assert job.done == 1


def test_what_makes_rules_due_is_told_to_other_processes(folder):
    assert record.due("due") == {}
    record.tell({"pool": "results/logs/pool.again"}, "due")
    assert record.due("due") == {"pool": "results/logs/pool.again"}


@pytest.mark.parametrize("forced", [False, True])
def test_what_was_typed_into_a_result_is_kept(folder, forced):
    """A paper that somebody went on writing is made anew, and is still there."""
    outputs = ["results/report.docx", "results/pooled.csv"]

    def work(_say):
        for name in outputs:
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text("as made")

    for typed in ("", "one evening", "one evening", "another"):
        for name in outputs:
            if typed:
                Path(name).write_text(typed)
        record.set_aside("job.done", forced=forced)
        record.job("job.done", "job.log", ["in.csv"], outputs, params(), work)
        assert Path(outputs[0]).read_text() == "as made"
    kept = {path.name: path.read_text() for path in Path(record.EDITED).iterdir()}
    assert kept == {"report.docx": "one evening", "report-2.docx": "another"}
