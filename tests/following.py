"""Doing what a page of docs/ says: its blocks are files to write, commands to type, and answers."""

import csv
import html
import io
import re
import shlex
import shutil
from pathlib import Path

import yaml

from running import ROOT, run

# The folder that the pages make; and what a block holds that is no file of the review.
FOLDER = "../saline"
END = "the end of the run"
REPORT = "the report"
MORE = ", further rows"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"\n]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Language, title and text of each fenced block of a page of docs/, in its order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = BLOCK.findall(text)
    assert 2 * len(found) == len(re.findall(r"^```", text, flags=re.MULTILINE)), page
    return found


def follow(page: str, folder: Path, *targets: str) -> None:
    """Do what a page says in `folder`, and hold what comes out against what the page prints.

    `targets`: what to make instead of everything.
    """
    said = ""
    for language, title, text in blocks(page):
        if language == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                said = _typed(line, folder, targets)
        elif title in (END, REPORT) or title.startswith("results/"):
            _must_be_said(text, title, said, folder)
        elif title.endswith(MORE):
            _add_rows(folder / title.removesuffix(MORE), text)
        elif language == "yaml":
            _write_into(folder / title, text)
        else:
            (folder / title).parent.mkdir(parents=True, exist_ok=True)
            (folder / title).write_text(text, encoding="utf-8")


def _typed(line: str, folder: Path, targets: tuple[str, ...]) -> str:
    program, *words = shlex.split(line)
    assert (program, words.count(FOLDER)) == ("snakemake", 1), line
    at = words.index(FOLDER)
    assert words[at - 1] == "--directory", line
    rest = [*words[: at - 1], *words[at + 1 :]]
    if "--cores" in rest:  # as many as tests have
        cores = rest.index("--cores")
        rest = [*rest[:cores], *rest[cores + 2 :]] or list(targets)
    return run(ROOT, folder, *rest).text


def _must_be_said(text: str, title: str, said: str, folder: Path) -> None:
    if title == REPORT:
        report = (folder / "results/report.html").read_text(encoding="utf-8")
        said = html.unescape(re.sub(r"<[^>]+>", "", report))
    elif title != END:
        said = (folder / title).read_text(encoding="utf-8")
    plain = " ".join(said.split())
    for line in text.splitlines():
        assert " ".join(line.split()) in plain, f"{title}: {line}\n{said}"


def _add_rows(path: Path, text: str) -> None:
    """Rows below those of a table, each cell under the column of its name."""
    before = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    further = list(csv.DictReader(io.StringIO(text)))
    columns = list(dict.fromkeys([*before[0], *further[0]]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows([*before, *further])


def _write_into(path: Path, text: str) -> None:
    """Keys of a YAML file, beside those that stand there."""

    def merged(old: dict, new: dict) -> dict:
        inner = {key: value for key, value in new.items() if isinstance(value, dict) and key in old}
        return old | new | {key: merged(old[key], value) for key, value in inner.items()}

    old = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(merged(old, yaml.safe_load(text)), sort_keys=False), "utf-8")


def copied(review: Path, to: Path) -> Path:
    """The review as it stands, its results with it."""
    shutil.copytree(review, to)
    return to
