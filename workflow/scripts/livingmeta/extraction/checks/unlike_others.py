"""A study unlike all others: the share of an arm that has the event, its median survival, and
numbers that are those of all others turned round (changes without their sign, counts of those
without the event). See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from math import isfinite, log, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks import deaths
from livingmeta.extraction.checks.beside import spreads, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain, same_moment

# ASSUME: single arms differ between studies far more than by chance. A share is asked about where
# those of so many others, each on the other side of one half, are nearer to its complement: it is
# off them by this much of their own range on the logit scale, by so much at least, and by so many
# standard errors. Of drawn reviews of 6 to 13 studies whose logits vary by 0.6 with heavy tails one
# of 1,500 is asked about, of those that vary by 1.0 one of 200.
_OTHERS, _OF_RANGE, _LEAST, _ERRORS = 5, 1.5, 2.5, 3.3
# ASSUME: more have had an event that goes on happening where they are followed so much longer.
_LONGER = 1.5


class _Share(NamedTuple):
    """What share of an arm has the event: its logit, the standard error of that, and the row."""

    logit: float
    se: float
    percent: float
    row: Row

    def same_moment(self, other: _Share) -> bool:
        return same_moment(self.row.time, other.row.time)


def share_of_one_study(
    rows: dict[str, tuple[Row, ...]],
    survival: Collection[str] = (),
    followed: Mapping[str, float] | None = None,
) -> Iterator[tuple[str, Problem]]:
    """A study in which as many have the event as have it not in all others: survivors typed as
    deaths, or patients without the event as those with it.

    `rows`: by study; `survival`: outcomes of that kind; `followed`: the median follow-up of each
    study, in one unit. Six studies at least print events, percentages or survival of the same arm
    and time; where no time is printed, followed as long, or so that a longer one explains nothing.
    """
    found: dict[tuple[str, str], dict[str, list[_Share]]] = {}
    for study, mine in rows.items():
        for r in mine:
            if share := _share(r, r.outcome in survival):
                found.setdefault((r.outcome, r.arm), {}).setdefault(study, []).append(share)
    told: dict[tuple[str, str], list[tuple[_Share, list[_Share]]]] = {}
    for (outcome, _), by_study in found.items():
        for study, shares in by_study.items():
            for share in shares:
                alike = [
                    next(filter(share.same_moment, of), None)
                    for name, of in by_study.items()
                    if name != study
                    and _as_long(share, study, name, outcome in survival, followed or {})
                ]
                others = [other for other in alike if other]
                if len(others) >= _OTHERS and _is_complement(share, others):
                    told.setdefault((study, outcome), []).append((share, others))
    for (study, outcome), odd in told.items():
        share, others = odd[0]
        low, high = (of(o.percent for o in others) for of in (min, max))
        what = "survivors and deaths" if outcome in survival else "those with and without it"
        yield (
            study,
            Problem(
                "warning",
                tuple(dict.fromkeys(s.row.row for s, _ in odd)),
                "share of one study",
                f"{outcome}: as large a share of {share.row.arm} has the event as has it not in "
                f"all {len(others)} other studies: are {what} changed over?",
                f"{share.percent:.3g}%",
                f"{low:.3g}% to {high:.3g}%, or {100 - share.percent:.3g}%",
            ),
        )


# ASSUME: by so much may a relative reduction be beyond those of the other studies, of which so many
# print both arms.
_BEYOND, _PAIRS = 0.1, 3


def reduction_as_difference(
    rows: dict[str, tuple[Row, ...]], survival: Collection[str] = ()
) -> Iterator[tuple[str, Problem]]:
    """A difference of risks printed alone that is above the risk of every arm of all other studies,
    and among their relative reductions: 35% fewer typed as 35 of 100 fewer.

    `rows`: by study; `survival`: outcomes of that kind.
    """
    alone: list[tuple[str, Row]] = []
    found: dict[tuple[str, frozenset[str]], dict[str, list[_Share]]] = {}
    for study, mine in rows.items():
        shares = [share for r in mine if (share := _share(r, r.outcome in survival))]
        printed = {(share.row.outcome, share.row.arm) for share in shares}
        for r in mine:
            pair = r.arm.split("/")
            if r.statistic == "risk-difference" and not r.part and 0 < abs(r.value) < 1:
                alone += [(study, r)] * (not any((r.outcome, arm) in printed for arm in pair))
        for a, b in combinations(shares, 2):
            if a.row.outcome == b.row.outcome and a.row.arm != b.row.arm and a.same_moment(b):
                key = a.row.outcome, frozenset((a.row.arm, b.row.arm))
                found.setdefault(key, {}).setdefault(study, []).extend((a, b))
    for study, r in alone:
        pairs = [
            sorted(share.percent / 100 for share in of[:2])
            for name, of in found.get((r.outcome, frozenset(r.arm.split("/"))), {}).items()
            if name != study and same_moment(of[0].row.time, r.time)
        ]
        if len(pairs) < _PAIRS or not all(high > 0 for _, high in pairs):
            continue
        reduced = [1 - low / high for low, high in pairs]
        most = max(high for _, high in pairs)
        if (
            abs(r.value) > most
            and min(reduced) < abs(r.value) + _BEYOND < max(reduced) + 2 * _BEYOND
        ):
            yield (
                study,
                Problem(
                    "warning",
                    (r.row,),
                    "share of one study",
                    f"risk difference of {r.arm} is above the risk of every arm in all "
                    f"{len(pairs)} other studies, and as their relative reductions are: is it one?",
                    f"{r.value:.4g}",
                    f"{most:.3g} or less, or risk-ratio {1 - abs(r.value):.3g}",
                ),
            )


# ASSUME: a median of weeks typed as months is 4.3 times too long. Medians of one arm differ between
# studies by so much that these alone tell nothing (drawn reviews were asked about as often as such
# slips were found); one so many times the study's median follow-up as well, and so many times the
# middle one of three others or more, is no chance.
_WEEKS, _MEDIANS, _FOLLOWED, _LEAST_LONG, _MOST_LONG = 365.25 / 84, 3, 3.0, 2.5, 7.0


def weeks_of_one_study(
    rows: dict[str, tuple[Row, ...]], survival: Collection[str], followed: Mapping[str, float]
) -> Iterator[tuple[str, Problem]]:
    """A median of survival far beyond the median follow-up of its study, and beyond those of all
    other studies of the arm by as much as a month is longer than a week. What is further off:
    `deaths.medians_in_another_unit`, `one_study.unit_of_one_study`.

    `rows`: by study; `survival`: outcomes of that kind; `followed`: the median follow-up of each
    study in the protocol's unit of time, NaN where nobody knows.
    """
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for study, mine in rows.items():
        for r in mine:
            reached = r.statistic == "median" and r.value > 0 and isfinite(r.value)
            if reached and r.outcome in survival and "/" not in r.arm and not r.part:
                found.setdefault((r.outcome, r.arm), {}).setdefault(study, r)
    for (outcome, arm), by_study in found.items():
        for study, r in by_study.items():
            others = [o.value for name, o in by_study.items() if name != study]
            late = r.value / (followed.get(study) or nan)
            if len(others) < _MEDIANS or not _FOLLOWED < late <= deaths.FOLLOWED:
                continue
            by = r.value / median(others)
            if _LEAST_LONG < by < _MOST_LONG and r.value > 1.5 * max(others):
                yield (
                    study,
                    Problem(
                        "warning",
                        (r.row,),
                        "unit of time",
                        f"{outcome}: median of {arm} is {late:.2g} times as long as the median "
                        f"follow-up of studies.csv, and {by:.2g} times as those of the "
                        f"{len(others)} other studies: is it of weeks?",
                        f"{r.value:.4g}",
                        f"{min(others):.3g} to {max(others):.3g}, or {r.value / _WEEKS:.3g} of "
                        f"{r.value:.4g} weeks",
                    ),
                )


def _share(r: Row, survival: bool) -> _Share | None:
    """What a row says of how many of an arm have the event; None where it says nothing."""
    if "/" in r.arm or r.part or not r.n > 0 or not isfinite(r.value):
        return None
    if r.statistic == "events" and r.value <= r.n:
        had = r.value
    elif r.statistic == ("survival" if survival else "proportion") and 0 <= r.value <= 1:
        had = r.n * (1 - r.value if survival else r.value)
    else:
        return None
    cells = had + 0.5, r.n - had + 0.5
    return _Share(
        log(cells[0] / cells[1]), sqrt(sum(1 / cell for cell in cells)), 100 * had / r.n, r
    )


def _as_long(
    share: _Share, study: str, other: str, survival: bool, followed: Mapping[str, float]
) -> bool:
    """Whether the patients of another study were followed about as long, as far as their share of
    events depends on that and nothing else tells."""
    if isfinite(share.row.time):
        return True
    times = [followed.get(name, nan) for name in (study, other)]
    if not all(time > 0 for time in times):
        return not survival
    return max(times) <= _LONGER * min(times) or (times[0] < times[1]) == (share.logit > 0)


def _is_complement(share: _Share, others: list[_Share]) -> bool:
    """Whether a share lies far from all others, on the other side of one half, and its complement
    among them."""
    logits = [other.logit for other in others]
    low, high = min(logits), max(logits)
    if low * high <= 0 or share.logit * low >= 0:
        return False
    near = min(others, key=lambda other: abs(other.logit - share.logit))
    apart = abs(near.logit - share.logit)
    clear = apart > max(_LEAST, _OF_RANGE * (high - low))
    by_chance = _ERRORS * sqrt(near.se**2 + share.se**2)
    return clear and apart > by_chance and low - share.se <= -share.logit <= high + share.se


# ASSUME: a mean change lies at least so many SDs, and standard errors, from those of all others to
# be asked about, and turned round within the range of these widened by so much: patients who were
# not treated get worse by less than all others get better.
_SDS, _STANDARD_ERRORS, _WIDER = 0.7, 4.0, 1.5


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
                x + min(others) > _SDS and x > _STANDARD_ERRORS * c.error
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
_FAR, _NEAR, _OTHERS_TURNED = 3.0, 1.0, 3


def events_turned(
    rows: Mapping[str, tuple[Row, ...]], repeated: Collection[str] = ()
) -> Iterator[tuple[str, Problem]]:
    """A study whose two shares of an event are far from those of all others, and turned round among
    them, and whose effect is the other way: those without the event were counted.

    `rows`: by study; `repeated`: outcomes whose event a patient may have several times.
    """
    found: dict[tuple[str, str, str], dict[str, list[_Counted]]] = {}
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
            if len(others) < _OTHERS_TURNED or not _turned(pair, others):
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


class _Counted(NamedTuple):
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


def _shares(rows: list[Row]) -> dict[str, _Counted]:
    """The last count, or else percentage, of each arm of all patients."""
    found: dict[str, _Counted] = {}
    for kind in ("proportion", "events"):
        of_kind = [r for r in rows if r.statistic == kind and "/" not in r.arm and not r.part]
        of_kind.sort(key=lambda r: r.time if isfinite(r.time) else -1.0)
        for r in of_kind:
            events = r.value * r.n if kind == "proportion" else r.value
            events = r.n - events if r.event == "survival" else events
            if r.n > 0 and 0 <= events <= r.n:
                found[r.arm] = _Counted(round(events, 6), r.n, r.row)
    return found


def _turned(mine: list[_Counted], others: list[list[_Counted]]) -> bool:
    shares = [s for pair in others for s in pair]
    low, high = (of(shares, key=lambda s: s.of_all) for of in (min, max))
    above = all(_apart(s, high) > _FAR for s in mine)
    below = all(-_apart(s, low) > _FAR for s in mine)
    turned = [_Counted(s.n - s.events, s.n, s.row) for s in mine]
    among = all(_apart(s, high) < _NEAR and -_apart(s, low) < _NEAR for s in turned)
    if not (above or below) or not among:
        return False
    sides = {a.log_odds > b.log_odds for a, b in others}
    return len(sides) == 1 and (mine[0].log_odds > mine[1].log_odds) not in sides


def _apart(one: _Counted, other: _Counted) -> float:
    """By how many standard errors one share is above another."""
    both = (one.events + other.events + 1) / (one.n + other.n + 2)
    error = sqrt(both * (1 - both) * (1 / one.n + 1 / other.n))
    return (one.of_all - other.of_all) / error
