"""The two families of errors: what people mend, and what we do.

Which of the two an error is of decides how a run tells it (run/log): an InputError is its message
and nothing else, any other is told as a fault of the program, with the traceback in the log.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple


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


class Fault(NamedTuple):
    """What is wrong with one cell: `row` it stands on, or the cell of a workbook (`Binary!D5`);
    `value` as a message shows it, `wrong` what would be right."""

    row: int | str
    column: str
    value: str
    wrong: str


def sentences(path: object, faults: Iterable[Fault]) -> list[str]:
    """Each kind of fault of a file once, with its rows; in the order of the first row of each."""
    kinds: dict[tuple[str, str], list[Fault]] = {}
    for fault in sorted(faults, key=lambda f: f.row if isinstance(f.row, int) else 0):
        kinds.setdefault((fault.column, fault.wrong), []).append(fault)
    found = []
    for (column, wrong), same in kinds.items():
        values = list(dict.fromkeys(f.value for f in same))
        more = f" and {len(values) - 3} more" if len(values) > 4 else ""
        values = values[:3] if more else values
        where = rows_in_words([f.row for f in same])
        found.append(f"{path}, {where}, column {column}: {', '.join(values)}{more}; {wrong}.")
    return found


def rows_in_words(rows: Iterable[int | str]) -> str:
    """Rows as a message names them: `row 5`, or `rows 2-4, 9`, each once; `cell Binary!D5`."""
    rows = list(dict.fromkeys(rows))
    cells = [cell for cell in rows if isinstance(cell, str)]
    runs: list[list[int]] = []
    for row in sorted(row for row in rows if isinstance(row, int)):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    spans = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    kind = "row" if runs else "cell"
    return f"{kind}{'s' * (len(rows) > 1)} {', '.join([*spans, *cells])}"


class InternalError(Exception):
    """A fault of ours: counts that do not add up, a table of ours that breaks its own schema, what
    should never happen. No ValueError, so that nothing takes it for a fault of people's."""
