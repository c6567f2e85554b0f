"""How many one-place faults the fast tests find: mutants drawn at random, each tried in a copy.

    python benchmarks/mutants.py --number 300 --seed 1 --copy path/to/copy --progress mutants.jsonl

First the tests run as they are, in the copy and traced (`sys.settrace`, nothing to install): which
test touches which line, and how long it takes. If one fails, nothing is tried. Then each mutant is
written into the copy, and the tests that touch its line run, quickest files first, until one
fails. Hypothesis draws the same examples each time and does not shrink. A mutant that no test
touches survives; one whose tests run out of time is counted apart, as neither. What is done stands
in the progress file: the same command goes on from there. Where only tests were added since, what
an earlier run killed need not be tried again (`--killed`). Each mutant runs in a fork of one
process that has loaded numpy, scipy and pandas, so this is for Linux and macOS.
"""

import argparse
import contextlib
import hashlib
import importlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from mutations import Mutant, another, changed, mutants_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LIBRARY = "workflow/scripts/livingmeta"
ROOMS = tuple(
    f"{LIBRARY}/{room}" for room in ("formulas", "effects", "pooling", "screening", "extraction")
)
# The rooms' own tests, and those of others that are quick and look at the same numbers. What only
# pages, figures or a whole run of Snakemake would show counts as survived.
TESTS = (
    *(f"tests/{Path(room).name}" for room in ROOMS),
    *("tests/test_metafor.py", "tests/frozen", "tests/judgement", "tests/words"),
    "tests/living/test_information_size.py",
)
LOADED_ONCE = (
    *("numpy", "scipy.optimize", "scipy.special", "scipy.stats", "pandas", "yaml", "jsonschema"),
    *("sklearn.linear_model", "sklearn.feature_extraction.text", "hypothesis", "pytest"),
)
FILES_AT_FIRST = 6  # so many test files are tried before the rest is loaded
MEMORY = 6 * 2**30  # bytes; a mutant that asks for more has failed


class Touched:
    """A pytest plugin: the lines of the rooms that each test touches, its time and its outcome.

    Lines touched while a file is loaded or a fixture is made count for every test of the file.
    """

    def __init__(self, folders: list[str]) -> None:
        self.folders = tuple(str(Path(folder)) + os.sep for folder in folders)
        self.lines: dict[str, set[tuple[str, int]]] = {}
        self.now: set[tuple[str, int]] = set()
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.caches: tuple[int, list] = (0, [])

    def call(self, frame, event, arg):
        """Trace function of a new frame: only frames of the rooms are followed."""
        ours = frame.f_code.co_filename.startswith(self.folders)
        return self.line if ours and frame.f_code.co_name != "<module>" else None

    def line(self, frame, event, arg):
        """Trace function within a frame of the rooms."""
        self.now.add((frame.f_code.co_filename, frame.f_lineno))
        return self.line

    def begin(self, context: str) -> None:
        """Lines from here on count for `context`; what functions remember is forgotten."""
        if len(sys.modules) != self.caches[0]:
            ours = [
                m for m in list(sys.modules.values())
                if (getattr(m, "__file__", None) or "").startswith(self.folders)
            ]  # fmt: skip
            found = [v for m in ours for v in vars(m).values() if hasattr(v, "cache_clear")]
            self.caches = (len(sys.modules), found)
        for function in self.caches[1]:
            function.cache_clear()
        self.now = self.lines.setdefault(context, set())

    def pytest_collectstart(self, collector) -> None:
        self.begin(collector.nodeid.split("::")[0])
        sys.settrace(self.call)

    def pytest_runtest_logstart(self, nodeid) -> None:
        self.begin(nodeid.split("::")[0])
        sys.settrace(self.call)

    def pytest_runtest_call(self, item) -> None:
        self.now = self.lines.setdefault(item.nodeid, set())

    def pytest_runtest_teardown(self, item) -> None:
        self.now = set()

    def pytest_runtest_logreport(self, report) -> None:
        if report.when == "call" and not report.skipped:
            self.seconds[report.nodeid] = report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


class Chosen:
    """A pytest plugin: only the chosen tests run, in the order in which they were chosen."""

    def __init__(self, names: list[str]) -> None:
        self.rank = {name: i for i, name in enumerate(names)}
        self.by = ""

    def pytest_collection_modifyitems(self, items) -> None:
        kept = [item for item in items if item.nodeid in self.rank]
        items[:] = sorted(kept, key=lambda item: self.rank[item.nodeid])

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed and not self.by:
            self.by = report.nodeid

    def pytest_collectreport(self, report) -> None:
        if report.failed and not self.by:
            self.by = report.nodeid


def run_pytest(tests: list[str], plugin: object) -> int:
    """Run tests in this process, the same each time; pytest's exit code."""
    import hypothesis
    import pytest

    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    call = ["-q", "-m", "not heavy", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no"]
    more = ["-x"] if isinstance(plugin, Chosen) else []
    return int(pytest.main([*call, *more, "--rootdir", ".", *tests], plugins=[plugin]))


def forked(work, seconds: float) -> dict | None:
    """What `work()` returns, done in a fork in its own group; None when the time is over."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setsid()
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            with os.fdopen(write, "w") as out:
                json.dump(work(), out)
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    end, parts = time.monotonic() + seconds, []
    os.set_blocking(read, False)
    done = False
    try:
        while not done and time.monotonic() < end:
            try:
                part = os.read(read, 1 << 16)
                done = not part
                parts.append(part)
            except BlockingIOError:
                time.sleep(0.02)
    finally:
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # with what the tests may have started
        os.waitpid(child, 0)
    if not done:
        return None
    text = b"".join(parts)
    return json.loads(text) if text else {"code": -1, "by": "the process ended"}


def baseline(copy: Path, rooms: list[str], tests: list[str]) -> dict:
    """What each test touches, of tests that all pass.

    Raises:
        SystemExit: a test fails as it is, or none runs.
    """

    def work() -> dict:
        touched = Touched([str(copy / room) for room in rooms])
        code = run_pytest(tests, touched)
        sys.settrace(None)
        lines: dict[str, dict[str, list[int]]] = {}
        for name, found in touched.lines.items():
            for file, line in sorted(found):
                short = Path(file).relative_to(copy).as_posix()
                lines.setdefault(name, {}).setdefault(short, []).append(line)
        seconds = touched.seconds
        return {"code": code, "lines": lines, "seconds": seconds, "failed": touched.failed}

    told = forked(work, 7200)
    if told is None or told["code"] or not told["seconds"]:
        failed = (told or {}).get("failed", ["the time is over"])
        sys.exit(f"The tests do not pass as they are, so nothing is tried: {failed}")
    return told


def tests_of(mutant: Mutant, told: dict) -> list[str]:
    """Tests that touch the statement of a mutant, those of the quickest files first."""
    seconds, found = told["seconds"], set()
    for context, files in told["lines"].items():
        if any(mutant.first <= line <= mutant.last for line in files.get(mutant.file, ())):
            if context in seconds:
                found.add(context)
            else:
                found |= {name for name in seconds if name.split("::")[0] == context}
    by_file: dict[str, float] = {}
    for name in found:
        file = name.split("::")[0]
        by_file[file] = by_file.get(file, 0) + seconds[name]
    return sorted(found, key=lambda name: (by_file[name.split("::")[0]], seconds[name], name))


def tried(mutant: Mutant, copy: Path, told: dict, slack: float) -> dict:
    """What the tests make of one mutant: killed, survived or out of time, by which test."""
    tests = tests_of(mutant, told)
    files = list(dict.fromkeys(name.split("::")[0] for name in tests))
    path = copy / mutant.file
    text, dates = path.read_bytes(), path.stat()
    result = {"fate": "survived", "by": "", "tests": len(tests)}
    path.write_bytes(changed(text, mutant))
    try:
        for part in (files[:FILES_AT_FIRST], files[FILES_AT_FIRST:]):
            chosen = [name for name in tests if name.split("::")[0] in part]

            def work(chosen=chosen, part=part) -> dict:
                sys.dont_write_bytecode = True
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                plugin = Chosen(chosen)
                return {"code": run_pytest(part, plugin), "by": plugin.by}

            usual = sum(told["seconds"][name] for name in chosen)
            done = forked(work, slack + 3 * usual) if chosen else {"code": 0, "by": ""}
            if done is None:
                result |= {"fate": "out of time"}
            elif done["code"]:
                result |= {"fate": "killed", "by": done["by"]}
            if result["fate"] != "survived":
                break
    finally:
        path.write_bytes(text)
        os.utime(path, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    return result


def copied(root: Path, copy: Path) -> str:
    """A copy of the project to change, without what git, runs and set-up keep in it; its digest.

    What a run that was killed has left changed in the copy is set back.
    """
    kept = (".git", ".venv", ".snakemake", "results", ".*_cache", "__pycache__")
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*kept), dirs_exist_ok=True)
    digest = hashlib.sha256()
    for path in sorted(path for path in copy.rglob("*.py") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def report(rows: list[dict], seed: int, drawn_from: int) -> str:
    """The share killed and the survivors, in words."""
    fates = [row["fate"] for row in rows]
    killed, late = fates.count("killed"), fates.count("out of time")
    judged = len(rows) - late
    share = f"{killed / judged:.1%}" if judged else "-"
    told = [
        f"seed {seed}: {len(rows)} mutants of {drawn_from} tried, {killed} of {judged} killed "
        f"({share}), {judged - killed} survived, {late} out of time"
    ]
    for row in rows:
        if row["fate"] != "killed":
            change = f"{row['before']!r} -> {row['after']!r}"
            told.append(f"{row['fate']}: {row['file']}:{row['line']} {row['kind']} {change}")
    return "\n".join(told)


def drawn(copy: Path, rooms: list[str], number: int, seed: int) -> tuple[list[Mutant], int]:
    """So many mutants of the rooms, each as likely as the next; and how many there are.

    Changes that are no Python, or the same program, are passed over.
    """
    files = sorted(path for room in rooms for path in (copy / room).rglob("*.py"))
    names = [path.relative_to(copy).as_posix() for path in files]
    everything = [mutant for name in names for mutant in mutants_of(copy, name)]
    order = random.Random(seed).sample(everything, len(everything))
    good = (mutant for mutant in order if another((copy / mutant.file).read_bytes(), mutant))
    return list(itertools.islice(good, number)), len(everything)


def lines_of(path: Path) -> list[dict]:
    """The rows of a progress file; none where it does not exist."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def key(row: dict) -> tuple:
    """What tells one mutant from another."""
    return tuple(row[name] for name in ("file", "start", "end", "kind", "after"))


def main(asked: argparse.Namespace) -> None:
    """Draw the mutants, try those that the progress file does not hold yet, and report."""
    copy, progress = Path(asked.copy).resolve(), Path(asked.progress).resolve()
    earlier = lines_of(Path(asked.killed).resolve()) if asked.killed else []
    before = [row for row in earlier if row["fate"] == "killed"]
    digest = copied(Path(asked.root).resolve(), copy)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped; the same command goes on"))
    os.chdir(copy)
    # Our neighbours are named like packages that tests import.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
    mutants, of = drawn(copy, asked.rooms, asked.number, asked.seed)
    print(f"seed {asked.seed}: {len(mutants)} mutants drawn of {of}", flush=True)
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for name in asked.load:
        importlib.import_module(name)
    touched = progress.with_suffix(".touched.json")
    if not touched.exists():
        found = baseline(copy, asked.rooms, asked.tests)
        touched.write_text(json.dumps(found | {"digest": digest}))
    told = json.loads(touched.read_text())
    if told["digest"] != digest:
        sys.exit(f"The code is not that of {touched}: take another progress file")
    done = {key(row): row for row in before + lines_of(progress)}
    for i, mutant in enumerate(mutants, start=1):
        row = asdict(mutant)
        if key(row) not in done:
            start = time.monotonic()
            row |= tried(mutant, copy, told, asked.seconds)
            row["seconds"] = round(time.monotonic() - start, 1)
            with progress.open("a") as out:
                out.write(json.dumps(row) + "\n")
            done[key(row)] = row
            place = f"{mutant.file}:{mutant.line} {mutant.kind}"
            print(f"{i} {row['fate']} {place} {row['seconds']} s", flush=True)
    print(report([done[key(asdict(mutant))] for mutant in mutants], asked.seed, of))


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line; every part has a default but the copy and the progress file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copy", required=True, help="folder of the copy; made if missing")
    parser.add_argument("--progress", required=True, help="file of what has been tried")
    parser.add_argument("--killed", help="progress of an earlier run: what it killed stays killed")
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=30, help="beside three times the usual")
    parser.add_argument("--root", default=str(ROOT))
    parser.add_argument("--rooms", nargs="+", default=list(ROOMS))
    parser.add_argument("--tests", nargs="+", default=list(TESTS))
    parser.add_argument("--load", nargs="*", default=list(LOADED_ONCE))
    return parser.parse_args(words)


if __name__ == "__main__":
    main(arguments())
