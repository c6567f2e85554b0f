"""What an earlier run left behind: figures of syntheses that are no more, logs of what failed."""

from pathlib import Path


def vanished(folder, figures) -> list[Path]:
    """Drawings in `folder` that are not among the `figures` (paths) that this review has: of a
    synthesis or an analysis that the protocol no longer names, of curves that were taken away."""
    wanted = {Path(figure).name for figure in figures}
    return [path for path in sorted(Path(folder).glob("*.svg")) if path.name not in wanted]


def summary(folder) -> str:
    """What the logs in `folder` say is wrong in the data, for the end of a failed run; "" if they
    say nothing of the kind. A log whose rule is done speaks of an earlier run: passed over."""
    lines = [
        line.removeprefix("WRONG: ")
        for path in sorted(Path(folder).glob("*.log"))
        if not path.with_suffix(".done").exists()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("WRONG: ")
    ]
    if not lines:
        return ""
    head = "One thing needs mending" if len(lines) == 1 else f"{len(lines)} things need mending"
    tail = "Earlier results were left as they were. Mend it and run again."
    return "\n".join([f"\n{head}:", *(f"  * {line}" for line in lines), tail])
