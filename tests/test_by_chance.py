"""Edits by chance: whatever was done to a review, the next run ends where a run from nothing does.

Each sequence does a few things drawn by lot to a finished review (raw rows and files, the protocol,
results, dates, what Snakemake keeps, an earlier results/ put back, kills, edits while a run is at
work), runs it, and compares every file under results/, byte for byte, with a run from nothing of
what people have written now.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from running import digests, house, planned, review, run, started

SEQUENCES = int(os.environ.get("LIVINGMETA_SEQUENCES", "4"))
SEED = int(os.environ.get("LIVINGMETA_SEED", "1"))
MORE = "data/raw/searches/more/more.ris"
RECORD = "TY  - JOUR\nTI  - A made-up trial of testomycin\nAU  - Doe, J.\nPY  - 2024\nER  - \n"
# What people write, each in two versions: a text of a file that is one or the other.
EDITS = {
    "row": ("data/raw/extraction/outcomes.csv", "survival,62.5,40", "survival,60,40"),
    "study": ("data/raw/extraction/studies.csv", "Ahn 2015,2015", "Ahn 2015,2016"),
    "model": ("config/config.yaml", "{tau2: DL, interval: wald}", "{tau2: PM, interval: wald}"),
    "title": ("config/config.yaml", "title: Testomycin for", "title: More testomycin for"),
}


@dataclass
class Review:
    """A review on which things are done: where it is, which versions its files have, and what its
    results were at earlier times."""

    home: Path
    folder: Path
    draw: random.Random
    state: dict[str, bool]
    earlier: list[Path] = field(default_factory=list)

    def flip(self, name: str):
        """Write the other version of one thing."""
        self.state[name] = not self.state[name]
        write(self.folder, name, self.state[name])

    def made(self) -> list[Path]:
        """Results and records of jobs; logs and benchmarks are none."""
        paths = sorted(p for p in (self.folder / "results").rglob("*") if p.is_file())
        return [p for p in paths if p.suffix not in (".log", ".lock", ".tsv")]


def write(folder: Path, name: str, other: bool):
    """Write one of the two versions of a thing into a review."""
    if name == "export":
        path = folder / MORE
        path.parent.mkdir(exist_ok=True)
        path.write_text(RECORD) if other else shutil.rmtree(path.parent)
        return
    path, one, two = folder / EDITS[name][0], *EDITS[name][1:]
    text = path.read_text()
    old, new = (one, two) if other else (two, one)
    assert old in text, f"{path} holds no '{old}': mend this test"
    path.write_text(text.replace(old, new, 1))


def edit(at: Review):
    """A person changes one thing."""
    at.flip(at.draw.choice(sorted(at.state)))


def spoil(at: Review):
    """A result is edited, saved anew by a spreadsheet, cut short, or removed."""
    path = at.draw.choice(at.made())
    content = path.read_bytes()
    how = at.draw.choice(("appended", "digit", "crlf", "cut", "gone"))
    if how == "gone":
        path.unlink()
        return
    path.write_bytes(
        {
            "appended": content + b"\n",
            "digit": content.replace(b"1", b"7", 1),
            "crlf": content.replace(b"\n", b"\r\n"),
            "cut": content[: len(content) // 2],
        }[how]
    )


def date(at: Review):
    """A raw file, the protocol or a result gets another date, years back or ahead."""
    brought = sorted(p for p in (at.folder / "data").rglob("*") if p.is_file())
    path = at.draw.choice([*brought, at.folder / "config/config.yaml", *at.made()])
    day = time.time() + at.draw.uniform(-10, 5) * 365 * 86400
    os.utime(path, (day, day))


def forget(at: Review):
    """What Snakemake keeps does not come along."""
    kept = at.draw.choice((".snakemake", ".snakemake/metadata", ".snakemake/earlier"))
    shutil.rmtree(at.folder / kept, ignore_errors=True)


def put_back(at: Review):
    """An earlier results/ is put back, with its dates or with those of now."""
    shutil.rmtree(at.folder / "results")
    how = at.draw.choice(("-a", "-r"))
    subprocess.run(
        ["cp", how, str(at.draw.choice(at.earlier)), str(at.folder / "results")], check=True
    )


def kill(at: Review):
    """A run is killed at a random moment."""
    process = started(at.home, at.folder)
    time.sleep(at.draw.uniform(0.5, 10))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def edit_while_running(at: Review):
    """Something is changed while a run is at work, and perhaps put back before it ends."""
    name, back = at.draw.choice(sorted(at.state)), at.draw.random() < 0.6
    process = started(at.home, at.folder)
    time.sleep(at.draw.uniform(0.5, 8))
    at.flip(name)
    if back:
        time.sleep(at.draw.uniform(0, 4))
        at.flip(name)
    process.wait()


DONE = (edit, edit, spoil, spoil, date, forget, put_back, kill, edit_while_running)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return house(tmp_path_factory.mktemp("house"))


@pytest.mark.heavy
def test_whatever_was_done_the_next_run_ends_as_one_from_nothing(home, tmp_path):
    draw = random.Random(SEED)
    print(f"seed {SEED}, {SEQUENCES} sequences")
    names = sorted([*EDITS, "export"])
    at = Review(home, review(tmp_path / "review"), draw, dict.fromkeys(names, False))
    anew: dict[tuple, dict[str, str]] = {}

    def from_nothing() -> dict[str, str]:
        key = tuple(at.state[name] for name in names)
        if key not in anew:
            folder = review(tmp_path / "anew")
            for name in names:
                if at.state[name]:
                    write(folder, name, True)
            run(home, folder)
            anew[key] = digests(folder)
            shutil.rmtree(folder)
        return anew[key]

    run(home, at.folder)
    for number in range(SEQUENCES):
        kept = tmp_path / f"results-{len(at.earlier)}"
        if len(at.earlier) < 6:
            shutil.copytree(at.folder / "results", kept)
            at.earlier.append(kept)
        steps = draw.choices(DONE, k=draw.randint(1, 4))
        for step in steps:
            step(at)
        told = f"seed {SEED}, sequence {number}: {', '.join(step.__name__ for step in steps)}"
        done = run(home, at.folder)
        now, right = digests(at.folder), from_nothing()
        other = sorted(k for k in now.keys() | right.keys() if now.get(k) != right.get(k))
        assert not other, f"{told}: {other}\n{done.text}"
        assert planned(home, at.folder) == [], told
        print(told)
