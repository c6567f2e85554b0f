"""What an earlier run left behind: figures of syntheses that are no more."""

from pathlib import Path


def vanished(folder: str, figures: list[str]) -> list[Path]:
    """Drawings in `folder` that are not among the `figures` (paths) that this review has: of a
    synthesis or an analysis that the protocol no longer names, of curves that were taken away."""
    wanted = {Path(figure).name for figure in figures}
    return [path for path in sorted(Path(folder).glob("*.svg")) if path.name not in wanted]
