"""An arm made of others: where a study prints its parts alone, their numbers are put together.

Counts and person-time are added up, means and SDs joined (Cochrane Handbook 6.5.2.10 and 23.3.4),
percentages where each is one whole number of its patients. What no arithmetic joins (medians,
ratios against one control, curves) is said. A row made so names those that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import fsum, isfinite, nan
from typing import Any

from livingmeta.effects.candidate import Candidate, all_used, words
from livingmeta.effects.routes import worst
from livingmeta.effects.spread import sides
from livingmeta.extraction.alike import kind
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import FILE, Row, Used, plain, same_moment, same_time
from livingmeta.formulas import joined_arms

Joins = Mapping[str, Sequence[str]]  # the parts of each arm that has some
# What of several arms no arithmetic puts together, and how it is called.
_NEVER = {
    **dict.fromkeys(("median", "q1", "q3"), "medians and quartiles"),
    **dict.fromkeys(("log-rank-observed", "log-rank-o-minus-e"), "log-rank statistics"),
    "rate": "rates without events and person-time",
    "rmst": "restricted means",
}


def with_wholes(
    printed: Printed, arms: Sequence[str], joins: Joins, time: float | None
) -> tuple[Printed, list[str]]:
    """The study with the rows of each of `arms` that its parts give, before its own, and why parts
    give none; as it is where nothing is to be joined.

    `time`: of the synthesis; a part that is missing at another is not told.
    """
    made: list[Row] = []
    reasons: list[str] = []
    for arm in arms:
        parts = tuple(joins.get(arm, ()))
        if not any(part in row.arm.split("/") for row in printed.rows for part in parts):
            continue
        for rows, why in _each(printed, arm, parts):
            made += rows
            told = time is None or not isfinite(why[0]) or same_time(why[0], time)
            reasons += [why[1]] if why[1] and told else []
        reasons += _never(printed, arm, parts, arms, made)
    return replace(printed, rows=(*made, *printed.rows)), list(dict.fromkeys(reasons))


def _each(
    printed: Printed, whole: str, parts: tuple[str, ...]
) -> Iterator[tuple[list[Row], tuple[float, str]]]:
    """What the parts print alike of one statistic, at one time and of one kind of patients, as a
    row of the whole; else the time and why not."""
    for statistic, join in _JOIN.items():
        rows = [r for r in printed.find(statistic) if r.arm in parts and isfinite(r.value)]
        if statistic == "events" and rows:
            rows += _counts(printed, parts, rows)
        for moment in _moments(rows):
            for of in sorted({_kind(r) for r in moment}):
                here = [r for r in moment if _kind(r) == of]
                time = max(r.time for r in here)
                by_arm = [next((r for r in here if r.arm == part), None) for part in parts]
                mine = [r for r in by_arm if r is not None]
                if len(mine) < len(parts):
                    lacking = [p for p, r in zip(parts, by_arm, strict=True) if r is None]
                    yield [], (time, _lacking(printed, whole, parts, here[0], lacking))
                    continue
                made = join(printed, whole, mine)
                if isinstance(made, str):
                    said = f"{whole} is not joined from {' and '.join(parts)}: {made}"
                    yield [], (time, said)
                else:
                    yield [replace(made, time=time)], (time, "")


def _kind(row: Row) -> tuple[str, ...]:
    return (*kind(row), row.event, row.direction)


def _moments(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows by time, those of each in the order that they have; those of none are of one moment."""
    timeless = [r for r in rows if not isfinite(r.time)]
    if timeless:
        yield timeless
    first = nan
    begins: dict[float, float] = {}
    for time in sorted({r.time for r in rows if isfinite(r.time)}):
        first = first if same_time(time, first) else time
        begins[time] = first
    for moment in dict.fromkeys(begins.values()):
        yield [r for r in rows if begins.get(r.time) == moment]


def _lacking(
    printed: Printed,
    whole: str,
    parts: tuple[str, ...],
    row: Row,
    lacking: Sequence[str],
) -> str:
    """What is not printed beside a `row` of another part."""
    at = f" at {row.when}" if isfinite(row.time) else ""
    of = ", ".join(filter(None, _kind(row)))
    said = (
        f"{whole} is joined from {' and '.join(parts)}: no {row.statistic.replace('-', ' ')} of "
        f"{' and '.join(lacking)}{at}{f' ({of})' if of else ''} is printed"
    )
    known = {r.arm for r in (*printed.rows, *printed.other)}
    absent = [part for part in lacking if part not in known]
    if not absent:
        return said
    return f"{said} (a study that has no {' and '.join(absent)} names what it has {whole})"


def _never(
    printed: Printed, whole: str, parts: tuple[str, ...], arms: Collection[str], made: Sequence[Row]
) -> Iterator[str]:
    """What the parts print that is not put together, where nothing of the whole was made of it."""
    of_parts = " and ".join(parts)
    have = {r.statistic for r in made if r.arm == whole}
    for said in dict.fromkeys(_NEVER.values()):
        found = [r for r in printed.rows if r.arm in parts and _NEVER.get(r.statistic) == said]
        known = said.startswith("rates") and {"events", "person-time"} <= have
        if any(isfinite(r.value) for r in found) and not known:
            yield f"{said} of {of_parts} are not joined by arithmetic ({_places(found)})"
    others = {*arms, *parts}
    contrasts = [r for r in printed.rows if _is_of(r, parts, others) and isfinite(r.value)]
    if contrasts:
        named = " and ".join(dict.fromkeys(r.statistic.replace("-", " ") for r in contrasts))
        yield (
            f"{named} of {' and '.join(dict.fromkeys(r.arm for r in contrasts))} share patients "
            f"and are not joined by arithmetic ({_places(contrasts)}): write the numbers of each "
            f"arm, or what is printed of {whole} as a whole"
        )


def of_curves(arms: Sequence[str], joins: Joins, drawn: Collection[str]) -> list[str]:
    """Why curves of parts give none of the whole; `drawn`: the arms that have a curve."""
    of = {arm: [part for part in joins.get(arm, ()) if part in drawn] for arm in arms}
    return [
        f"survival curves of {' and '.join(parts)} are not joined to one of {arm}"
        for arm, parts in of.items()
        if parts and arm not in drawn
    ]


def _is_of(row: Row, parts: Collection[str], others: Collection[str]) -> bool:
    pair = row.arm.split("/")
    return (
        len(pair) == 2 and any(arm in parts for arm in pair) and all(arm in others for arm in pair)
    )


def _places(rows: Iterable[Row]) -> str:
    numbers = sorted({r.row for r in rows})
    return f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


def _row(whole: str, rows: Sequence[Row], used: Iterable[Used | None], said: str, **of: Any) -> Row:
    """A row of the whole made of one of each part and of what else was `used`."""
    given = all_used(*used)
    sources = all_used(*(row for u in given for row in u.of or (u,)))
    empty = dict.fromkeys(("ci_low", "ci_high", "se", "sd", "n"), nan)
    alike = {r.adjusted for r in rows}
    return replace(
        rows[0],
        arm=whole,
        row=min(r.row for r in rows),
        p=None,
        note="",
        adjusted=alike.pop() if len(alike) == 1 else kind(rows[0])[0],
        said="; ".join(words(said, *(u.said for u in given))),
        grade=worst([rows[0].grade, *(u.grade for u in given)]),
        # What they say is said once, of the row.
        made_of=tuple(replace(u, said="") for u in sources),
        **(empty | of),
    )


def _joined(whole: str, rows: Sequence[Row], sizes: Sequence[float | None]) -> str:
    of = [
        f"{r.arm} (n {plain(n)})" if n is not None else r.arm
        for r, n in zip(rows, sizes, strict=True)
    ]
    return f"{whole} joined from {' and '.join(of)}"


def _sizes(printed: Printed, rows: Sequence[Row]) -> tuple[list[float | None], list[Used | None]]:
    """The patients of each row, in it or else of its arm, and where the latter stand."""
    found = [(r.n, None) if isfinite(r.n) else printed.size(r.arm) for r in rows]
    return [n for n, _ in found], [where for _, where in found]


def _sum(printed: Printed, whole: str, rows: Sequence[Row]) -> Row | str:
    """Events added up, and their patients where those of each are known."""
    sizes, where = _sizes(printed, rows)
    known = [n for n in sizes if n is not None]
    n = fsum(known) if len(known) == len(rows) else nan
    said = _joined(whole, rows, sizes)
    used = (*(r.used() for r in rows), *where)
    return _row(whole, rows, used, said, value=fsum(r.value for r in rows), n=n)


def _person_time(printed: Printed, whole: str, rows: Sequence[Row]) -> Row | str:
    said = _joined(whole, rows, [None] * len(rows))
    return _row(whole, rows, [r.used() for r in rows], said, value=fsum(r.value for r in rows))


def _share(printed: Printed, whole: str, rows: Sequence[Row]) -> Row | str:
    """A percentage of all patients, where each part's is one whole number of them."""
    sizes, where = _sizes(printed, rows)
    counts = []
    for row, n in zip(rows, sizes, strict=True):
        named = f"{row.statistic} of {row.arm} {row.value:.6g} ({row.place})"
        if n is None:
            return f"{named} without the number of patients"
        of_curve = row.statistic == "survival" and (row.has_ci or isfinite(row.se))
        if of_curve:
            return (
                f"{named} has an interval or SE, so that some may have been lost to follow-up: "
                "only events of patients who were all followed are added up"
            )
        count = joined_arms.exact_count(row.value, n)
        if count is None:
            return f"{named} is not one whole number of {plain(n)} patients: write its events"
        counts.append(count)
    n = fsum(n for n in sizes if n is not None)
    of = " and ".join(f"{k} of {plain(n)}" for k, n in zip(counts, sizes, strict=True) if n)
    complete = " and nobody lost before that time" if rows[0].statistic == "survival" else ""
    said = f"{_joined(whole, rows, sizes)}, read as {of}{complete}"
    used = (*(r.used() for r in rows), *where)
    return _row(whole, rows, used, said, value=fsum(counts) / n, n=n)


def _counts(printed: Printed, parts: Collection[str], events: Sequence[Row]) -> Iterator[Row]:
    """Percentages of parts beside the `events` of others, as the counts that they are."""
    for row in printed.find("proportion"):
        n = row.n if isfinite(row.n) else printed.size(row.arm)[0]
        count = joined_arms.exact_count(row.value, n or nan)
        counted = (r for r in events if r.arm == row.arm and same_moment(r.time, row.time))
        if row.arm in parts and count is not None and not any(counted):
            used = replace(row.used(), said=f"{row.words()} read as {count} of {plain(n or nan)}")
            yield _row(row.arm, [row], [used], "", statistic="events", value=float(count), n=row.n)


def _mean(printed: Printed, whole: str, rows: Sequence[Row]) -> Row | str:
    """Mean and SD of all patients; of each part as printed, or by its SE or interval."""
    found = []
    for row in rows:
        rivals = {id(r) for r in printed.rows if r.arm == row.arm and r.statistic == "mean"}
        alone = tuple(r for r in printed.rows if r is row or id(r) not in rivals)
        time = row.time if isfinite(row.time) else None
        made = sides(replace(printed, rows=alone), row.arm, time)
        if isinstance(made, str):
            return made
        if made[0].route != "D":
            return f"mean of {row.arm} {row.value:g} without SD, SE or CI ({row.place})"
        found.append(made[0])
    sizes = [side.n for side in found]
    made_ = joined_arms.means(sizes, [side.mean for side in found], [side.sd for side in found])
    assumed = [text for side in found for text in side.assumed]
    said = "; ".join(words(_joined(whole, rows, sizes), *assumed))
    used = [used for side in found for used in side.inputs]
    row = _row(whole, rows, used, said, value=made_.mean, sd=made_.sd, n=made_.n)
    return replace(row, grade=worst([row.grade, *(side.grade for side in found)]))


_JOIN: Mapping[str, Callable[[Printed, str, Sequence[Row]], Row | str]] = {
    "events": _sum,
    "person-time": _person_time,
    "mean": _mean,
    "proportion": _share,
    "survival": _share,
}


def parts_beside(
    chosen: Candidate, printed: Printed, arms: Sequence[str], joins: Joins
) -> tuple[list[Row], tuple[str, ...]]:
    """The rows of parts that are passed over for those of the whole, and what is said of them; and
    rows of the whole that are for those of its parts."""
    used = {u.row for u in chosen.inputs if u.file == FILE}
    mine = [r for r in printed.rows if r.row in used and not r.made_of]
    rest = [r for r in printed.rows if r.row not in used and not r.made_of and isfinite(r.value)]
    over: list[Row] = []
    said: list[str] = []
    for arm in arms:
        parts = joins.get(arm, ())
        whole = parts and any(arm in r.arm.split("/") for r in mine)
        if whole and (rows := [r for r in rest if r.arm in parts and r.statistic in _JOIN]):
            over += rows
            listed = ", ".join(r.words() for r in rows)
            said.append(f"{arm} as printed of it as a whole, its parts passed over: {listed}")
        taken = [r for r in mine if r.arm in parts]
        over += [
            r
            for r in rest
            if r.arm == arm
            if any(r.statistic == t.statistic and same_moment(r.time, t.time) for t in taken)
        ]
    return over, tuple(said)
