"""What an earlier run left behind: figures of syntheses that are no more, logs of what failed."""

from pathlib import Path


def vanished(folder, syntheses) -> list[Path]:
    """Figures in `folder`, called `<kind>-<synthesis>.svg`, whose synthesis the protocol no longer
    names. Figures of no synthesis, such as flow.svg, are not among them."""
    gone = []
    for path in sorted(Path(folder).glob("*-*.svg")):
        kind, _, synthesis = path.stem.partition("-")
        if kind and synthesis not in syntheses:
            gone.append(path)
    return gone


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
