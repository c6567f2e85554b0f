"""A new review: a folder with a protocol, every table with its header, and a README.

What is not said stands in the protocol as a placeholder, which `placeholders` finds again.
"""

import difflib
import json
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

import yaml

from livingmeta import courses, protocol, taken
from livingmeta.effect_measures import MEASURES
from livingmeta.errors import InputError
from livingmeta.run import closing, digests

PROTOCOL = "config/config.yaml"
# Each table that people may bring, by the schema that names its columns.
TABLES = {
    "data/raw/searches/searches.csv": "data/searches",
    "data/raw/screening/decisions.csv": "data/decisions",
    "data/raw/screening/duplicates.csv": "data/duplicates",
    "data/raw/extraction/studies.csv": "data/studies",
    "data/raw/extraction/outcomes.csv": "data/outcomes",
    "data/raw/extraction/risk_of_bias.csv": "data/risk_of_bias",
    "data/raw/extraction/certainty.csv": "data/certainty",
}
FOLDERS = ("data/raw/extraction/curves",)
UNWRITTEN = "To be written"
# What may be said of a new review, and what stands there until it is.
SAYABLE = {
    "title": f"{UNWRITTEN}: the title of the review",
    "population": f"{UNWRITTEN}: who was treated",
    "intervention": f"{UNWRITTEN}: what was given",
    "comparator": f"{UNWRITTEN}: what it is compared with",
    "arms": "",
    "outcome": f"{UNWRITTEN}: the main outcome",
    "kind": "binary",
    "unit": "",
    "good": "",
    "measure": "",
    "time": "",
    "reviewers": "2",
}
KINDS = ("survival", "binary", "continuous", "time", "count")
# ASSUME: the measure that most reviews of such an outcome choose, by the number of arms.
USUAL = {
    "binary": ("PLO", "RR"),
    "continuous": ("MN", "MD"),
    "survival": ("PLO", "HR"),
    "time": ("MEDLN", "MD"),
    "count": ("IRLN", "IRR"),
}
QUESTIONS = (
    (("title",), "Title of the review"),
    (
        ("population", "intervention", "comparator"),
        "Who is treated; with what; compared with what (left out in a review of one arm)",
    ),
    (
        ("outcome", "kind", "good"),
        f"Main outcome; its kind ({', '.join(KINDS)}); what of it is good: higher or lower",
    ),
    (
        ("measure",),
        "Effect measure, such as RR, OR, MD, SMD, HR (empty: the usual one of the kind)",
    ),
    (("reviewers",), "Reviewers who decide on each record (empty: 2)"),
)


def ask(reply: Callable[[str], str]) -> dict[str, str]:
    """Answers to the five questions, by name; what was left empty is left out.

    `reply`: gives the answer to a question; EOFError ends the questions.
    """
    found: dict[str, str] = {}
    for names, question in QUESTIONS:
        try:
            answer = reply(f"{question}: ")
        except EOFError:
            break
        parts = [part.strip() for part in answer.split(";")] if len(names) > 1 else [answer.strip()]
        found |= {name: part for name, part in zip(names, parts, strict=False) if part}
        if names[-1] == "comparator" and len(parts) == 2 and all(parts):
            found["comparator"] = ""
    return found


def at_terminal() -> Callable[[str], str] | None:
    """What asks the person at the terminal; None if nobody is there."""
    return input if sys.stdin and sys.stdin.isatty() else None


def make(
    given: Mapping[str, Any], reply: Callable[[str], str] | None = None, dry: bool = False
) -> list[str]:
    """Make the current folder a review; what is there already stays. Returns lines that say what
    was written.

    `given`: what the command says, by the names of SAYABLE; `reply`: answers questions where
    nothing was given, None if nobody is there; `dry`: write nothing, only say.

    Raises InputError for a name nobody knows, for a value that the protocol cannot hold, and where
    something was given though a protocol stands there.
    """
    folder = Path.cwd().name
    fresh = not Path(PROTOCOL).exists()
    if not fresh and given:
        raise InputError(
            f"{PROTOCOL} stands there already, so {', '.join(map(str, given))} cannot be taken: "
            "write it there, or name another folder."
        )
    said = _known(given) or (ask(reply) if fresh and reply else {})
    texts = {PROTOCOL: _protocol(said)} if fresh else {}
    title = said.get("title", SAYABLE["title"]) if fresh else folder
    texts["README.md"] = _template("new-readme.md").substitute(
        title=title, folder=shlex.quote(folder)
    )
    texts |= {path: ",".join(_header(schema)) + "\n" for path, schema in TABLES.items()}
    missing = {path: text for path, text in texts.items() if not _stands(path)}
    if not dry:
        for path, text in missing.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        for name in FOLDERS:
            Path(name).mkdir(parents=True, exist_ok=True)
    if not missing:
        return [f"{folder} is a review already; nothing was written."]
    lines = [f"{'Would write' if dry else 'Written'} in {folder}:", *(f"  {p}" for p in missing)]
    if dry or not fresh:
        return lines
    left = [where for where, _ in placeholders(protocol.read(PROTOCOL))]
    lines += [f"Still to be written in {PROTOCOL}: {', '.join(left)}."] if left else []
    return [*lines, f"Now, and as often as you like: {closing.command(4)}"]


def placeholders(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Each value of a protocol that is still to be written: its place and what it says."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from placeholders(inner, f"{where}.{key}".removeprefix("."))
    elif isinstance(value, str) and value.startswith(UNWRITTEN):
        yield where, value


def _known(given: Mapping[str, Any]) -> dict[str, str]:
    problems = []
    for name, value in given.items():
        if name not in SAYABLE:
            close = difflib.get_close_matches(str(name).lower(), SAYABLE, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(SAYABLE)}."
            problems.append(f"--config {name}: `new` takes nothing of that name; {hint}")
        elif isinstance(value, bool) or value is None:
            problems.append(f"--config {name}: '{value}' is no text; put quotes around it.")
    if problems:
        raise InputError(problems)
    return {name: " ".join(_text(value).split()) for name, value in given.items()}


def _text(value: Any) -> str:
    """A value of --config as it was typed: Snakemake takes `Salt: a review` for a key and its
    value, and [a, b] for a list."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


def _protocol(said: Mapping[str, str]) -> str:
    """The text of a protocol that holds what was said; InputError where no protocol can."""
    full = {**SAYABLE, **said}
    labels = [part.strip() for part in full["arms"].split(",") if part.strip()]
    labels = labels or [full[name] for name in ("intervention", "comparator") if full[name]]
    keys = _keys(labels)
    kind = full["kind"].lower()
    if kind not in KINDS:
        near = [f" (perhaps {close})" for close in difflib.get_close_matches(kind, KINDS, n=1)]
        wrong = f"kind: '{full['kind']}'; it must be one of {', '.join(KINDS)}"
        raise InputError(f"{wrong}{''.join(near)}.")
    if len(labels) > 2:
        raise InputError(
            f"arms: {', '.join(labels)}; name one or two. More go into {PROTOCOL} afterwards."
        )
    measure = full["measure"].upper() or USUAL[kind][len(labels) > 1]
    reviewers = _reviewers(full["reviewers"])
    known = MEASURES.get(measure)
    single = measure == courses.MEASURE or (known is not None and known.arms == 1)
    if full["time"] and not re.fullmatch(r"\d+(\.\d+)?", full["time"]):
        raise InputError(f"time: '{full['time']}'; it must be a number, in months.")
    named = dict(zip(keys, labels, strict=True))
    # A measure of one arm takes a synthesis for each arm that is named.
    sets = [[key] for key in keys] if single else [keys]
    text = _template("new-config.yaml").substitute(
        {name: json.dumps(value, ensure_ascii=False) for name, value in full.items()},
        arms="\n".join(
            f'  "{key}":\n    label: {json.dumps(label, ensure_ascii=False)}'
            for key, label in named.items()
        ),
        outcomes=json.dumps(full["outcome"], ensure_ascii=False),
        outcome_key=f'"{_key(full["outcome"], "main-outcome")}"',
        syntheses="\n".join(
            _synthesis(full, measure, arms, named, apart=len(sets) > 1) for arms in sets
        ),
        kind=kind,
        good=_direction(full),
        reviewers=reviewers,
    )
    protocol.complete(yaml.safe_load(text), "the new protocol")
    return text


def _direction(full: Mapping[str, str]) -> str:
    """The line of what is good for the patient; a remark where nobody has said it, so that it waits
    (`taken.unsaid`) and no guess stands there as though somebody had."""
    if full["good"]:
        return f"good: {full['good'].lower()}"
    return f"# good: {taken.direction({'kind': full['kind'].lower(), 'label': full['outcome']})}"


def _synthesis(
    full: Mapping[str, str], measure: str, arms: list[str], named: dict[str, str], apart: bool
) -> str:
    """One synthesis of the new protocol; `apart`: others of the same outcome stand beside it."""
    outcome = full["outcome"]
    outcome_key = _key(outcome, "main-outcome")
    key = f"{outcome_key}-{measure.lower()}"
    if apart:  # A key has at most 80 characters, those of the arm among them.
        key = f"{outcome_key[:30].strip('-')}-{measure.lower()}-{arms[0]}"
    compared = " against ".join(_lead(named[arm]) for arm in arms)
    told = f"{outcome}: {compared}" if apart or len(arms) > 1 else outcome
    title = outcome if outcome.startswith(UNWRITTEN) else told
    time = "# time: 12                   # time point, for measures that need one"
    return (
        _template("new-synthesis.yaml")
        .substitute(
            key=f'"{key}"',
            title=json.dumps(title, ensure_ascii=False),
            outcome=f'"{outcome_key}"',
            measure=measure,
            arms=", ".join(f'"{arm}"' for arm in arms),
            time=f"time: {full['time']}" if full["time"] else time,
        )
        .rstrip()
    )


def _lead(label: str) -> str:
    return "one arm" if label.startswith(UNWRITTEN) else label


def _reviewers(said: str) -> int:
    """How many reviewers: a number, or as many as there are names."""
    if re.fullmatch(r"[1-9]\d?", said):
        return int(said)
    names = [name for name in re.split(r"[,;&]| and ", said) if name.strip()]
    if not names or any(re.search(r"\d", name) for name in names):
        raise InputError(f"reviewers: '{said}'; it must be a number, such as 2, or their names.")
    return len(names)


def _keys(labels: list[str]) -> list[str]:
    """A short key for each arm, no two alike."""
    names = ("intervention", "comparator")
    keys = [_key(label, name) for label, name in zip(labels, names, strict=False)]
    return keys if len(set(keys)) == len(keys) else list(names[: len(keys)])


def _key(label: str, otherwise: str) -> str:
    """A label as a key: lower-case letters, digits, hyphens; `otherwise` where nothing is left."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return otherwise if not key or label.startswith(UNWRITTEN) else key


def _header(schema: str) -> list[str]:
    from livingmeta import tables

    return tables.columns(schema)


def _stands(path: str) -> bool:
    """Whether a file is there, under this name or one that a run would take for it or ask about."""
    there = Path(path)
    beside = there.parent.glob("*") if there.parent.is_dir() else []
    return there.exists() or any(digests.alike(other.name, there) for other in beside)


def _template(name: str) -> Template:
    return Template((digests.WORKFLOW / "templates" / name).read_text(encoding="utf-8"))
