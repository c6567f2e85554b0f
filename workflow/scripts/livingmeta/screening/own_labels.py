"""Labels: words of people's own beside include and exclude."""

from collections.abc import Iterable


def together(cells: Iterable[str]) -> str:
    """The labels of all these cells, separated by semicolons, each once whatever its case."""
    found: dict[str, str] = {}
    for cell in cells:
        for label in cell.split(";"):
            if label := " ".join(label.split()):
                found.setdefault(label.casefold(), label)
    return "; ".join(found[name] for name in sorted(found))
