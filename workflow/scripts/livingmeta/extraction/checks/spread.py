"""Checks of SDs, SEs, quartiles and ranges, in one study and beside the others. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import nan, sqrt
from statistics import median

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.checks.beside import beside, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain, same_moment
from livingmeta.formulas import special
from livingmeta.formulas.rounding import half_unit
from livingmeta.formulas.time_to_event import critical_value

ORDER = ("minimum", "q1", "median", "q3", "maximum")
WORDS = {"minimum": "minimum", "q1": "first quartile", "median": "median"}
WORDS |= {"q3": "third quartile", "maximum": "maximum", "mean": "mean"}
# SDs of one measure differ between studies, arms and times by less than this, and an SE typed as
# one by the root of n.
ALIKE = 2.0
# SDs of two arms differ by more than they may by chance in so few of many studies.
CHANCE = 1e-4


def zero(rows: Rows) -> Iterator[Problem]:
    """An SD or SE of 0 says that all were alike, and would weigh without end."""
    for r in rows:
        if r.statistic in ("sd", "se") and r.value == 0 and r.n != 1:
            name = r.statistic.upper()
            yield Problem(
                "error",
                (r.row,),
                f"{name} of 0",
                f"{name} of {r.arm} is 0, as if all were alike: a slip, or too few digits printed?",
                "0",
                "above 0",
            )


def spread_of_means(rows: Rows) -> Iterator[Problem]:
    """SD against SE, interval and the other arm's SD: an SE entered as SD is sqrt(n) too small."""
    spread = []
    for arm in arms(rows):
        for mean in of(rows, "mean", arm):
            sds, ses = (beside(rows, statistic, mean) for statistic in ("sd", "se"))
            n = next((r.n for r in (mean, *sds, *ses) if r.n > 0), nan)
            for sd in (r for r in sds if r.value > 0):
                spread.append((sd, sd.value, mean, n))
                if ses and n > 1 and not 0.85 < ses[0].value * sqrt(n) / sd.value < 1.18:
                    rows_of = tuple(dict.fromkeys((sd.row, ses[0].row)))
                    yield _not_sd(sd, sd.value, ses[0].value * sqrt(n), "its SE", rows_of)
                yield from _of_interval(sd, sd.value, mean, n)
            if ses and n > 1 and not sds and ses[0].value > 0:
                spread.append((ses[0], ses[0].value * sqrt(n), mean, n))
                yield from _of_interval(ses[0], ses[0].value * sqrt(n), mean, n)
    for (a, sd_a, mean_a, n_a), (b, sd_b, mean_b, n_b) in pairwise(spread):
        unlike = mean_a.measured != mean_b.measured or not same_moment(mean_a.time, mean_b.time)
        if a.arm == b.arm or unlike or a.statistic == b.statistic == "se":  # those: `ses_of_arms`
            continue
        small, large = sorted(((sd_a, a), (sd_b, b)), key=lambda x: x[0])
        # SDs above half of their means are of skewed numbers, which a few patients carry.
        middle = (mean_a if large[1] is a else mean_b).value
        alike = 2.5 if large[0] < 0.5 * abs(middle) else 5
        fewest = min(n_a, n_b) - 1 if min(n_a, n_b) > 2 else 10.0
        by_chance = sqrt(float(special.fdtri(fewest, fewest, 1 - CHANCE)))
        far = large[0] / small[0] > max(alike, by_chance)
        if far and (variance := _variance(small, large)):
            yield variance
        elif far and large[0] / small[0] > 0.6 * sqrt(n_a if n_a > 0 else 1):
            rows_of = (small[1].row, large[1].row)
            yield _not_sd(small[1], small[0], large[0], "the other arm's SD", rows_of)


# How near to the square of another SD a number must be to be a variance, as a factor of its root.
_ROOT = 1.25


def _variance(small: tuple[float, Row], large: tuple[float, Row]) -> Problem | None:
    """The SD of one arm that is about the square of the other's; None where neither is. Below 1
    the variance is the smaller one."""
    (value, r), (other, _) = (large, small) if large[0] > 1 else (small, large)
    if r.statistic != "sd" or not 1 / _ROOT < sqrt(value) / other < _ROOT:
        return None
    return _squared(r, value, "the other arm's", other, (small[1].row, large[1].row))


def _squared(r: Row, value: float, whose: str, usual: float, rows: tuple[int, ...]) -> Problem:
    return Problem(
        "warning",
        rows,
        "SD",
        f"SD of {r.arm} is about the square of {whose} ({usual:.4g}): is it a variance?",
        f"{value:.4g}",
        f"about {usual:.4g}, or {sqrt(value):.4g}, the root of it",
    )


def _of_interval(of_it: Row, sd: float, mean: Row, n: float) -> Iterator[Problem]:
    """An SD, or that of an SE, against the interval of its mean."""
    if not (mean.has_ci and mean.ci_low < mean.ci_high and n > 1):
        return
    half = half_unit(mean.ci_low, mean.ci_high) * 2 / (mean.ci_high - mean.ci_low)
    half += half_unit(of_it.value) / of_it.value if of_it.statistic == "se" else 0.0
    t = float(special.stdtrit(n - 1, 0.5 + mean.ci_level / 2))
    implied = (mean.ci_high - mean.ci_low) / (2 * t) * sqrt(n)
    # With the normal's 1.96 for t, of few patients, or from a model of all.
    least = 0.87 * critical_value(mean.ci_level) / t - half
    if not least < implied / sd < 1.15 + half:
        rows_of = tuple(dict.fromkeys((of_it.row, mean.row)))
        yield _not_sd(of_it, sd, implied, "the interval of its mean", rows_of)


def _not_sd(r: Row, sd: float, implied: float, by: str, rows: tuple[int, ...]) -> Problem:
    name = "SD" if r.statistic == "sd" else f"SE {r.value:.4g} (an SD of {sd:.4g})"
    return Problem(
        "warning",
        rows,
        "SD",
        f"{name} of {r.arm} does not fit {by}: is one of them an SE, or a decimal point shifted?",
        f"{sd:.4g}",
        f"about {implied:.4g}",
    )


def order(rows: Rows) -> Iterator[Problem]:
    """Minimum, quartiles, median and maximum stand in this order; the mean is within the range."""
    for arm in arms(rows):
        for time in _times(rows, arm):
            at = {s: [r for r in of(rows, s, arm) if same_moment(r.time, time)] for s in WORDS}
            known = [at[s][0] for s in ORDER if at[s]]
            for low, high in pairwise(known):
                if low.value > high.value:
                    yield _disorder(low, high)
            for mean in at["mean"]:
                for low in at["minimum"]:
                    if low.value > mean.value + half_unit(mean.value):
                        yield _disorder(low, mean)
                for high in at["maximum"]:
                    if mean.value - half_unit(mean.value) > high.value:
                        yield _disorder(mean, high)


def _disorder(low: Row, high: Row) -> Problem:
    return Problem(
        "error",
        (low.row, high.row),
        "order of quartiles",
        f"{WORDS[low.statistic]} of {low.arm} is above its {WORDS[high.statistic]}",
        plain(low.value),
        f"{plain(high.value)} or less",
    )


def sd_against_range(rows: Rows) -> Iterator[Problem]:
    """An SD is at most half the range, by (n/(n-1))^1/2; and about three quarters of q3 - q1."""
    for sd in of(rows, "sd"):
        ends = {
            s: next((r for r in of(rows, s, sd.arm) if same_moment(r.time, sd.time)), None)
            for s in ("minimum", "maximum", "q1", "q3")
        }
        low, high = ends["minimum"], ends["maximum"]
        if low and high and high.value > low.value:
            half = half_unit(low.value, high.value)
            most = (high.value - low.value + 2 * half) / 2
            most *= sqrt(sd.n / (sd.n - 1)) if sd.n > 1 else sqrt(2)
            if sd.value - half_unit(sd.value) > most:
                yield Problem(
                    "error",
                    (sd.row, low.row, high.row),
                    "SD against range",
                    f"SD of {sd.arm} is above half of its range",
                    f"{sd.value:.4g}",
                    f"{most:.4g} or less",
                )
        low, high = ends["q1"], ends["q3"]
        if low and high and high.value > low.value and sd.value > 0:
            usual = (high.value - low.value) / 1.35
            if not 0.35 < sd.value / usual < 10:
                yield Problem(
                    "warning",
                    (sd.row, low.row, high.row),
                    "SD",
                    f"SD of {sd.arm} does not fit its quartiles: is it an SE?",
                    f"{sd.value:.4g}",
                    f"about {usual:.4g}",
                )


def sd_of_other_times(rows: Rows) -> Iterator[Problem]:
    """SDs of one arm at several times are of one size; an SE among them is not."""
    for arm in arms(rows):
        sds = [r for r in of(rows, "sd", arm) if r.value > 0]
        for r in sds:
            others = [s.value for s in sds if s is not r]
            n = r.n if r.n > 0 else next((m.n for m in of(rows, "mean", arm) if m.n > 0), 0.0)
            if others and _is_se(r.value, n, median(others)):
                yield _se_as_sd(r, "at other times", median(others), n)


def ses_of_arms(rows: Rows) -> Iterator[Problem]:
    """SDs that the SEs of two arms stand for; one far above the other is an SD typed as SE."""
    found = {arm: [r for r in of(rows, "se", arm) if r.value > 0 and r.n > 1] for arm in arms(rows)}
    for (_, ses), (_, others) in pairwise(found.items()):
        for r, s in ((r, s) for r in ses for s in others if same_moment(r.time, s.time)):
            high, low = sorted((r, s), key=lambda x: x.value * sqrt(x.n), reverse=True)
            usual = low.value * sqrt(low.n)
            if high.value * sqrt(high.n) > 3 * usual:
                yield Problem(
                    "warning",
                    (high.row, low.row),
                    "SD",
                    f"SE of {high.arm} is far above that of {low.arm} for {high.n:g} patients: "
                    "is it an SD?",
                    f"{high.value:.4g}",
                    f"about {usual / sqrt(high.n):.3g}",
                )


def means_far_apart(rows: Rows) -> Iterator[Problem]:
    """Means of two arms that lie more than four SDs apart: SEs typed as SDs, or a decimal point."""
    first_of = {arm: of(rows, "mean", arm) for arm in arms(rows)}
    for (a, means), (b, others) in pairwise(first_of.items()):
        for m in means:
            for o in others:
                if not same_moment(m.time, o.time) or m.measured != o.measured:
                    continue
                sds = [s for mean in (m, o) for s in beside(rows, "sd", mean)[:1]]
                if len(sds) == 2 and min(s.value for s in sds) > 0:
                    far = abs(m.value - o.value) / max(s.value for s in sds)
                    if far > 2 and m.value * o.value < 0 and m.measured != "change":
                        yield _change_of_arm(min((m, o), key=lambda r: abs(r.value)), (m, o), far)
                    elif far > 4:
                        yield Problem(
                            "warning",
                            tuple(dict.fromkeys((m.row, o.row, *(s.row for s in sds)))),
                            "SD",
                            f"means of {a} and {b} are {far:.2g} SDs apart: are these SEs, or is a "
                            "decimal point shifted?",
                            ", ".join(f"{s.value:.4g}" for s in sds),
                            "as a rule less than 2 apart",
                        )


def _change_of_arm(nearer: Row, means: tuple[Row, Row], far: float) -> Problem:
    """Means on both sides of nought: a change since the beginning beside a final value."""
    other = means[1] if nearer is means[0] else means[0]
    return Problem(
        "warning",
        tuple(r.row for r in means),
        "change or final value",
        f"mean of {nearer.arm} is {far:.2g} SDs from that of {other.arm}, on the other side of "
        "nought: is one a change since the beginning, and the other a final value?",
        f"{nearer.value:.4g}",
        f"about {other.value:.4g}, or change in the column measured",
    )


def sds_of_studies(rows: dict[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """SDs that fit those of the other studies only times the root of their n are SEs, and those
    whose root fits them are variances; SEs that fit them as they are, SDs.

    All of a study's must say so, and be far off every one of those that do not, four times where
    there are less than five studies; so must their shares of the means: a scale of another length
    has both means and SDs of another size. Less than half of the studies, and two others at least.
    """
    found: dict[str, dict[str, list[_Sized]]] = {}
    for study, printed in rows.items():
        mine = with_columns(printed)
        for mean in of(mine, "mean"):
            here = _of_outcome(mine, mean.outcome)
            if "/" not in mean.arm and mean.value:
                for r in beside(here, "sd", mean) or beside(here, "se", mean):
                    sized = _Sized(r, mean)
                    if sized.size > 0:
                        found.setdefault(r.outcome, {}).setdefault(study, []).append(sized)
    for studies in found.values():
        every = [
            (median(s.size for s in of), median(s.share for s in of)) for of in studies.values()
        ]
        usual, usual_share = (median(of) for of in zip(*every, strict=True))
        odd = {
            study: slips.pop()
            for study, of in studies.items()
            if len(slips := {s.slip(usual, usual_share) for s in of}) == 1 and "" not in slips
        }
        rest = [s for name, of in studies.items() if name not in odd for s in of]
        if len(studies) - len(odd) < max(2, len(odd) + 1):
            continue  # of so few nobody can say which are the slips
        far = 1.6 if len(studies) >= 5 else 4.0
        usual = median(s.size for s in rest)
        for study, slip in odd.items():
            if all(s.far_off(rest, far, slip) for s in studies[study]):
                for s in studies[study]:
                    yield study, s.told(usual, slip)


class _Sized:
    """An SD beside a mean, printed so or as an SE: its `size`, and its `share` of the mean."""

    def __init__(self, r: Row, mean: Row) -> None:
        self.row, self.n = r, next((x.n for x in (r, mean) if x.n > 0), 0.0)
        self.size = r.value * (sqrt(self.n) if r.statistic == "se" else 1.0)
        self.share = self.size / abs(mean.value)

    def slip(self, usual: float, usual_share: float) -> str:
        """`low` for an SE that is typed as SD, `high` for an SD typed as SE, `square` for a
        variance; "" for none."""
        both = (self.size, usual), (self.share, usual_share)
        if self.row.statistic == "sd":
            if all(_is_se(a, self.n, b) for a, b in both):
                return "low"
            off = [max(a / b, b / a) > 2.5 and (a > b) == (usual > 1) for a, b in both]
            squared = 1 / _ROOT < sqrt(self.size) / usual < _ROOT
            return f"square {'high' if usual > 1 else 'low'}" if all(off) and squared else ""
        root = sqrt(self.n) if self.n >= 9 else nan
        high = all(a > 2.5 * b and 1 / ALIKE < a / root / b < ALIKE for a, b in both)
        return "high" if high else ""

    def far_off(self, rest: list[_Sized], far: float, slip: str) -> bool:
        """Whether it lies so far below, or above, every one of the rest."""
        pairs = [(self.size, [s.size for s in rest]), (self.share, [s.share for s in rest])]
        if slip.endswith("low"):
            return all(far * own < min(others) for own, others in pairs)
        return all(own > far * max(others) for own, others in pairs)

    def told(self, usual: float, slip: str) -> Problem:
        if slip.startswith("square"):
            whose = "those in the other studies"
            return _squared(self.row, self.row.value, whose, usual, (self.row.row,))
        if self.row.statistic == "sd":
            return _se_as_sd(self.row, "in the other studies", usual, self.n)
        r = self.row
        return Problem(
            "warning",
            (r.row,),
            "SD",
            f"SE of {r.arm} is as large as the SDs in the other studies: is it an SD?",
            f"{r.value:.4g}",
            f"about {usual / sqrt(self.n):.3g}, as SE of {self.n:g}",
        )


def _of_outcome(rows: Rows, outcome: str) -> Rows:
    return tuple(r for r in rows if r.outcome == outcome)


def _is_se(value: float, n: float, usual: float) -> bool:
    """Whether a number is far below the usual SD, and close to it times the root of n."""
    return n >= 9 and value * 2.5 < usual and 1 / ALIKE < value * sqrt(n) / usual < ALIKE


def _se_as_sd(r: Row, where: str, usual: float, n: float) -> Problem:
    return Problem(
        "warning",
        (r.row,),
        "SD",
        f"SD of {r.arm} is far below those {where}: is it an SE? As SE of {n:g} it would fit",
        f"{r.value:.4g}",
        f"about {usual:.4g}, or {r.value * sqrt(n):.4g} = {r.value:.4g} x root of {n:g}",
    )


def _times(rows: Rows, arm: str) -> list[float]:
    """The times of an arm's means and medians, each once; NaN where they have none."""
    found: list[float] = []
    for r in rows:
        if r.arm == arm and r.statistic in WORDS and not any(same_moment(r.time, t) for t in found):
            found.append(r.time)
    return found
