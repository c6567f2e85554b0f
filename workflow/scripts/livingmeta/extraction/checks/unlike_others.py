"""A study, or one arm of it, unlike those of all others: the share that has the event, counts of
those without it, a mean or count ten times too large or small. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, permutations
from math import exp, isfinite, log, nan, sqrt
from typing import NamedTuple

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
                    tuple(s.printed.row for s in pair),
                    "event of one study",
                    f"{outcome}: its shares are far from those of all {len(others)} other studies, "
                    "and turned round among them, as its effect would be: were those without the "
                    "event counted?",
                    " and ".join(f"{plain(s.events)} of {plain(s.n)}" for s in pair),
                    " and ".join(f"{plain(s.n - s.events)} of {plain(s.n)}" for s in pair),
                ),
            )


class _Counted(NamedTuple):
    """Patients with an event, out of so many, and the row that prints them."""

    events: float
    n: float
    printed: Row

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
                found[r.arm] = _Counted(round(events, 6), r.n, r)
    return found


def _turned(mine: list[_Counted], others: list[list[_Counted]]) -> bool:
    shares = [s for pair in others for s in pair]
    low, high = (of(shares, key=lambda s: s.of_all) for of in (min, max))
    above = all(_apart(s, high) > _FAR for s in mine)
    below = all(-_apart(s, low) > _FAR for s in mine)
    turned = [_Counted(s.n - s.events, s.n, s.printed) for s in mine]
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


# ASSUME: means of one arm, and shares, are no further apart than this between studies for one of
# them to be held to all others; it is that many times off these at least, within them by this when
# ten times as large (or small), and so is the study's other arm as it is. A mean differs from what
# it would be by so many standard errors, a share from that of the nearest by so many.
_APART, _OFF, _WITHIN, _OF_MEANS, _OF_SHARES = 3.0, 5.0, 1.3, 4.0, 3.0


class _Amount(NamedTuple):
    """The mean or share of an arm, the row, the standard error of a mean, or what was counted."""

    value: float
    row: Row
    error: float = nan
    counted: _Counted | None = None


def digit_of_one_arm(
    rows: Mapping[str, tuple[Row, ...]], repeated: Collection[str] = ()
) -> Iterator[tuple[str, Problem]]:
    """A mean a tenth or hundredth of those of the same arm in all other studies, or a count ten
    times as large or as small, while the study's other arm is as theirs: a digit or the decimal
    point of one number. (A mean ten times as large is far off the study's own SDs.) Two others of
    both arms at least.

    `rows`: by study; `repeated`: outcomes whose event a patient may have several times.
    """
    found: dict[tuple[str, str], dict[str, dict[str, _Amount]]] = {}
    for study, printed in rows.items():
        for outcome in dict.fromkeys(r.outcome for r in printed):
            of_it = [r for r in printed if r.outcome == outcome]
            if not any(r.direction for r in of_it):
                found.setdefault((outcome, "mean"), {})[study] = _means(of_it)
            if outcome not in repeated:
                found.setdefault((outcome, "count"), {})[study] = {
                    arm: _Amount(s.of_all, s.printed, counted=s)
                    for arm, s in _shares(of_it).items()
                }
    for (outcome, _), by_study in found.items():
        for study, mine in by_study.items():
            rest = [of for s, of in by_study.items() if s != study]
            for a, b in permutations(mine, 2):
                others = [(of[a], of[b]) for of in rest if a in of and b in of]
                if len(others) < 2 or not (times := _shifted(mine[a], mine[b], others)):
                    continue
                r = mine[a].row
                yield (
                    study,
                    Problem(
                        "warning",
                        (r.row,),
                        "digit of one arm",
                        f"{outcome}: {r.statistic} of {a} is far from that of all {len(others)} "
                        f"other studies, and {'ten' if times in (10, 0.1) else 'a hundred'} times "
                        f"as {'large' if times > 1 else 'small'} among them, as its other arm is: "
                        "is a digit or the decimal point off?",
                        plain(r.value),
                        plain(float(f"{r.value * times:.6g}")),
                    ),
                )


def _shifted(mine: _Amount, other: _Amount, others: list[tuple[_Amount, _Amount]]) -> float:
    """What a number must be taken times to be among those of all others; 0 where it is, or cannot
    be so, or the study's other arm is not among theirs either."""
    (low, high), (least, most) = (
        (min(of, key=lambda x: x.value), max(of, key=lambda x: x.value))
        for of in zip(*others, strict=True)
    )
    near = 0 < high.value <= _APART * low.value and 0 < most.value <= _APART * least.value
    alike = least.value / _WITHIN < other.value < most.value * _WITHIN
    if not (near and alike and mine.value > 0):
        return 0.0
    ratios = [a.value / b.value for a, b in others]
    for times in (10.0, 0.1) if mine.counted else (10.0, 100.0):
        right, nearest = mine.value * times, low if times > 1 else high
        off = max(mine.value, nearest.value) > _OFF * min(mine.value, nearest.value)
        within, sure = _WITHIN, right - mine.value > _OF_MEANS * mine.error
        if mine.counted and other.counted and nearest.counted:
            events = mine.counted.events * times, other.counted.events
            within *= exp(sqrt(sum(1 / x for x in events)))
            sure = right <= 1 and abs(_apart(mine.counted, nearest.counted)) > _OF_SHARES
        fits = min(ratios) / within < right / other.value < max(ratios) * within
        among = low.value / _WITHIN < right < high.value * _WITHIN
        if off and sure and fits and among:
            return times
    return 0.0


def _means(rows: list[Row]) -> dict[str, _Amount]:
    """The last mean above nought of each arm of all patients and its error; no mean change."""
    found: dict[str, _Amount] = {}
    told = [s for s in spreads(with_columns(tuple(rows))) if s.centre.statistic == "mean"]
    told.sort(key=lambda s: s.centre.time if isfinite(s.centre.time) else -1.0)
    for s in told:
        r = s.centre
        final = r.measured != "change" and r.time != 0 and not r.part and "/" not in r.arm
        if final and r.value > 0 and s.n > 1:
            found[r.arm] = _Amount(r.value, r, s.size / sqrt(s.n))
    return found
