"""The two families of errors, and how a run tells each."""

import ast
import builtins
import pickle

import pytest

from livingmeta.errors import InputError, InternalError
from livingmeta.extraction.rows import read_row
from livingmeta.protocol import ProtocolError
from livingmeta.tables import TableError
from running import ROOT, digests, house, review, snakemake

SCRIPTS = ROOT / "workflow" / "scripts"
LIBRARY = SCRIPTS / "livingmeta"
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


# Rooms of formulas: other people's scripts call them as they stand, with numbers of their own. What
# such a function cannot take is a ValueError there. Who calls it from a run with people's numbers
# catches it and says where they stand; what nobody catches is told as a fault of ours.
CALLED_FROM_OUTSIDE = ("formulas", "pooling/engines", "pooling/bias")
# Neither family: a signal that never leaves its module.
SIGNALS = {"TakenError"}
BUILT_IN = {
    name
    for name, what in vars(builtins).items()
    if isinstance(what, type) and issubclass(what, Exception)
}


def test_every_error_of_the_library_is_of_one_of_two_families():
    """People mend an InputError and we an InternalError; so no class stands beside them."""
    beside, bare = [], []
    for path in [*LIBRARY.rglob("*.py"), *SCRIPTS.glob("*.py")]:
        where = path.relative_to(SCRIPTS)
        from_outside = where.parent.as_posix().removeprefix("livingmeta/") in CALLED_FROM_OUTSIDE
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and where.name != "errors.py":
                above = {base.id for base in node.bases if isinstance(base, ast.Name)}
                # Python asks for an attribute that is not there in its own way.
                allowed = {"AttributeError", *(["ValueError"] if from_outside else [])}
                if above & BUILT_IN - allowed and node.name not in SIGNALS:
                    beside.append(f"{where}: {node.name}")
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                raised = node.exc.func
                if isinstance(raised, ast.Name) and raised.id in BUILT_IN - {"AttributeError"}:
                    bare += [] if from_outside else [f"{where}: {raised.id}"]
    assert beside == []
    # `links.find` is called from outside too (two rows of one name).
    assert bare == ["livingmeta/screening/duplicates/links.py: ValueError"]


def names(nodes) -> set[str]:
    """The plain names that stand somewhere below `nodes`."""
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def test_a_family_of_errors_is_caught_by_its_name():
    """`except ValueError` guards calls of Python and its packages, never of a function of ours."""
    wide = []
    for path in LIBRARY.rglob("*.py"):
        tree = ast.parse(path.read_text())
        ours = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("livingmeta"):
                ours |= {alias.asname or alias.name for alias in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Try):
                caught = names(handler.type for handler in node.handlers if handler.type)
                calls = [n for part in node.body for n in ast.walk(part) if isinstance(n, ast.Call)]
                called = names(call.func for call in calls) & ours
                if {"ValueError", "Exception"} & caught and called:
                    wide.append((path.relative_to(LIBRARY).as_posix(), sorted(called)))
    assert wide == []


@pytest.mark.heavy
def test_a_run_tells_a_fault_of_ours_as_ours_and_one_of_people_as_theirs(finished_run, tmp_path):
    """One of the library's modules is broken in a copy of the code, and mended again."""
    home, folder = house(tmp_path / "house"), tmp_path / "review"
    finished_run(folder)
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
        "    schema = _schema()\n    problems", "    schema = {}['x']\n    problems"
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
