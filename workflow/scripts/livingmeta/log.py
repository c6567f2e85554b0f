"""What a job says: to its log file, and where something is wrong, to the person at the keyboard."""

import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

OURS = __name__.split(".")[0]


@contextmanager
def to(path):
    """Open the job's log at `path` and yield `say`, which writes one line to it.

    A ValueError of the library's own is a fault in what people brought: its message alone goes to
    the log, and the job ends. Anything else is a fault of ours and goes there with its traceback.
    The log holds no times, so that the same data leave the same bytes.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:

        def say(line: str) -> None:
            file.write(line + "\n")
            file.flush()

        try:
            yield say
        except Exception as error:
            if not (isinstance(error, ValueError) and type(error).__module__.startswith(OURS)):
                say(traceback.format_exc())
                raise
            for problem in str(error).splitlines():
                say(f"WRONG: {problem}")
            sys.exit(1)
