"""Running the workflow from tests: a copy of the house, a copy of a review, one command."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "tests" / "reviews" / "small"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "results", ".snakemake")
# Each rule and those it waits for, in the order in which the files of rules name them.
WAITS_FOR = {
    "deduplicate": [],
    "screen": ["deduplicate"],
    "rank": ["screen"],
    "extract": ["screen"],
    "verify": ["extract"],
    "digitise": ["extract"],
    "harmonise": ["extract"],
    "pool": ["harmonise"],
    "confirm": ["pool"],
    "appraise": ["pool"],
    "compare": ["pool", "appraise"],
    "settle": ["rank", "compare", "verify"],
    "draw": ["pool"],
    "accumulate": ["compare"],
    "render": ["draw", "accumulate", "settle", "confirm"],
    "typeset": ["render"],
    "export": ["draw", "accumulate", "settle"],
    "package": ["typeset", "export"],
}
STAGES = list(WAITS_FOR)
# Rules that run only when a person names them.
ON_REQUEST = ["chase", "label", "register", "release", "search", "workbook"]


def house(folder: Path) -> Path:
    """A copy of the code under `folder`, for tests that edit it."""
    for name in ("workflow", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    shutil.copy(ROOT / "Snakefile", folder / "Snakefile")
    return folder


def review(folder: Path, source: Path = SMALL) -> Path:
    """A copy of a review's config and raw data in `folder`."""
    for name in ("config", "data"):
        shutil.copytree(source / name, folder / name, ignore=LEFT_OUT)
    return folder


def snakemake(home: Path, folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess:
    """Run the house at `home` on the review in `folder`; output and errors come as one text.

    `env`: variables of the environment to set for it.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nocolor"]
    command += ["--snakefile", str(home / "Snakefile"), "--directory", str(folder), *args]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
    done = subprocess.run(
        command, capture_output=True, text=True, env=kept | env, timeout=900, check=False, cwd=home
    )
    done.text = done.stdout + done.stderr
    return done


def run(home: Path, folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess:
    """Like `snakemake`, for a run that must succeed."""
    done = snakemake(home, folder, *args, **env)
    assert done.returncode == 0, done.text
    return done


def finished(shared: Path, folder: Path, source: Path = SMALL) -> str:
    """Make `folder` a copy of the review at `source` as a run from nothing to its end leaves it,
    with all that Snakemake knows of it; what that run said.

    It is run once, below `shared`, for all tests of all workers: see `finished_run`.
    """
    kept = shared / source.name
    said = kept / "said.txt"
    shared.mkdir(exist_ok=True)
    with FileLock(f"{kept}.lock"):
        if not said.exists():
            shutil.rmtree(kept, ignore_errors=True)
            said.write_text(run(ROOT, review(kept / "review", source)).text, encoding="utf-8")
    shutil.copytree(kept / "review", folder, symlinks=True, dirs_exist_ok=True)
    return said.read_text(encoding="utf-8")


def started(home: Path, folder: Path) -> subprocess.Popen:
    """A run in a process group of its own, so that all of it can be killed at once."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nocolor"]
    command += ["--snakefile", str(home / "Snakefile"), "--directory", str(folder)]
    return subprocess.Popen(
        command,
        cwd=home,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def planned(home: Path, folder: Path) -> list[str]:
    """The rules that a run would execute now, in the order of the stages; [] if nothing is due."""
    done = run(home, folder, "--dry-run")
    rules = set(re.findall(r"^(?:local)?rule (\w+):", done.text, flags=re.MULTILINE)) - {"all"}
    assert rules or "Nothing to be done" in done.text, done.text
    return [stage for stage in STAGES if stage in rules]


def from_stage(name: str) -> list[str]:
    """The rule called `name` and all that wait for it, directly or not."""
    behind = [name]
    for stage, before in WAITS_FOR.items():
        if set(before) & set(behind):
            behind.append(stage)
    return [stage for stage in STAGES if stage in behind]


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file under results/, but for the benchmarks, which measure time."""
    results = folder / "results"
    return {
        path.relative_to(results).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and "benchmarks" not in path.parts
    }
