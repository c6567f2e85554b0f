"""Where the points of a curve come from: image, axes, and who digitised it when.

The page that digitises writes it above the points, a line each (`# image: figure-2.png`), and
beside each point its place in the image. So the points can be computed again, and are: a number
that was changed after it was clicked is refused, with the row.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from livingmeta import cell_rules, spreadsheets
from livingmeta.errors import InputError

KEYS = ("image", "sha256", "pixels", "axes", "digitised by", "digitised on", "how", "points")
NEEDED = ("image", "axes", "digitised by", "digitised on")
PLACES = ("xpixel", "ypixel")  # x (pixel), x_pixel
# A number that differs by more of its axis was typed, not rounded.
ROUNDED = 0.002

_LINE = re.compile(rf"#\s*({'|'.join(KEYS)})\s*:\s*(.*)", re.IGNORECASE)
_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
_MARK = re.compile(rf"(time|survival)\s+({_NUMBER})\s+at\s+({_NUMBER})\s+({_NUMBER})")


class OriginError(InputError):
    """What a file says of where its points come from, and cannot be; `row` of the file, or 0."""

    def __init__(self, said: str, row: int = 0) -> None:
        super().__init__(said)
        self.row = row


class Origin(NamedTuple):
    """Where points come from. `axes`: two places on the time axis, two on that of survival, each
    (value, x, y), in the units of the file and in pixels, y downwards; `how` they were found, and
    how `many` there were, if the file says."""

    image: str
    sha256: str
    axes: np.ndarray
    by: str
    on: date
    how: str
    many: int | None = None


def apart(text: str) -> tuple[str, Origin | None]:
    """The text of a file with what says where it comes from blanked out, and this, or None.

    Lines keep their numbers. Raises OriginError where a part is missing or cannot be read.
    """
    found: dict[str, str] = {}
    lines = text.splitlines()
    for i, line in enumerate(lines):
        # As spreadsheets save it: in quotes, with the separators of empty cells behind.
        told = _LINE.fullmatch(line.rstrip(" ;,\t").strip(' "').replace('""', '"'))
        if told:
            found[told[1].lower()] = told[2].strip()
            lines[i] = ""
    if not found:
        return text, None
    if missing := [key for key in NEEDED if not found.get(key)]:
        raise OriginError(f"the lines above the points lack '# {missing[0]}: ...'")
    digest = found.get("sha256", "").lower()
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        raise OriginError(f"sha256 '{digest}' is not 64 hexadecimal digits")
    try:
        on = date.fromisoformat(found["digitised on"])
    except ValueError:
        raise OriginError(
            f"digitised on '{found['digitised on']}': a day is written 2026-11-28"
        ) from None
    if wrong := cell_rules.to_come(on.isoformat()):
        raise OriginError(f"digitised on '{on}': {wrong}")
    if (many := found.get("points", "")) and not re.fullmatch(r"\d{1,6}", many):
        raise OriginError(f"points '{many}': how many points the file was saved with is a number")
    origin = Origin(
        found["image"],
        digest,
        _axes(found["axes"]),
        found["digitised by"],
        on,
        found.get("how", ""),
        int(many) if many else None,
    )
    return "\n".join(lines), origin


def _axes(said: str) -> np.ndarray:
    marks = _MARK.findall(said)
    if [mark[0] for mark in marks] != ["time", "time", "survival", "survival"]:
        raise OriginError(
            f"axes '{said}': they are two times and two survivals with their pixels, such as time "
            "24 at 1100 540"
        )
    axes = np.array([mark[1:] for mark in marks], float)
    (a, b), (c, d) = axes[:2], axes[2:]
    if a[0] == b[0] or c[0] == d[0] or abs(_cross(b[1:] - a[1:], d[1:] - c[1:])) < 1:
        raise OriginError(f"axes '{said}': the two of one axis are at one value or in one place")
    return axes


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def computed(axes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Time and survival (n, 2) at places (n, 2) in the image: the affine map that sends the four
    clicks of `axes` to their values, lines along one axis to one value of the other."""
    (a, b), (c, d) = axes[:2], axes[2:]
    u, v = b[1:] - a[1:], d[1:] - c[1:]
    along = _cross(places - a[1:], v) / _cross(u, v)
    up = _cross(u, places - c[1:]) / _cross(u, v)
    return np.column_stack([a[0] + along * (b[0] - a[0]), c[0] + up * (d[0] - c[0])])


def columns(names: Sequence[str]) -> list[int]:
    """Where the places stand among columns of these names: of x and y, or []."""
    squeezed = [re.sub("[()]", "", spreadsheets.squeezed(name)) for name in names]
    return [squeezed.index(place) for place in PLACES] if set(PLACES) <= set(squeezed) else []


def must_fit(origin: Origin, points: np.ndarray, places: np.ndarray, rows: Sequence[int]) -> None:
    """Raises OriginError where a point (time and survival as the file has them, (n, 2)) is not what
    its place and the axes give, and where there are other than as many as were saved; `rows`: those
    of the file."""
    if origin.many is not None and len(points) != origin.many:
        raise OriginError(
            f"it was saved with {origin.many} points and holds {len(points)}: put back what is "
            "missing, or digitise it again"
        )
    again = computed(origin.axes, places)
    span = np.abs(origin.axes[[1, 3], 0] - origin.axes[[0, 2], 0])
    wrong = np.argwhere(np.abs(again - points) > ROUNDED * span)
    if wrong.size:
        i, k = wrong[0]
        raise OriginError(
            f"{('time', 'survival')[k]} is {points[i, k]:g}, and its pixel with the axes above "
            f"gives {again[i, k]:.6g}: digitise it again, or delete the lines that begin with # "
            "and the columns of pixels, where another number is right",
            rows[i],
        )
