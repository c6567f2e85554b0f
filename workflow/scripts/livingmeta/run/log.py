"""What a job says: to its log file, and where something is wrong, to the person at the keyboard."""

import errno
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from livingmeta.errors import InputError
from livingmeta.run import claim

# How the lines of a log begin that the last words of a run repeat (run/closing).
WRONG = "WRONG: "  # what people mend
FAULT = "FAULT: "  # what is ours
LONGEST = 300  # characters of what a fault of ours says of itself
# Faults of the place where a run writes, and what a person can do about each.
PLACE = {
    errno.ENOSPC: "the disk is full. Free some space and run again.",
    errno.EDQUOT: "your share of the disk is used up. Free some space and run again.",
    errno.EFBIG: "the file would be larger than is allowed here.",
    errno.EROFS: "this folder can only be read. Copy the review to one that can be written to.",
    errno.EACCES: "you may not write there. Ask for the right to, or copy the review elsewhere.",
    errno.EPERM: "you may not write there. Ask for the right to, or copy the review elsewhere.",
}


@contextmanager
def to(path: Path | str) -> Iterator[Callable[[str], None]]:
    """Open the job's log at `path` and yield `say`, which writes one line to it.

    An InputError is a mistake in what people brought, and an OSError of `PLACE` one of the place
    written to: the message alone goes to the log, and the job ends. Anything else goes there with
    its traceback. Of that, other OSErrors and a lack of memory are raised; the rest is a fault of
    ours, of whatever class: it is named in one more line, and the job ends. The log holds no times,
    so that the same data leave the same bytes.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            claim.job(path),
            open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
        ):
            yield from _logged(file)
    except OSError as error:
        if error.errno not in PLACE:
            raise
        # The log may be what cannot be written: this goes to the screen too.
        print(f"{WRONG}{_place(error)}", file=sys.stderr)
        sys.exit(1)


def _logged(file):
    def say(line: str) -> None:
        file.write(line + "\n")
        file.flush()

    try:
        yield say
    except Exception as error:
        if isinstance(error, OSError) and error.errno in PLACE:
            say(f"{WRONG}{_place(error)}")
            raise
        if isinstance(error, InputError):
            for problem in str(error).splitlines():
                say(f"{WRONG}{problem}")
            sys.exit(1)
        say(traceback.format_exc())
        # Neither people's fault nor ours: the machine's.
        if isinstance(error, OSError | MemoryError):
            raise
        say(f"{FAULT}{fault(error)}")
        sys.exit(1)


def fault(error: Exception) -> str:
    """A fault of ours in one line: its class and what it says."""
    words = " ".join(str(error).split())
    short = words if len(words) <= LONGEST else f"{words[:LONGEST]}..."
    return f"{type(error).__name__}{': ' if short else ''}{short}"


def _place(error: OSError) -> str:
    return f"{error.filename or 'a file'}: {PLACE[error.errno or 0]}"
