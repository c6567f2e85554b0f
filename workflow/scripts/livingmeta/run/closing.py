"""The last words of a run: what ran, what was spared, what waits for people; or what to mend."""

import csv
import shlex
import traceback
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from livingmeta.errors import InputError
from livingmeta.run import record
from livingmeta.run.log import FAULT, WRONG, fault
from livingmeta.words import english, settling

LAST = 12  # lines of a log
WIDE = 50  # characters of a kind
# What is settled by typing in the numbers of studies, which a workbook takes too.
TO_TYPE = ("report-without-study", "study-without-effect")
# ASSUME: no address is promised; an issue goes where a copy of the program comes from.
REPORT = (
    "Please report it: open an issue in the repository that you have the program from, of the kind "
    "'A run stopped that should not have', with the lines above and the log they name."
)


def command(cores: int, *targets: str) -> str:
    """What to type, wherever one stands, to run the review of the current folder."""
    here = shlex.quote(str(Path.cwd()))
    return " ".join(["snakemake", "--cores", str(cores), "--directory", here, *targets])


def waiting(folder: str) -> dict[str, int]:
    """How many things of each kind wait for people in a review, by the kind's code, in the order of
    settling.KINDS; kinds with none are left out.

    `folder`: the review, whose results/to_settle.csv must be up to date.
    """
    with (Path(folder) / settling.LIST).open(encoding="utf-8", newline="") as file:
        count = Counter(row["kind"] for row in csv.DictReader(file))
    return {kind.code: count[kind.code] for kind in settling.KINDS if count[kind.code]}


def _rows(path: str) -> int:
    """How many rows a table of results/ has."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def odd(misfits: Mapping[str, list[record.Misfit]]) -> list[str]:
    """A line on each result that is not as the job left it that made it, and on other software.

    `misfits`: by stage, as record.misfits finds them. What people are meant to change, raw files
    and protocol, is not told: that is why they run again.
    """
    found = [misfit for stage in misfits.values() for misfit in stage]
    lines = []
    for misfit in found:
        if misfit.kind == record.OUTPUT:
            how = "was missing" if misfit.gone else "was changed by hand"
            if not misfit.gone and misfit.what.endswith(record.TYPED_INTO):
                how += f" (what was typed is kept in {record.EDITED}/)"
            lines.append(f"{misfit.what} {how}")
    unread = [m.what for m in found if m.kind == record.RECORD and not m.gone]
    if unread:
        lines.append(
            f"{', '.join(unread)}: cannot be read, so nothing tells what was made from what"
        )
    if any(misfit.kind == record.SOFTWARE for misfit in found):
        lines.append("other packages are installed than the results were made with")
    return lines


def good(
    ran: list[str],
    stages: list[str],
    seconds: float,
    made: set[str],
    misfits: Mapping[str, list[record.Misfit]],
    unmade: Collection[str] = (),
) -> str:
    """The last words of a run in the current folder that went well.

    `ran`: the stages that ran; `stages`: those that were asked for; `made`: their files;
    `misfits`: of each stage, what was not as its record had it when the run began; `unmade`: stages
    that were planned and left out.
    """
    spared = [stage for stage in stages if stage not in ran]
    words = [f"\nDone in {seconds:.0f} s."] if ran else []
    words += [f"Ran: {', '.join(ran)}."] if ran and spared else []
    words += (
        [f"Spared, for nothing they depend on has changed: {', '.join(spared)}."] if spared else []
    )
    words += [f"Due and left out: {', '.join(unmade)}."] if unmade else []
    words += [f"Made again: {line}." for line in odd({name: misfits.get(name, []) for name in ran})]
    # A list that this run does not answer for may be of an earlier state.
    if settling.LIST in made:
        words += _left(waiting("."), made)
    else:
        words.append("What waits for people is told at the end of a whole run.")
    if "results/report.html" in made:
        words.append("\nThe report: results/report.html")
    return "\n".join(words)


def _left(left: dict[str, int], made: set[str]) -> list[str]:
    """What waits for people, by kind, each with the table that tells most of it."""
    words = []
    by_hand = _rows(settling.TYPED) if settling.TYPED in made else 0
    for weight, head in (("result", "For people to settle:"), ("text", "Owed to the report:")):
        of_it = {code: n for code, n in left.items() if settling.OF[code].weight == weight}
        if not of_it and weight == "result":
            words.append("Nothing waits for people.")
        typed = by_hand if weight == "text" else 0
        if of_it or typed:
            words.append(f"\n{head}")
        for code, n in of_it.items():
            what, listed = settling.called(code, n), settling.OF[code].listed
            words.append(f"  {n:>5}  {what:<{WIDE}} {listed}")
        if typed:
            what = f"{english.plural(typed, 'number')} of the texts that may not follow the result"
            words.append(f"  {typed:>5}  {what:<{WIDE}} {settling.TYPED}")
        if "undecided-record" in of_it and settling.PAGE in made:
            words.append(
                f"  {'':>5}  {'to screen them, open':<{WIDE}} results/screening/screen.html"
            )
        if {*settling.ON_DESK[settling.DESK]} & {*of_it} and f"results/{settling.DESK}" in made:
            told = "to settle what two read, open"
            words.append(f"  {'':>5}  {told:<{WIDE}} results/{settling.DESK}")
    if left.keys() & {*TO_TYPE}:
        words.append(f"To type numbers into an Excel workbook: {command(1, 'workbook')}")
    if left:
        words.append(f"Each by itself, with what settles it: {settling.LIST}")
    return words


def bad(failed: dict[str, list[str]], reasons: dict[str, str], log: str) -> str:
    """The last words of a run that failed: of each failed stage what its log files say people have
    to mend, or else what is our fault, or else their last lines; and what to do.

    `failed`: labels of failed jobs with their log files; `reasons`: what Snakemake says of them;
    `log`: Snakemake's own log of the run.
    """
    wrong, ours, unknown = [], [], []
    for label, paths in failed.items():
        logs = {path: lines(path) for path in paths}
        mend, faults = (_said(logs, begin) for begin in (WRONG, FAULT))
        wrong += [f"  * {said}" for said, _ in mend]
        if mend:
            continue
        for said, path in faults:
            ours += [f"  * {label}: {said}", f"    Where in the program: {path}"]
        if not faults:
            unknown.append(f"\n{label} failed, and not for a fault in your files that it knows of.")
            unknown += [reasons[label]] if label in reasons else []
            for path, text in logs.items():
                unknown += [f"The last lines of {path}:" if text else f"{path} says nothing."]
                unknown += [f"    {line}" for line in text[-LAST:]]
    words = []
    if wrong:
        head = "One thing needs" if len(wrong) == 1 else f"{len(wrong)} things need"
        words += [f"\n{head} mending:", *wrong]
    if ours:
        words += ["\nThis is a fault of the program, and not of yours:", *ours, REPORT]
    if unknown:
        words += [*unknown, "Run again; if it fails again, it is a fault of the program."]
        words += [f"Report it with the lines above and this log: {log}"]
    if not failed:
        words.append(f"\nThe run ended early. What happened stands above, and in {log}")
    again = "Mend it and run again." if wrong else "They are not taken for current ones."
    return "\n".join([*words, f"Earlier results were left as they were. {again}"])


def at_start(error: Exception) -> list[str]:
    """What is wrong, line by line, where a run cannot begin: what people have to mend, or else our
    fault with its traceback, since there is no log of a job yet."""
    if isinstance(error, InputError):
        return error.problems
    if isinstance(error, OSError):
        return [str(error)]
    place = "".join(traceback.format_exception(error)).splitlines()
    return [f"This is a fault of the program, and not of yours: {fault(error)}", *place, REPORT]


def unbegun(head: str, error: Exception) -> str:
    """All that is said of a run that cannot begin: `head`, and what is wrong, a point each."""
    lines = at_start(error)
    if isinstance(error, InputError | OSError):
        return "\n".join([head, *(f"  * {line}" for line in lines), "Mend it and run again."])
    return "\n".join([head, *lines])


def _said(logs: dict[str, list[str]], begin: str) -> list[tuple[str, str]]:
    """What follows `begin` in lines of logs that begin so, each with the path of its log."""
    return [
        (line.removeprefix(begin), path)
        for path, text in logs.items()
        for line in text
        if line.startswith(begin)
    ]


def lines(path: str) -> list[str]:
    """The lines of a log that hold something; none if there is no such file."""
    if not Path(path).is_file():
        return []
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()]
