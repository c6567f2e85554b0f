"""What became of the registered plan, in the words that stand beside a result."""

from collections.abc import Iterable, Mapping

from livingmeta.words.english import heading, within

CHANGED, ADDED = "changed", "added after data"
SAID = {CHANGED: "changed since the plan was registered", ADDED: "added after data"}


def of(mark: str) -> str:
    """The words for a mark of prespecified.csv; "" for what was planned, or has no plan."""
    return SAID.get(mark, "")


def under_title(result: str, subgroups: Mapping[str, str]) -> list[str]:
    """What stands under the title of a figure: of its `result`, and of its subgroups by column
    where their mark is another one."""
    said = [f"Not as planned: {of(result)}"] if of(result) else []
    for column, mark in subgroups.items():
        if of(mark) and mark != result:
            said.append(f"Not as planned: subgroups by {within(heading(column))}, {of(mark)}")
    return said


def counted(marks: Iterable[str]) -> dict[str, int]:
    """How many of some marks say that something was not planned, by the mark."""
    marks = list(marks)
    return {mark: n for mark in SAID if (n := marks.count(mark))}
