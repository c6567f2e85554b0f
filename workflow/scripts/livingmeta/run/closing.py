"""The last words of a run: what ran, what was spared, what waits for people; or what to mend."""

import csv
from pathlib import Path

# What waits for people: in which table, and in which of its rows.
WAITING = {
    "records that await a decision": "results/screening/awaiting.csv",
    "conflicts between reviewers": "results/screening/conflicts.csv",
    "decisions whose record is gone": "results/screening/unmatched.csv",
    "doubtful duplicates": "results/screening/doubtful.csv",
    "entries of exports that could not be read": "results/screening/rejects.csv",
    "printed numbers that do not fit": "results/extraction/problems.csv",
    "routes to one number that disagree": "results/effects/disagreements.csv",
}
UNLESS = {("severity", "note"), ("agrees", "True"), ("agrees", "true")}
LAST = 12  # lines of a log


def waiting(folder: str, made: set[str] | None = None) -> dict[str, int]:
    """How many things of each kind in WAITING a review has, where it has any. `folder`: the
    review; `made`: the files that this run answers for, all unless given."""
    found = {}
    for what, name in WAITING.items():
        path = Path(folder) / name
        if path.is_file() and (made is None or name in made):
            with path.open(encoding="utf-8", newline="") as file:
                rows = [row for row in csv.DictReader(file) if not UNLESS & set(row.items())]
            if rows:
                found[what] = len(rows)
    return found


def good(ran: list[str], stages: list[str], seconds: float, made: set[str]) -> str:
    """The last words of a run in the current folder that went well.

    `ran`: the stages that ran; `stages`: those that were asked for; `made`: their files.
    """
    spared = [stage for stage in stages if stage not in ran]
    words = [f"\nDone in {seconds:.0f} s."] if ran else []
    words += [f"Ran: {', '.join(ran)}."] if ran and spared else []
    words += (
        [f"Spared, for nothing they depend on has changed: {', '.join(spared)}."] if spared else []
    )
    left = waiting(".", made)
    if left:
        words.append("\nFor people to settle:")
        words += [f"  {n:>5}  {what:<42} {WAITING[what]}" for what, n in left.items()]
        if "records that await a decision" in left and "results/screening/screen.html" in made:
            words.append(f"  {'':>5}  {'to screen them, open':<42} results/screening/screen.html")
    else:
        words.append("Nothing waits for people.")
    if "results/report.html" in made:
        words.append("\nThe report: results/report.html")
    return "\n".join(words)


def bad(failed: dict[str, list[str]], reasons: dict[str, str], log: str) -> str:
    """The last words of a run that failed: of each failed stage what its log files say is wrong in
    the data, or else their last lines, and what to do.

    `failed`: labels of failed jobs with their log files; `reasons`: what Snakemake says of them;
    `log`: Snakemake's own log of the run.
    """
    wrong, ours = [], []
    for label, paths in failed.items():
        logs = {path: lines(path) for path in paths}
        found = [line for text in logs.values() for line in text if line.startswith("WRONG: ")]
        wrong += [f"  * {line.removeprefix('WRONG: ')}" for line in found]
        if not found:
            ours.append(f"\n{label} failed, and not for a fault in your files that it knows of.")
            ours += [reasons[label]] if label in reasons else []
            for path, text in logs.items():
                ours += [f"The last lines of {path}:" if text else f"{path} says nothing."]
                ours += [f"    {line}" for line in text[-LAST:]]
    words = []
    if wrong:
        head = "One thing needs" if len(wrong) == 1 else f"{len(wrong)} things need"
        words += [f"\n{head} mending:", *wrong]
    if ours:
        words += [*ours, "Run again; if it fails again, it is a fault of the program."]
        words += [f"Report it with the lines above and this log: {log}"]
    if not failed:
        words.append(f"\nThe run ended early. What happened stands above, and in {log}")
    again = "Mend it and run again." if wrong else "They are not taken for current ones."
    return "\n".join([*words, f"Earlier results were left as they were. {again}"])


def lines(path: str) -> list[str]:
    """The lines of a log that hold something; none if there is no such file."""
    if not Path(path).is_file():
        return []
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()]
