"""The record of a job, beside the results: what it read, what it was asked, what it wrote.

`results/logs/<rule>.done` holds it as JSON. At the start of a run each record is compared with what
stands there; where the two do not fit, the job is done again, whatever the dates of the files say
and whether or not Snakemake still knows of it. A job whose record fits when its turn comes, because
what runs before it came out the same, leaves its results as they are.

Imports nothing heavy: a job that is spared must not load what it would have worked with.
"""

import gc
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from livingmeta import files
from livingmeta.errors import InputError
from livingmeta.run import cache, digests, log

# What a record can be at odds with, in the order in which it is said.
KINDS = OUTPUT, RECORD, INPUT, CODE, ASKED, SOFTWARE = (
    "output", "record", "input", "code", "asked", "software",
)  # fmt: skip
DONE, AGAIN = ".done", ".again"
EARLIER = ".snakemake/earlier"
# What people may have typed into, though it is made anew: it is kept before the next takes its
# place.
EDITED = "results/edited"
TYPED_INTO = (".docx", ".xlsx", "to_settle.csv")


class ChangedError(InputError):
    """Something that a job reads was changed while the job was at work."""


@dataclass(frozen=True)
class Misfit:
    """One thing that is not as a record has it. `kind`: one of the constants above; `what`: the
    file, or the part of the protocol; `gone`: whether the file is no longer there."""

    kind: str
    what: str
    gone: bool = False


def digest(path: Path | str) -> str | None:
    """As digests.digest; None if there is no such file."""
    return digests.digest(path) if os.path.isfile(path) else None


def asked_of(params: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each parameter of a job by name, the code aside."""
    return {name: cache.key_of(value) for name, value in params.items() if name != "code"}


def misfits(path: Path | str, params: Mapping[str, Any]) -> list[Misfit]:
    """What is not as the record at `path` has it; [] if all of it fits.

    `params`: the parameters as they would be passed now, `code` (digests by path relative to
    workflow/) among them. No record, or one that cannot be read, is one misfit.
    """
    known = read(path)
    if known is None:
        return [Misfit(RECORD, str(path), gone=not Path(path).exists())]
    found = [
        Misfit(kind, name, gone=there is None)
        for kind, part in ((OUTPUT, known["outputs"]), (INPUT, known["inputs"]))
        for name, then in part.items()
        if (there := digest(name)) != then
    ]
    if known["code"] != params.get("code", {}):
        found.append(Misfit(CODE, ""))
    now = asked_of(params)
    names = sorted(now.keys() | known["asked"].keys())
    found += [Misfit(ASKED, n) for n in names if now.get(n) != known["asked"].get(n)]
    if known["software"] != software():
        found.append(Misfit(SOFTWARE, ""))
    return sorted(found, key=lambda misfit: KINDS.index(misfit.kind))


class Record(TypedDict):
    """What a job leaves: digests of its files by path, of what it asked by name, and of the code;
    one of the software; what it said; and a seal on all of it."""

    inputs: dict[str, str | None]
    outputs: dict[str, str | None]
    asked: dict[str, str]
    code: dict[str, str]
    software: str
    said: list[str]
    seal: str


PARTS = {
    "inputs": dict,
    "outputs": dict,
    "asked": dict,
    "code": dict,
    "software": str,
    "said": list,
    "seal": str,
}


def software() -> str:
    """One digest of Python and of every package installed."""
    return cache.key()


def read(path: Path | str) -> Record | None:
    """The record at `path`; None if there is none that is sound, and to the byte as written."""
    try:
        content = Path(path).read_bytes()
        found = json.loads(content)
    except (OSError, ValueError):
        return None
    sound = isinstance(found, dict) and all(
        isinstance(found.get(name), kind) for name, kind in PARTS.items()
    )
    return found if sound and found["seal"] == _seal(found) and content == _bytes(found) else None


def _bytes(record: object) -> bytes:
    """A record as it is written."""
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()


def _seal(record: Mapping[str, Any]) -> str:
    """A digest of a record, so that one that somebody has changed is none."""
    return cache.key_of({name: record[name] for name in PARTS if name != "seal"})


def of(given: Any, work: Callable[[Callable[[str], None]], None]) -> None:
    """Do the job that a script was started for; `given`: what Snakemake gives it, with `input`,
    `output`, `params` and `log`."""
    # Nearly all that a job loads stays until its process ends: to look for waste seldom, and not
    # once more at the end, saves a fifth of the time of a small job.
    gc.set_threshold(50_000, 20, 20)
    if any(path.startswith(files.STAND_INS) for path in given.input):
        given.input = type(given.input)(toclone=given.input, custom_map=_stood_for)
    done = next(p for p in given.output if p.endswith(DONE))
    again = [p for p in given.output if p.endswith(AGAIN)]
    made = [p for p in given.output if p not in (done, *again)]
    params = dict(given.params.items())
    reads = [p for p in given.input if not p.endswith((DONE, AGAIN))]
    job(done, given.log[0], reads, made, params, work)
    for path in again:
        Path(path).touch()
    gc.freeze()


def _stood_for(path: str) -> str:
    return path.removeprefix(f"{files.STAND_INS}/")


def job(
    path: Path | str,
    log_path: Path | str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    params: Mapping[str, Any],
    work: Callable[[Callable[[str], None]], None],
) -> None:
    """Do `work(say)` and write down at `path` what it read and wrote; or, if the record that
    `set_aside` moved away from there fits all of it, leave the results as they are, put the record
    back, and say what it said then.

    `inputs`, `outputs`: files. Whatever `work` raises, it raises; then there is no record. Raises
    ChangedError if an input or the code is not the same after the work as before.
    """
    path = Path(path)
    read_from, made = list(inputs), [str(p) for p in outputs]
    with log.to(log_path) as say:
        before = {name: digest(name) for name in read_from}
        code = dict(params.get("code", {}))
        _unchanged(code, digests.standing(code), "the run began")
        brought = dict(params.get("raw", {}))
        _unchanged(brought, digests.content(filter(os.path.exists, brought)), "the run began")
        earlier = _earlier(path)
        last = read(earlier)
        if (
            last is not None
            and not misfits(earlier, params)
            and last["inputs"] == before
            and sorted(last["outputs"]) == sorted(made)
        ):
            for line in last["said"]:
                say(line)
            os.replace(earlier, path)
            return
        path.unlink(missing_ok=True)
        said: list[str] = []

        def noted(line: str) -> None:
            say(line)
            said.append(line)

        work(noted)
        _unchanged(before, {name: digest(name) for name in read_from}, "this job began")
        _unchanged(code, digests.standing(code), "this job began")
        record = {
            "inputs": before,
            "asked": asked_of(params),
            "code": code,
            "software": software(),
            "outputs": {name: digest(name) for name in made},
            "said": said,
        }
        record["seal"] = _seal(record)
        files.write(_bytes(record), path)


def tell(again: Mapping[str, str], path: Path | str) -> None:
    """Write down, for jobs that start a Snakemake of their own, which files make rules due."""
    files.write(json.dumps(dict(again)).encode(), path)


def due(path: Path | str) -> dict[str, str]:
    """What `tell` wrote; {} if nothing."""
    try:
        return json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        return {}


def read_before(folder: Path | str) -> set[str]:
    """The inputs of the jobs whose records stand in `folder`."""
    found = (read(path) for path in Path(folder).glob(f"*{DONE}"))
    return {name for known in found if known for name in known["inputs"]}


def set_aside(path: Path | str, forced: bool) -> None:
    """Take the record at `path` away before its job begins, so that a run cut short shows what it
    left undone; `forced`: the job is to be done whatever its record says, so it is not kept. What
    somebody has typed into a result that is made again is kept in `EDITED`."""
    path = Path(path)
    if known := read(path):
        _keep_edited(known["outputs"])
    if forced:
        path.unlink(missing_ok=True)
        _earlier(path).unlink(missing_ok=True)
    elif path.exists():
        _earlier(path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, _earlier(path))


def _keep_edited(outputs: Mapping[str, str | None]) -> None:
    """Copy each of `outputs`, digests by path, that is of `TYPED_INTO` and is another now: as
    report.docx, or report-2.docx where one of other content is kept already."""
    for name, then in outputs.items():
        now = digest(name) if name.endswith(TYPED_INTO) else None
        if now is None or now == then:
            continue
        path, count = Path(EDITED, Path(name).name), 1
        while digest(path) not in (None, now):
            count += 1
            path = path.with_name(f"{Path(name).stem}-{count}{path.suffix}")
        files.write(Path(name).read_bytes(), path)


def _earlier(path: Path) -> Path:
    return Path(EARLIER) / path.name


def _unchanged(
    before: Mapping[str, str | None], after: Mapping[str, str | None], since: str
) -> None:
    changed = [name for name in before if before[name] != after.get(name)]
    if changed:
        raise ChangedError(
            f"{', '.join(changed)}: changed since {since}. What was made meanwhile may rest on "
            "either state, so it is not kept. Save your work and run again."
        )
