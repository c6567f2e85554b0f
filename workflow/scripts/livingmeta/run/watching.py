"""What a person watching a run sees: each stage in plain words, how far it is, and what is next.

Snakemake says what happens in log records with an `event`. On the terminal a `Watch` puts them in
other words; Snakemake's own log of the run, under .snakemake/log/, keeps them all.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

# Said before the first job, and nothing to a person.
PRELIMINARY_EVENTS = {"workflow_started", "run_info", "resources_info"}
PRELIMINARY = ("Assuming unrestricted shared", "host: ", "Using shell: ", "Building DAG")
# Errors that are said in other words, or that say less than what is said beside them.
SAID = (
    "CalledProcessError in file",
    "Cannot restore ",
    "Restored previous version of ",
    "Exiting because a job execution failed",
    "At least one job did not complete successfully",
)
SAID_EVENTS = {"job_error", "group_error"}


class Watch(logging.Handler):
    """Tells the course of a run on `stream`, from Snakemake's log records.

    A job's label is the name of its rule, or the values of its wildcards if it has any. Afterwards
    `ran` holds the labels of finished jobs, `failed` the labels of those that failed with their log
    files, `reasons` what Snakemake itself says of a failed job. `idle` is called if nothing is due.
    """

    def __init__(self, stream: Any, idle: Callable[..., Any] = lambda: None) -> None:
        super().__init__(logging.INFO)
        self.stream = stream
        self.idle = idle
        self.telling = False
        self.sentences: dict[str, str] = {}
        self.planned: dict[str, int] = {}
        self.begun: dict[int, tuple[str, str, float]] = {}
        self.running: list[int] = []
        self.ran: list[str] = []
        self.failed: dict[str, list[str]] = {}
        self.reasons: dict[str, str] = {}

    def begin(self, sentences: dict[str, str | None]) -> None:
        """Say how much there is to do, and from now on how it goes. `sentences`: one for each rule,
        in the order of flow."""
        self.telling = True
        self.sentences = {name: " ".join((text or "").split()) for name, text in sentences.items()}
        order = [name for name in self.sentences if name in self.planned]
        self._say(f"To do: {', '.join(self._left(name) for name in order)}.\n")

    def seconds(self) -> float:
        """Time since the first job began, 0 if none did."""
        first = min((at for *_, at in self.begun.values()), default=None)
        return 0.0 if first is None else time.monotonic() - first

    def emit(self, record: logging.LogRecord) -> None:
        """Put one of Snakemake's records in other words."""
        try:
            if str(record.msg).startswith("Nothing to be done"):
                self.idle()
            elif act := getattr(self, f"_{_event(record)}", None):
                act(record)
        except Exception:
            self.handleError(record)

    def _run_info(self, record: Any) -> None:
        self.planned = {name: n for name, n in record.stats.items() if name not in ("all", "total")}

    def _job_info(self, record: Any) -> None:
        if record.rule_name not in self.planned:
            return
        label = ", ".join(map(str, record.wildcards.values())) or record.rule_name
        again = " (once more)" if record.jobid in self.begun else ""
        self.begun[record.jobid] = label, record.rule_name, time.monotonic()
        self.running.append(record.jobid)
        sentence = self.sentences.get(record.rule_name, "")
        self._say(f"{label:<12} {sentence if self.planned[record.rule_name] == 1 else ''}{again}")

    def _job_finished(self, record: Any) -> None:
        if record.job_id not in self.running:
            return
        self.running.remove(record.job_id)
        label, _, since = self.begun[record.job_id]
        self.ran.append(label)
        done, total = len(self.ran), sum(self.planned.values())
        took = time.monotonic() - since
        self._say(f"{'':<12} {label} is done ({took:.0f} s), {done} of {total}. {self._next()}")

    def _job_error(self, record: Any) -> None:
        label = self.begun.get(record.jobid, (record.rule_name,))[0]
        if record.jobid in self.running:
            self.running.remove(record.jobid)
        self.failed[label] = [str(path).partition(" (")[0] for path in record.log]
        if record.rule_msg:
            self.reasons[label] = str(record.rule_msg)
        self._say(f"{label:<12} FAILED")

    def _next(self) -> str:
        now = ", ".join(self.begun[job][0] for job in self.running)
        rules = [rule for _, rule, _ in self.begun.values()]
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


class _Silence:
    """A stream that keeps nothing."""

    def write(self, _text):
        pass

    def flush(self):
        pass


def _event(record: logging.LogRecord) -> str:
    event = getattr(record, "event", None)
    return str(getattr(event, "value", event))


def _unsaid(watching: Watch) -> Callable[..., Any]:
    """A filter of the terminal: whether one of Snakemake's records should show there as it is."""

    def unsaid(record: logging.LogRecord) -> bool:
        text = str(record.msg)
        if watching.telling and (
            _event(record) in SAID_EVENTS or any(words in text for words in SAID)
        ):
            return False
        if record.levelno >= logging.WARNING:
            return True
        if _event(record) in PRELIMINARY_EVENTS or text.startswith(PRELIMINARY):
            return False
        return not watching.telling

    return unsaid


def watch(workflow: Any, logger: logging.Logger, idle: Callable[..., Any]) -> Watch:
    """A `Watch` on the run of Snakemake's `workflow`, beside its `logger`; `idle` as there.

    From its `begin` on, its words take the place of Snakemake's on the terminal. Not so in a dry
    run, in a job on another machine, with --verbose, or where a logger plugin has the terminal:
    then it only keeps count.
    """
    terminal = [one for one in logger.handlers if one.name == "DefaultStreamHandler"]
    shown = workflow.output_settings
    told = terminal and workflow.is_main_process and not (shown.dryrun or shown.verbose)
    watching = Watch(sys.stderr, idle) if told else Watch(_Silence())
    logger.addHandler(watching)
    if told:
        terminal[0].addFilter(_unsaid(watching))
    return watching
