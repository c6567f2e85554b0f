"""The two families of errors, and how a run tells each."""

import pickle

import pytest

from livingmeta.errors import InputError, InternalError
from livingmeta.extraction.printed import read_row
from livingmeta.protocol import ProtocolError
from livingmeta.tables import TableError
from running import digests, house, review, run, snakemake

POOL = "workflow/scripts/livingmeta/pooling/synthesis.py"


def test_what_people_mend_carries_its_sentences_and_its_place():
    error = InputError(
        "a.csv, row 2: 166", file="a.csv", rows=[2], column="value", value="166", cure="0 to 100"
    )
    assert (error.problems, str(error)) == (["a.csv, row 2: 166"], "a.csv, row 2: 166")
    assert (error.file, error.rows, error.column) == ("a.csv", (2,), "value")
    assert (error.value, error.cure) == ("166", "0 to 100")
    assert InputError(problem for problem in ("a", "b")).problems == ["a", "b"]
    assert InputError("a\nb").problems == ["a", "b"]


@pytest.mark.parametrize("kind", [TableError, ProtocolError])
def test_an_error_comes_whole_out_of_another_process(kind):
    error = pickle.loads(pickle.dumps(kind(["one thing", "another"])))
    assert error.problems == ["one thing", "another"]
    assert str(error) == "one thing\nanother"


def test_nothing_takes_a_fault_of_ours_for_one_of_people():
    assert not issubclass(InternalError, ValueError)
    assert not issubclass(InternalError, InputError)


def test_a_p_value_that_is_none_is_told_with_its_place():
    with pytest.raises(InputError) as caught:
        read_row({"row": 7, "p_value": "significant"})
    error = caught.value
    assert error.rows == (7,)
    assert (error.column, error.value) == ("p_value", "significant")
    assert error.cure == "0.03, <0.001 or NS"


@pytest.mark.heavy
def test_a_run_tells_a_fault_of_ours_as_ours_and_one_of_people_as_theirs(tmp_path):
    """One of the library's modules is broken in a copy of the code, and mended again."""
    home, folder = house(tmp_path / "house"), review(tmp_path / "review")
    run(home, folder)
    before = digests(folder)
    module = home / POOL
    whole = module.read_text()
    module.write_text(whole.replace("    s = Synthesis(", "    1 / 0\n    s = Synthesis("))
    done = snakemake(home, folder)
    assert done.returncode == 1
    assert "This is a fault of the program, and not of yours:" in done.text
    assert "  * pool: ZeroDivisionError: division by zero" in done.text
    assert "Where in the program: results/logs/pool.log" in done.text
    assert "open an issue" in done.text
    assert "Earlier results were left as they were." in done.text
    assert "mending" not in done.text
    assert "Traceback" not in done.text
    log = (folder / "results/logs/pool.log").read_text()
    assert "Traceback" in log
    assert "synthesis.py" in log
    after = digests(folder)
    assert {name for name in before if before[name] != after.get(name)} == {
        *("logs/pool.log", "logs/pool.done"),
        *(name for name in before if name.startswith("logs/") and name not in after),
    }

    module.write_text(whole)
    printed = folder / "data/raw/extraction/outcomes.csv"
    printed.write_text(printed.read_text().replace("survival,62.5,", "survival,162.5,"))
    done = snakemake(home, folder)
    assert done.returncode == 1
    assert "One thing needs mending:" in done.text
    assert "outcomes.csv, row 10, column value: '162.5'" in done.text
    assert "fault of the program" not in done.text


@pytest.mark.heavy
def test_a_fault_of_ours_before_anything_runs_is_told_as_ours(tmp_path):
    home, folder = house(tmp_path / "house"), review(tmp_path / "review")
    module = home / "workflow/scripts/livingmeta/protocol.py"
    whole = module.read_text()
    broken = whole.replace(
        "    problems = list(_breaches(", "    {}['x']\n    problems = list(_breaches("
    )
    assert broken != whole
    module.write_text(broken)
    done = snakemake(home, folder)
    assert done.returncode == 1
    assert "This is a fault of the program, and not of yours: KeyError: 'x'" in done.text
    assert "protocol.py" in done.text
    assert "open an issue" in done.text
    module.write_text(whole)
    config = folder / "config/config.yaml"
    config.write_text(config.read_text() + "\nnonsense: 1\n")
    done = snakemake(home, folder)
    assert done.returncode == 1
    assert "unknown key 'nonsense'" in done.text
    assert "fault of the program" not in done.text
