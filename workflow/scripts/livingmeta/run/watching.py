"""What a person watching a run sees: each stage in plain words, how far it is, and what is next.

`engine` reads what happens from Snakemake's log records; here it is put in words.
"""

import time
from collections.abc import Iterable
from typing import Any


class Watch:
    """Tells the course of a run on `stream`.

    A job's label is the name of its rule, or the values of its wildcards if it has any. Afterwards
    `ran` holds the labels of finished jobs, `failed` the labels of those that failed with their log
    files, `reasons` what Snakemake itself says of a failed job. `planned`: how many jobs of each
    rule are due.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.telling = False
        self.sentences: dict[str, str] = {}
        self.planned: dict[str, int] = {}
        self.jobs: dict[int, tuple[str, str, float]] = {}
        self.running: list[int] = []
        self.ran: list[str] = []
        self.failed: dict[str, list[str]] = {}
        self.reasons: dict[str, str] = {}

    def begin(self, sentences: dict[str, str | None]) -> None:
        """Say how much there is to do, and from now on how it goes. `sentences`: one for each rule,
        in the order of flow."""
        self.telling = True
        known = {**sentences, **{name: "" for name in self.planned if name not in sentences}}
        self.sentences = {name: " ".join((text or "").split()) for name, text in known.items()}
        order = [name for name in self.sentences if name in self.planned]
        if order:
            self._say(f"To do: {', '.join(self._left(name) for name in order)}.\n")

    def seconds(self) -> float:
        """Time since the first job began, 0 if none did."""
        first = min((at for *_, at in self.jobs.values()), default=None)
        return 0.0 if first is None else time.monotonic() - first

    def plan(self, jobs: dict[str, int]) -> None:
        """So many jobs of each rule are due; "all" and "total" count for nothing."""
        self.planned = {name: n for name, n in jobs.items() if name not in ("all", "total")}

    def begun(self, job: int, rule: str, wildcards: Iterable[Any]) -> None:
        """A job began."""
        if rule not in self.planned:
            return
        label = ", ".join(map(str, wildcards)) or rule
        again = " (once more)" if job in self.jobs else ""
        self.jobs[job] = label, rule, time.monotonic()
        self.running.append(job)
        sentence = self.sentences.get(rule, "")
        self._say(f"{label:<12} {sentence if self.planned[rule] == 1 else ''}{again}")

    def finished(self, job: int) -> None:
        """A job ended well."""
        if job not in self.running:
            return
        self.running.remove(job)
        label, _, since = self.jobs[job]
        self.ran.append(label)
        done, total = len(self.ran), sum(self.planned.values())
        took = time.monotonic() - since
        self._say(f"{'':<12} {label} is done ({took:.0f} s), {done} of {total}. {self._next()}")

    def broke(self, job: int, rule: str, logs: list[str], reason: str | None) -> None:
        """A job failed. `logs`: its log files; `reason`: what Snakemake says of it."""
        label = self.jobs.get(job, (rule,))[0]
        if job in self.running:
            self.running.remove(job)
        self.failed[label] = logs
        if reason:
            self.reasons[label] = str(reason)
        self._say(f"{label:<12} FAILED")

    def unmade(self) -> list[str]:
        """The rules of which not every planned job ran to its end: Snakemake plans beyond --until,
        and stops there."""
        done = [rule for label, rule, _ in self.jobs.values() if label in self.ran]
        return [name for name, jobs in self.planned.items() if done.count(name) < jobs]

    def _next(self) -> str:
        now = ", ".join(self.jobs[job][0] for job in self.running)
        rules = [rule for _, rule, _ in self.jobs.values()]
        due = [name for name in self.sentences if rules.count(name) < self.planned.get(name, 0)]
        words = [f"Running: {now}."] if now else []
        if due:
            words.append(f"Next: {self._left(due[0], rules.count(due[0]))}.")
        return " ".join(words)

    def _left(self, name: str, begun: int = 0) -> str:
        return name if self.planned[name] == 1 else f"{name} ({self.planned[name] - begun})"

    def _say(self, line: str) -> None:
        if self.telling:
            print(line.rstrip(" "), file=self.stream, flush=True)
