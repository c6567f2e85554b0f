"""The house's conventions, held by a test: a rule that forgets one is found here."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from running import ON_REQUEST, ROOT, STAGES, WAITS_FOR

WORKFLOW = ROOT / "workflow"
SCRIPTS = WORKFLOW / "scripts"
LIBRARY = SCRIPTS / "livingmeta"
INCLUDED = re.findall(r'^include: "(.*)"$', (ROOT / "Snakefile").read_text(), flags=re.MULTILINE)
SMK = [ROOT / "Snakefile", *(ROOT / name for name in INCLUDED)]


def rules() -> dict[str, str]:
    """The text of every rule, by name."""
    found = {}
    for path in SMK:
        parts = re.split(r"^(?:rule|checkpoint) (\w+):\n", path.read_text(), flags=re.MULTILINE)
        # What a rule is asked for stands above it, at the end of the part before.
        texts = [part.partition("\nasked(\n")[0] for part in parts[2::2]]
        found.update(zip(parts[1::2], texts, strict=True))
    return found


def asked() -> dict[str, str]:
    """What every rule waits for and is asked for, by its name."""
    found = {}
    for path in SMK:
        blocks = re.findall(
            r'^asked\(\n    "(\w+)",\n(.*?)^\)$', path.read_text(), re.DOTALL | re.M
        )
        found.update(blocks)
    return found


RULES = rules()
ASKED = asked()
COMPUTING = {name: text for name, text in RULES.items() if name != "all"}


def python_files():
    return [p for p in ROOT.rglob("*.py") if ".venv" not in p.parts and "results" not in p.parts]


def test_every_file_of_rules_is_included():
    assert set(SMK[1:]) == set((WORKFLOW / "rules").glob("*.smk"))


def test_the_stages_of_the_tests_are_the_rules_of_the_workflow():
    assert [name for name in COMPUTING if name not in ON_REQUEST] == STAGES
    assert set(ON_REQUEST) < set(COMPUTING)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_docstring(name):
    assert RULES[name].lstrip().startswith('"""')


@pytest.mark.parametrize("name", COMPUTING)
def test_every_rule_carries_code_log_benchmark_and_a_script_of_its_name(name):
    text = COMPUTING[name]
    assert name in ASKED  # which adds the digests of its code
    assert f'**ASKED["{name}"]' in text
    assert f'"results/logs/{name}.log"' in text
    assert f'"results/benchmarks/{name}.tsv"' in text
    assert f'"../scripts/{name}.py"' in text
    assert f'done=proof("{name}")' in text
    assert (SCRIPTS / f"{name}.py").is_file()


@pytest.mark.parametrize("name", COMPUTING)
def test_every_raw_file_a_rule_reads_is_digested(name):
    text = COMPUTING[name]
    lists = "SEARCHES|SETTLED|CURVES|DECISIONS|FULLTEXTS|HELD|STUDIES|OUTCOMES|RISK_OF_BIAS"
    lists += "|WORKBOOKS|PROSE|QUOTES|PROPOSALS|REVIEWERS|CERTAINTY|SENTINEL|ROB_ME|BROUGHT"
    lists += "|STATES|KNOWN_ITEMS"
    reads_raw = "data/raw" in text or re.search(rf"=brought\(({lists})\)", text)
    assert not re.search(rf"=({lists}|PROTOCOL|RELEASES|\"data/raw.*\"),", text), (
        "brought() is for these"
    )
    assert bool(reads_raw) == ("raw=digests.content(" in ASKED[name])


@pytest.mark.parametrize("name", COMPUTING)
def test_outputs_survive_a_failed_job_and_its_successor_waits_for_it(name):
    text = COMPUTING[name]
    output = re.search(r"    output:\n((?:        .*\n)+)", text).group(1)
    for line in output.strip().splitlines():
        # `told` and `drawn` of common.smk mark an output for Snakemake's report, and `update` it.
        assert re.search(r"\b(update|proof|told)\(|\bdrawn\b", line), line
    waits = re.search(r"    after=\[(.*?)\],", ASKED[name], flags=re.DOTALL)
    found = set(re.findall(r'"(\w+)"', waits.group(1))) if waits else set()
    assert bool(found) == (f'done=before("{name}")' in text)
    assert found == set(WAITS_FOR.get(name, found))


def test_what_is_marked_for_the_report_survives_a_failed_job_too():
    text = (WORKFLOW / "rules" / "common.smk").read_text()
    assert "return report(update(path)," in text
    assert re.search(r"def drawn\(path\):(\n    .*|\n)*?\n    return told\(path,", text)


def test_rule_all_names_the_outputs_of_every_rule():
    assert re.findall(r"rules\.(\w+)\.output", RULES["all"]) == STAGES


def test_no_script_without_a_rule():
    assert {p.stem for p in SCRIPTS.glob("*.py")} == set(COMPUTING)


@pytest.mark.parametrize("path", SMK, ids=lambda p: p.name)
def test_nothing_that_was_found_to_give_wrong_results(path):
    text = path.read_text()
    assert not re.search(r"^\s*run:", text, flags=re.MULTILINE)
    assert not re.search(r"^checkpoint ", text, flags=re.MULTILINE)
    # But for files dated ahead, whose contents are compared by other means; see brought().
    assert text.count("ancient(") == 2 * (path.name == "common.smk")
    assert "protected(" not in text


def test_what_two_files_of_rules_need_stands_in_common():
    texts = {path.name: path.read_text() for path in SMK}
    for home, text in texts.items():
        for name in re.findall(r"^([A-Z][A-Z_]+) =", text, flags=re.MULTILINE):
            using = {one for one, other in texts.items() if re.search(rf"\b{name}\b", other)}
            assert using == {home} or home == "common.smk", (name, using)


@pytest.mark.parametrize("path", SMK, ids=lambda p: p.name)
def test_no_rule_but_the_report_and_the_plan_takes_the_whole_protocol(path):
    takers = re.findall(r"(\w+)=config,", path.read_text())
    # The report prints it, `register` freezes it.
    assert takers == (["protocol"] if path.name in ("report.smk", "living.smk") else [])


def test_snakefmt_and_ruff_pass():
    for command in (
        ["snakefmt", "--check", str(ROOT / "batch.smk"), *map(str, SMK)],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


@pytest.mark.heavy
def test_the_types_of_the_library_fit():
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def public_functions(body, owner=""):
    """Functions and methods that others may call, with the name they are known by."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{node.name}.")
        if isinstance(node, ast.FunctionDef) and not re.match(r"_(?!_)", node.name):
            yield f"{owner}{node.name}", node


def test_every_public_function_of_the_library_states_its_types():
    bare = []
    for path in LIBRARY.rglob("*.py"):
        for name, node in public_functions(ast.parse(path.read_text()).body):
            a = node.args
            asked = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
            untold = [x.arg for x in asked if x and x.annotation is None]
            if node.returns is None or set(untold) - {"self", "cls"}:
                bare.append(f"{path.relative_to(LIBRARY)}: {name}")
    assert bare == []


def test_the_type_checker_ignores_nothing_wholesale():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert not {"ignore_errors", "ignore_missing_imports"} & set(told)
    assert told["check_untyped_defs"] is True
    assert told["files"] == [LIBRARY.relative_to(ROOT).as_posix()]
    for part in told["overrides"]:
        assert not [name for name in part["module"] if name.startswith(("livingmeta", "*"))]
        assert set(part) == {"module", "ignore_missing_imports"}


def test_the_library_knows_nothing_of_snakemake():
    for path in LIBRARY.rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert "snakemake" not in names, path
        assert not {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & {"snakemake"}, path


# Parts of the protocol that plan.py knows, by the names that functions give them; and who may hold
# them as they were written: what reads and checks them, what compares them key by key, and the page
# that prints them.
PLANNED = {"protocol", "review", "screening", "synthesis", "syntheses", "outcome", "arms"}
AS_WRITTEN = {
    "protocol.py",
    "contradictions.py",
    "courses.py",
    "taken.py",
    "living/state.py",
    "report/page/page.py",
}


def test_rooms_take_the_plan_and_not_the_protocol_as_it_was_written():
    found = set()
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.arg) or (
                isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
            ):
                name = node.arg if isinstance(node, ast.arg) else node.target.id
                type_ = ast.unparse(node.annotation) if node.annotation else ""
                if name in PLANNED and re.match(r"(dict|Mapping)($|\[str, (Any|dict))", type_):
                    found.add(path.relative_to(LIBRARY).as_posix())
    assert found == AS_WRITTEN


def test_packages_hold_a_docstring_only():
    for path in LIBRARY.rglob("__init__.py"):
        body = ast.parse(path.read_text()).body
        assert len(body) == 1, path
        assert ast.get_docstring(ast.parse(path.read_text())), path


# The rooms of the library from the ground up: an import goes down, or stays in its room.
FLOORS = [
    *["errors", "files", "archive", "spreadsheets", "cell_rules", "tables", "as_dicts"],
    *["effect_measures", "analyses", "courses", "taken", "joins", "contradictions", "protocol"],
    "plan",
    *["formulas", "words", "run"],
    *["screening", "screening/readers", "screening/duplicates"],
    *["extraction", "extraction/workbook", "extraction/curves", "extraction/checks"],
    *["extraction/quotes", "extraction/desk", "effects"],
    *["pooling/engines", "pooling/bias", "pooling", "pooling/second_opinion", "judgement"],
    *["prose", "references", "living/search", "living/registered", "living", "living/news"],
    "figures",
    *["report/prose", "report", "report/page", "report/document", "package"],
]
MOST_MODULES = 25


def room(path) -> str:
    """The folder of a module, or its own name on the ground."""
    folder = path.parent.relative_to(LIBRARY).as_posix()
    return path.stem if folder == "." else folder


def arrows():
    """(room, room) of every import of one module of ours by another, and who imports whom."""
    for path in sorted(LIBRARY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("livingmeta"):
                for name in node.names:
                    whole = SCRIPTS.joinpath(*node.module.split("."), name.name + ".py")
                    other = whole if whole.is_file() else whole.parent.with_suffix(".py")
                    assert other.is_file(), f"{path}: {node.module} has no {name.name}"
                    yield room(path), room(other), f"{path.relative_to(LIBRARY)}: {node.module}"


def test_every_room_is_on_a_floor():
    found = {room(path) for path in LIBRARY.rglob("*.py") if path.name != "__init__.py"}
    assert found == set(FLOORS)


def test_arrows_go_down_only():
    up = [what for here, there, what in arrows() if FLOORS.index(there) > FLOORS.index(here)]
    assert up == []


def test_rooms_are_not_full():
    count = {folder: len(list(folder.glob("*.py"))) - 1 for folder in LIBRARY.rglob("*/")}
    assert {folder.name: n for folder, n in count.items() if n > MOST_MODULES} == {}


def test_engines_know_arrays_only():
    """formulas, engines and bias take numbers and give numbers: no table, no file, no word."""
    for here, there, what in arrows():
        if here in ("formulas", "pooling/engines", "pooling/bias"):
            known = ("formulas", "pooling/engines", "pooling/bias", "errors", "effect_measures")
            assert there in known, what
    for name in ("formulas", "pooling/engines", "pooling/bias"):
        for path in (LIBRARY / name).glob("*.py"):
            assert "import pandas" not in path.read_text(), path


def test_no_module_over_400_lines():
    long = {p.name: n for p in python_files() if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_every_public_function_of_the_library_has_a_docstring():
    bare = [
        f"{path.relative_to(LIBRARY)}: {node.name}"
        for path in LIBRARY.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare


def wanted() -> list[str]:
    """Names of the packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [re.match(r"[a-z0-9-]+", line).group() for line in project["dependencies"]]


def test_requirements_are_locked_with_hashes_and_name_no_address():
    text = (ROOT / "requirements.txt").read_text()
    assert "://" not in text
    packages = re.split(r"\n(?=[a-z])", text.strip())
    assert all(re.match(r"[a-z0-9-]+==[^\s;]+", package) for package in packages)
    assert all("--hash=sha256:" in package for package in packages)
    assert set(wanted()) <= {package.split("==")[0] for package in packages}


def test_every_dependency_is_justified():
    told = (ROOT / "CONTRIBUTING.md").read_text()
    assert [name for name in wanted() if f"`{name}`" not in told] == []


def test_tracked_files_hold_no_path_of_a_machine_and_no_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    # Written apart, so that this file does not find itself.
    suspect = re.compile("/" + r"(?:root|home/\w+|tmp)/\w|py" + r"pi\.org|python" + "hosted")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {match}" for match in suspect.findall(text)]
    assert found == []
