"""The tool that tries one-place faults on the tests, on a module of three functions."""

import os
import subprocess
import sys

import pytest

from running import ROOT

TOOL = ROOT / "benchmarks" / "mutants.py"
MODULE = '''"""A toy."""


def larger(a: float, b: float) -> float:
    """The larger of two numbers."""
    return a if a > b else b


def waits(n: int) -> int:
    """Counts down."""
    while n > 0:
        n -= 1
    return n


def untested(n: int) -> int:
    """Nobody asks."""
    return n + 1
'''
TESTS = """from toy import larger, waits


def test_larger():
    assert larger(1, 2) == 2
    assert larger(3, 2) == 3


def test_waits():
    assert waits(2) == 0
"""


def tool(folder, *more):
    call = [
        sys.executable,
        str(TOOL),
        "--root",
        str(folder / "toy"),
        "--copy",
        str(folder / "copy"),
    ]
    call += ["--rooms", "src", "--tests", "tests", "--load", "pytest", "hypothesis"]
    call += ["--progress", str(folder / "progress.jsonl"), "--seconds", "3", *more]
    return subprocess.run(call, capture_output=True, text=True, check=False)


@pytest.fixture
def toy(tmp_path):
    for name, text in {
        "src/toy.py": MODULE,
        "tests/test_toy.py": TESTS,
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    }.items():
        (tmp_path / "toy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "toy" / name).write_text(text)
    return tmp_path


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork")


@pytest.mark.heavy
def test_faults_that_tests_find_are_killed_and_others_told(toy):
    done = tool(toy, "--number", "100", "--seed", "3")
    assert done.returncode == 0, done.stderr
    shown = [line.split(" ", 1)[1] for line in done.stdout.splitlines() if line[0].isdigit()]
    fates = {line.split(" ")[0] for line in shown}
    assert fates <= {"killed", "survived", "out"}
    told = done.stdout.split("mutants of ")[-1]
    assert "killed src/toy.py:6 comparison" in done.stdout
    # Equal numbers are equal either way round: no test can tell.
    assert "survived: src/toy.py:6 boundary 'a > b' -> '(a >= b)'" in told
    assert "survived: src/toy.py:18 arithmetic 'n + 1' -> '(n - 1)'" in told
    assert (toy / "copy/src/toy.py").read_text() == MODULE

    again = tool(toy, "--number", "100", "--seed", "3")
    assert again.stdout.splitlines()[1:] == told_at_the_end(done.stdout)


def told_at_the_end(out: str) -> list[str]:
    lines = out.splitlines()
    return lines[max(i for i, line in enumerate(lines) if line.startswith("seed ")) :]


@pytest.mark.heavy
def test_a_mutant_that_never_ends_is_out_of_time(toy):
    done = tool(toy, "--number", "100", "--seed", "3", "--seconds", "1")
    assert "out of time: src/toy.py:12 dropped" in done.stdout


def test_nothing_is_tried_where_tests_fail_as_they_are(toy):
    (toy / "toy/tests/test_toy.py").write_text(TESTS + "\n\ndef test_no():\n    assert False\n")
    done = tool(toy, "--number", "5")
    assert done.returncode == 1
    assert "do not pass as they are" in done.stderr
    assert "test_no" in done.stderr
    assert not (toy / "progress.jsonl").exists()
