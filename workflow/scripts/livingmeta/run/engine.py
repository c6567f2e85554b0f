"""What we know of Snakemake beyond what its documentation promises: all of it stands here.

The log records and their events are Snakemake's public interface for loggers, but a logger plugin
does not serve: it is a package by itself, installed and named with --logger before any Snakefile is
read, and a checkout that runs as it stands has neither. Where another version lacks a part that is
asked for here, a run goes on and shows less, in Snakemake's own words.
"""

import logging
import posixpath
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any

from livingmeta.errors import InputError
from livingmeta.run import watching

TERMINAL = "DefaultStreamHandler"
NOTHING = "Nothing to be done"
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
# Options that take no value, so that what follows is a target.
ALONE = {"-n", "--dry-run", "--dryrun", "-p", "-q", "-F", "--forceall", "-f", "--force", "--"}
ALONE |= {"--verbose", "--nocolor", "--no-color", "--nolock", "-k", "--keep-going"}
SAID_EVENTS = {"job_error", "group_error"}


def part(of: Any, name: str, otherwise: Any) -> Any:
    """A part of Snakemake's that it promises nobody, as "dag.jobs"; `otherwise` where it is not."""
    try:
        return reduce(getattr, name.split("."), of)
    except AttributeError:
        return otherwise


def is_module(workflow: Any) -> bool:
    """Whether the Snakefile that is being read is a module of another workflow."""
    return not part(workflow, "modifier.is_main_snakefile", lambda: True)()


def leads(workflow: Any) -> bool:
    """Whether this process is the run that a person started with a Snakefile of ours, and neither
    one of its jobs nor the run of another workflow that has ours as a module."""
    return bool(part(workflow, "is_main_process", False)) and not is_module(workflow)


def must_start(executable: str) -> None:
    """Raises InputError where Snakemake cannot start a job with this Python, given by its path: it
    puts the path into a shell command as it is (snakemake issue 2645)."""
    if len(executable.split()) > 1:
        raise InputError(
            f"The program cannot run where it lies, for a blank in the path of its Python: "
            f"{executable}. Move its folder to one without, such as livingmeta in your own folder; "
            "delete .venv there, and set it up again. A review may lie anywhere."
        )


def dry(workflow: Any) -> bool:
    """Whether it is only asked what a run would do; so too where Snakemake does not tell."""
    return bool(part(workflow, "output_settings.dryrun", True))


def commanded(word: str) -> bool:
    """Whether the command line names `word` as what to make. It is asked while the Snakefile is
    read, when Snakemake has not told it its own targets yet."""
    program, *given = sys.argv
    if "snakemake" not in program:
        return False
    before = ["", *given]
    # Not where it is the value of an option, as the folder in `--directory new`.
    return any(
        at == word and not (last.startswith("-") and last not in ALONE)
        for last, at in zip(before, given, strict=False)
    )


def names(path: str) -> bool:
    """Whether the command line asks for the file `path` of the review. No option but `--report`
    takes such a file, however it is written beside its value (-c1, --cores=1)."""
    program, *given = sys.argv
    before = ["", *given]
    asked_for = (at for last, at in zip(before, given, strict=False) if last != "--report")
    return "snakemake" in program and any(posixpath.normpath(at) == path for at in asked_for)


def touches(workflow: Any) -> bool:
    """Whether results are only to be dated anew (--touch)."""
    return bool(part(workflow, "touch", False))


def forced(workflow: Any, rule: str) -> bool:
    """Whether a person asked for the rule to run whatever stands there: --forceall, --force,
    --forcerun."""
    named = part(workflow, "dag_settings.forcerun", ())
    return bool(part(workflow, "dag_settings.forceall", False)) or rule in named


def sentences(workflow: Any) -> dict[str, str | None]:
    """The docstring of every rule, in the order in which the rules are written."""
    return {rule.name: rule.docstring for rule in part(workflow, "rules", [])}


def asked(workflow: Any) -> dict[str, set[str]]:
    """The files of each rule that this run answers for, whether it has to make them or not, in the
    order in which the rules are written; {} where Snakemake does not tell."""
    files: dict[str, set[str]] = {}
    for job in part(workflow, "dag.jobs", []):
        files.setdefault(job.rule.name, set()).update(map(str, job.output))
    order = {name: at for at, name in enumerate(sentences(workflow))}
    return dict(sorted(files.items(), key=lambda item: order.get(item[0], 0)))


def watch(workflow: Any, logger: logging.Logger, idle: Callable[[], object]) -> watching.Watch:
    """A `Watch` on the run of Snakemake's `workflow`, beside its `logger`. `idle` is called if
    nothing is due.

    From its `begin` on, its words take the place of Snakemake's on the terminal. Not so in a dry
    run, in a job on another machine, as a module, with --verbose, or where a logger plugin has the
    terminal: then it only keeps count.
    """
    terminal = [one for one in logger.handlers if one.name == TERMINAL]
    verbose = part(workflow, "output_settings.verbose", True)
    told = terminal and leads(workflow) and not (dry(workflow) or verbose)
    watching_ = watching.Watch(sys.stderr) if told else watching.Watch(_Silence())
    logger.addHandler(Listener(watching_, idle if told else lambda: None))
    if told:
        terminal[0].addFilter(unsaid(watching_))
    return watching_


class Listener(logging.Handler):
    """Hands what Snakemake's log records say to a `Watch`.

    A record that it cannot read ends the telling: from there on Snakemake speaks for itself.
    """

    def __init__(self, watch: watching.Watch, idle: Callable[[], object] = lambda: None) -> None:
        super().__init__(logging.INFO)
        self.watch = watch
        self.idle = idle

    def emit(self, record: logging.LogRecord) -> None:
        """Read one record."""
        try:
            if str(record.msg).startswith(NOTHING):
                self.idle()
                return
        except Exception:
            self.handleError(record)
        try:
            self._read(record, _event(record))
        except (AttributeError, KeyError, TypeError):
            self.watch.telling = False

    def _read(self, record: Any, event: str) -> None:
        if event == "run_info":
            self.watch.plan(record.stats)
        elif event == "job_info":
            self.watch.begun(record.jobid, record.rule_name, record.wildcards.values())
        elif event == "job_finished":
            self.watch.finished(record.job_id)
        elif event == "job_error":
            logs = [str(path).partition(" (")[0] for path in record.log]
            self.watch.broke(record.jobid, record.rule_name, logs, record.rule_msg)


def unsaid(watch: watching.Watch) -> Callable[[logging.LogRecord], bool]:
    """A filter of the terminal: whether one of Snakemake's records should show there as it is."""

    def shows(record: logging.LogRecord) -> bool:
        text, event = str(record.msg), _event(record)
        if watch.telling and (event in SAID_EVENTS or any(words in text for words in SAID)):
            return False
        if record.levelno >= logging.WARNING:
            return True
        if event in PRELIMINARY_EVENTS or text.startswith(PRELIMINARY):
            return False
        return not watch.telling

    return shows


def _event(record: logging.LogRecord) -> str:
    event = getattr(record, "event", None)
    return str(getattr(event, "value", event))


class _Silence:
    """A stream that keeps nothing."""

    def write(self, _text):
        pass

    def flush(self):
        pass
