"""Curves that several people digitised: compared in pairs, and which of them counts.

Two agree where each can be the other, seen through two hands; of those that agree the one that was
digitised first counts (drawing.Drawing.place). Where two differ none counts until people agree (a
file of consensus), or the one by whom extraction.until_settled of the protocol names. What
people agree on is one of their curves or lies between them; one beyond all of them (another arm, a
time axis in weeks) settles nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.extraction import agreement
from livingmeta.extraction.cells import CONSENSUS
from livingmeta.extraction.curves.clicks import HAND
from livingmeta.extraction.curves.drawing import Drawing, Key
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.formulas.intraclass import Icc, absolute_agreement
from livingmeta.words import people as of_people
from livingmeta.words import readings as words

# ASSUME: a hand misses by up to 1% of either axis, as in `clicks`, so two hands may put one point
# 2% of the time axis and 0.02 of survival apart; curves further apart are not of one reading.
APART = HAND
# Survival is read at so many times, evenly spaced up to where the shorter of two curves ends.
TIMES = 20
SCHEMA = "extraction/curve_readings"


class Drawn(NamedTuple):
    """A curve as one person has it, and what was rebuilt from it."""

    drawing: Drawing
    curve: Curve


class Pair(NamedTuple):
    """Two people's readings of one curve. `read`: survival at TIMES times, a column each; `apart`:
    their largest difference beyond what two hands are off in time, and `at` when."""

    first: Drawn
    second: Drawn
    read: np.ndarray
    apart: float
    at: float
    ends_differ: bool

    @property
    def differs(self) -> list[str]:
        """In what they differ: survival, end."""
        return ["survival"] * (self.apart > APART) + ["end"] * self.ends_differ

    def facts(self) -> dict[str, Any]:
        """What is said of the two in extraction/curve_readings, but for what was made of them."""
        one, other = self.first, self.second
        return {
            "first": one.drawing.by,
            "second": other.drawing.by,
            "first_file": one.drawing.file,
            "second_file": other.drawing.file,
            "differs": " ".join(self.differs),
            "difference": self.apart,
            "at": self.at,
            "first_end": one.curve.last_time,
            "second_end": other.curve.last_time,
        }


class Waiting(NamedTuple):
    """A curve that does not count until it is settled: as one has it, and what is said of it."""

    curve: Curve
    words: str


class Read(NamedTuple):
    """A curve as one or more people have it: the one that counts, or that which waits."""

    stands: Curve | None
    waits: Waiting | None
    pairs: list[Pair]
    settled: bool


def together(drawn: Sequence[Drawn], until: str) -> Read:
    """What counts of the files of one curve. `until`: whose counts where two differ."""
    in_order = sorted(drawn, key=lambda one: one.drawing.place)
    agreed = [one for one in in_order if one.drawing.by == CONSENSUS]
    people = [one for one in in_order if one.drawing.by != CONSENSUS]
    pairs = [compare(a, b) for a, b in combinations(people, 2)]
    if agreed:
        if not (people and _beyond(agreed[0].curve, [one.curve for one in people])):
            return Read(agreed[0].curve, None, pairs, True)
        against = [compare(agreed[0], one) for one in people]
        _, arm, outcome = agreed[0].drawing.key
        said = words.curve_waits(arm, outcome, [words.curves_differ(p.facts()) for p in against])
        return Read(None, Waiting(agreed[0].curve, said), [*against, *pairs], False)
    differ = [words.curves_differ(pair.facts()) for pair in pairs if pair.differs]
    if not differ:
        return Read(people[0].curve, None, pairs, False)
    _, arm, outcome = people[0].drawing.key
    said = words.curve_waits(arm, outcome, differ)
    chosen = of_people.of_one(until, [one.drawing.by for one in people])
    named = [one for one in people if one.drawing.by == chosen]
    if not named:
        return Read(None, Waiting(people[0].curve, said), pairs, False)
    taken = words.curve_until(arm, outcome, named[0].drawing.by, differ)
    return Read(replace(named[0].curve, until=taken), None, pairs, False)


def compare(first: Drawn, second: Drawn) -> Pair:
    """Two readings of one curve, as step functions through their clicks."""
    a, b = first.curve, second.curve
    axis = max(max(c.last_time, float(c.risk_time[-1])) for c in (a, b))
    off = HAND * axis
    end = min(a.last_time, b.last_time)
    times = end * np.arange(1, TIMES + 1) / TIMES
    read = np.column_stack([a.read(times), b.read(times)])
    apart, at = max(_furthest(a, b, off, end), _furthest(b, a, off, end))
    ends = abs(a.last_time - b.last_time) > off
    return Pair(first, second, read, apart, at, ends)


def _beyond(agreed: Curve, read: Sequence[Curve]) -> bool:
    """Whether a curve is somewhere above or below all those that people read, or ends before or
    after all of them, by more than two hands are off."""
    ends = [curve.last_time for curve in read]
    off = HAND * max(float(max(c.last_time, c.risk_time[-1])) for c in (agreed, *read))
    if not min(ends) - off <= agreed.last_time <= max(ends) + off:
        return True
    falls = np.concatenate([c.click_time for c in (agreed, *read)])
    at = np.unique(np.concatenate([falls, falls - off, falls + off]))
    at = at[(at >= 0) & (at <= min([agreed.last_time, *ends]))]
    here = agreed.read(at)
    above = np.min([here - curve.read(np.maximum(at - off, 0)) for curve in read], axis=0)
    below = np.min([curve.read(at + off) - here for curve in read], axis=0)
    return bool(max(above.max(), below.max()) > APART)


def _furthest(one: Curve, other: Curve, off: float, end: float) -> tuple[float, float]:
    """The largest difference of survival up to `end` between a curve and another that may be read
    up to `off` earlier or later, and when it is."""
    # Two step functions are furthest apart where one of them has just fallen.
    at = np.concatenate([one.click_time, other.click_time - off, other.click_time + off])
    at = np.unique(at[(at >= 0) & (at <= end)])
    here = one.read(at)
    gap = np.maximum(other.read(at + off) - here, here - other.read(np.maximum(at - off, 0)))
    worst = int(gap.argmax())
    return max(0.0, float(gap[worst])), float(at[worst])


def table(read: Mapping[Key, Read], times: Mapping[str, Iterable[float]]) -> pd.DataFrame:
    """The pairs in the columns of extraction/curve_readings. `times`: those of interest, by
    outcome."""
    rows: list[dict[str, Any]] = []
    for (study, arm, outcome), one in read.items():
        for pair in one.pairs:
            icc = absolute_agreement(pair.read)
            open_ = "consensus" if one.settled else "conflict"
            of = {
                "study_id": study,
                "arm": arm,
                "outcome": outcome,
                "state": open_ if pair.differs else "agree",
                "taken": one.stands.file if one.stands else "",
                **_icc(icc),
                "at_times": _at_times(pair, times.get(outcome, ())),
            }
            rows.append(of | pair.facts())
    return pd.DataFrame(rows, columns=tables.columns(SCHEMA))


def _at_times(pair: Pair, times: Iterable[float]) -> str:
    """Survival as both read it at each time that both curves reach."""
    both = [pair.first.curve, pair.second.curve]
    end = min(curve.last_time for curve in both)
    return "; ".join(
        words.survival_at(time, *(float(curve.read(np.asarray(time))) for curve in both))
        for time in sorted(times)
        if time <= end
    )


def agree(read: Mapping[Key, Read]) -> list[dict[str, Any]]:
    """Rows of extraction/agreement: of each two people, how many of the curves that both digitised
    they have alike, and survival at all times compared, with the intraclass correlation."""
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for one in read.values():
        for pair in one.pairs:
            if pair.first.drawing.by == CONSENSUS:
                continue  # nobody's reading
            both = sorted((pair.first, pair.second), key=lambda d: d.drawing.by.casefold())
            pair = pair if both[0] is pair.first else pair._replace(read=pair.read[:, ::-1])
            names = (both[0].drawing.by, both[1].drawing.by)
            pairs.setdefault(names, []).append(pair)
    rows = []
    for (first, second), of in pairs.items():
        head = {"table": "curves", "first": first, "second": second}
        rows.append(head | {"field": agreement.ALL} | agreement.share_of(not p.differs for p in of))
        every = np.concatenate([pair.read for pair in of])
        icc = absolute_agreement(every)
        near = agreement.share_of((np.abs(every[:, 0] - every[:, 1]) <= APART).tolist())
        rows.append(head | {"field": "survival"} | near | _icc(icc))
    return rows


def _icc(icc: Icc) -> dict[str, float]:
    return {"icc": icc.value, "icc_low": icc.low, "icc_high": icc.high}
