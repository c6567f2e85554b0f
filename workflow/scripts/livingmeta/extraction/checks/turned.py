"""A study whose numbers are those of all others turned round: changes without their sign, counts of
those without the event. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import isfinite, log, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks.beside import spreads, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain

# ASSUME: a mean change lies at least so many SDs, and standard errors, from those of all others to
# be asked about, and turned round within the range of these widened by so much: patients who were
# not treated get worse by less than all others get better.
_SDS, _ERRORS, _WIDER = 0.7, 4.0, 1.5


def changes_turned(rows: Mapping[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """A study all of whose mean changes are on the other side of nought than those of all others,
    and turned round would be among these: "a reduction by 21.7" typed without its sign. In SDs, for
    scales may be of several lengths; three studies at least, of which none is marked reversed.

    `rows`: by study.
    """
    found: dict[str, dict[str, list[_Change]]] = {}
    for study, mine in rows.items():
        for outcome in dict.fromkeys(r.outcome for r in mine):
            if changed := _changes(tuple(r for r in mine if r.outcome == outcome)):
                found.setdefault(outcome, {})[study] = changed
    said = {r.outcome for mine in rows.values() for r in mine if r.direction}
    for outcome, by_study in found.items():
        for study, changes in by_study.items() if outcome not in said else ():
            rest = [c for s, of in by_study.items() if s != study for c in of]
            sign = -1 if sum(c.sds for c in rest) < 0 else 1
            others = [sign * c.sds for c in rest]
            own = [-sign * c.sds for c in changes]
            if len(by_study) < 3 or len(changes) < 2 or not min(*others, *own) > 0:
                continue
            least, most = min(others) / _WIDER, max(others) * _WIDER
            far = all(
                x + min(others) > _SDS and x > _ERRORS * c.error
                for x, c in zip(own, changes, strict=True)
            )
            if far and all(least < x < most for x in own):
                yield (
                    study,
                    Problem(
                        "warning",
                        tuple(dict.fromkeys(row for c in changes for row in c.rows)),
                        "sign of a change",
                        f"{outcome}: its changes are on the other side of nought than those of all "
                        f"{len(by_study) - 1} other studies, and turned round would be as theirs: "
                        "a reduction typed without its sign, or a scale on which more means the "
                        "opposite?",
                        f"means {' and '.join(plain(c.value) for c in changes)}",
                        f"{' and '.join(plain(-c.value) for c in changes)}, or reversed in the "
                        "column direction",
                    ),
                )


class _Change(NamedTuple):
    """A mean change, the same in SDs, and the standard error of this; its rows."""

    value: float
    sds: float
    error: float
    rows: tuple[int, ...]


def _changes(rows: tuple[Row, ...]) -> list[_Change]:
    """The last mean change of each arm of all patients, where its SD is known."""
    last: dict[str, tuple[float, _Change]] = {}
    for s in spreads(with_columns(rows)):
        r = s.centre
        of_all = r.statistic == "mean" and r.measured == "change" and not r.part
        if of_all and "/" not in r.arm and isfinite(r.value) and s.n > 1:
            change = _Change(r.value, r.value / s.size, 1 / sqrt(s.n), (r.row,))
            time = r.time if isfinite(r.time) else -1.0
            if r.arm not in last or time >= last[r.arm][0]:
                last[r.arm] = time, change
    return [change for _, change in last.values()]


# ASSUME: shares of the event differ between populations; so many standard errors beyond those of
# all others in both arms, within their range turned round, with an effect the other way than all of
# theirs, they do so by chance in few reviews. (One error beyond their range is within it.) Three
# others at least.
_FAR, _NEAR, _OTHERS = 3.0, 1.0, 3


def events_turned(
    rows: Mapping[str, tuple[Row, ...]], repeated: Collection[str] = ()
) -> Iterator[tuple[str, Problem]]:
    """A study whose two shares of an event are far from those of all others, and turned round among
    them, and whose effect is the other way: those without the event were counted.

    `rows`: by study; `repeated`: outcomes whose event a patient may have several times.
    """
    found: dict[tuple[str, str, str], dict[str, list[_Share]]] = {}
    for study, mine in rows.items():
        for outcome in dict.fromkeys(r.outcome for r in mine if r.outcome not in repeated):
            shares = _shares([r for r in mine if r.outcome == outcome])
            if len(shares) == 2:
                first, second = sorted(shares)
                pair = [shares[first], shares[second]]
                found.setdefault((outcome, first, second), {})[study] = pair
    for (outcome, *_), by_study in found.items():
        for study, pair in by_study.items():
            others = [of for s, of in by_study.items() if s != study]
            if len(others) < _OTHERS or not _turned(pair, others):
                continue
            yield (
                study,
                Problem(
                    "warning",
                    tuple(s.row for s in pair),
                    "event of one study",
                    f"{outcome}: its shares are far from those of all {len(others)} other studies, "
                    "and turned round among them, as its effect would be: were those without the "
                    "event counted?",
                    " and ".join(f"{plain(s.events)} of {plain(s.n)}" for s in pair),
                    " and ".join(f"{plain(s.n - s.events)} of {plain(s.n)}" for s in pair),
                ),
            )


class _Share(NamedTuple):
    """Patients with an event, out of so many, and the row."""

    events: float
    n: float
    row: int

    @property
    def of_all(self) -> float:
        return self.events / self.n

    @property
    def log_odds(self) -> float:
        return log((self.events + 0.5) / (self.n - self.events + 0.5))


def _shares(rows: list[Row]) -> dict[str, _Share]:
    """The last count, or else percentage, of each arm of all patients."""
    found: dict[str, _Share] = {}
    for kind in ("proportion", "events"):
        of_kind = [r for r in rows if r.statistic == kind and "/" not in r.arm and not r.part]
        of_kind.sort(key=lambda r: r.time if isfinite(r.time) else -1.0)
        for r in of_kind:
            events = r.value * r.n if kind == "proportion" else r.value
            events = r.n - events if r.event == "survival" else events
            if r.n > 0 and 0 <= events <= r.n:
                found[r.arm] = _Share(round(events, 6), r.n, r.row)
    return found


def _turned(mine: list[_Share], others: list[list[_Share]]) -> bool:
    shares = [s for pair in others for s in pair]
    low, high = (of(shares, key=lambda s: s.of_all) for of in (min, max))
    above = all(_apart(s, high) > _FAR for s in mine)
    below = all(-_apart(s, low) > _FAR for s in mine)
    turned = [_Share(s.n - s.events, s.n, s.row) for s in mine]
    among = all(_apart(s, high) < _NEAR and -_apart(s, low) < _NEAR for s in turned)
    if not (above or below) or not among:
        return False
    sides = {a.log_odds > b.log_odds for a, b in others}
    return len(sides) == 1 and (mine[0].log_odds > mine[1].log_odds) not in sides


def _apart(one: _Share, other: _Share) -> float:
    """By how many standard errors one share is above another."""
    both = (one.events + other.events + 1) / (one.n + other.n + 2)
    error = sqrt(both * (1 - both) * (1 / one.n + 1 / other.n))
    return (one.of_all - other.of_all) / error
