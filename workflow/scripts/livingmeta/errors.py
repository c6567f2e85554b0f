"""The two families of errors: what people mend, and what we do.

Which of the two an error is of decides how a run tells it (run/log): an InputError is its message
and nothing else, any other is told as a fault of the program, with the traceback in the log.
"""

from collections.abc import Iterable
from typing import Any


class InputError(ValueError):
    """A mistake in what people bring, in words for them: where it stands and what would be right.

    `problems` lists all of it, one sentence each. Where it is about one place, that may be given
    apart too: `file`, `rows` (as numbered there, the header is row 1), `column`, `value` as it
    stands there, and `cure`, what would be right.
    """

    def __init__(
        self,
        problems: str | Iterable[str],
        *,
        file: str = "",
        rows: Iterable[int] = (),
        column: str = "",
        value: Any = None,
        cure: str = "",
    ) -> None:
        text = problems if isinstance(problems, str) else "\n".join(problems := list(problems))
        self.problems = text.splitlines() if isinstance(problems, str) else list(problems)
        self.file, self.rows, self.column = file, tuple(rows), column
        self.value, self.cure = value, cure
        super().__init__(text)


class InternalError(Exception):
    """A fault of ours: counts that do not add up, a table of ours that breaks its own schema, what
    should never happen. No ValueError, so that nothing takes it for a fault of people's."""
