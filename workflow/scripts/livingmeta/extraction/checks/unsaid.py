"""What a report leaves open and only a person can look up, or a row leaves out (the sign of a
change); and a row of consensus on what nobody reads: what it settled has been corrected since, or
moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from math import hypot, isfinite, log, sqrt
from statistics import mean, stdev
from typing import NamedTuple

from livingmeta import tables
from livingmeta.extraction.cells import cells, is_consensus, reader
from livingmeta.extraction.checks.beside import spreads, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.compared import differ, differing
from livingmeta.extraction.reworded import LOGARITHMS, TURNED
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, plain
from livingmeta.extraction.settled import settled
from livingmeta.extraction.units import COUNTS
from livingmeta.words import english


def se_of_what(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """An SE beside a ratio far from 1 that neither a CI, an exact p nor events tell to be of the
    ratio or of its logarithm: effects take it as of the logarithm until somebody knows."""
    counted = any(r.statistic == "events" for r in rows)
    for r in rows:
        told = r.has_ci or r.logarithm or bool(r.p and r.p.exact)
        if r.statistic not in RATIOS or told or not r.value > 0 or abs(log(r.value)) < 0.05:
            continue
        if r.statistic == "hazard-ratio" and counted:
            continue
        arms = set(r.arm.split("/"))
        beside = [o for o in rows if o.statistic == "se" and set(o.arm.split("/")) == arms]
        own = isfinite(r.se)
        if not own and not beside:
            continue
        value, where = (r.se, (r.row,)) if own else (beside[0].value, (r.row, beside[0].row))
        kind = r.statistic.replace("-", " ")
        own_statistic = ""
        if (logarithm := f"log-{r.statistic}") in LOGARITHMS:
            own_statistic = (
                f"; if it is of the {kind}, the statistic {logarithm} with SE {value / r.value:.3g}"
            )
        yield Problem(
            "warning",
            where,
            "SE of what",
            f"the SE beside the {kind} {r.value:g} may be of it or of its logarithm, and nothing "
            "else tells; it is taken as of the logarithm",
            f"{value:g}",
            f"a CI or p{own_statistic}",
        )


def adjusted_counts(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """Counts that are said to be adjusted by a model, which adjusts ratios and not counts: they are
    read as crude. Counts and means without an error of their own that are said to account for
    clusters: nothing in them does, unless they are of an effective sample."""
    with_error = {r.arm for r in rows if r.statistic == "se" or isfinite(r.se) or r.has_ci}
    for r in rows:
        if r.unheeded:
            yield Problem(
                "warning",
                (r.row,),
                "a count adjusted by a model",
                f"{r.statistic} of {r.arm} are counted, and no model adjusts a count; they are "
                "read as crude",
                r.unheeded,
                "an empty cell; what the model adjusts is the ratio or difference, in its own row",
            )
        bare = r.statistic in COUNTS or (r.statistic == "mean" and r.arm not in with_error)
        if r.clusters and bare:
            yield Problem(
                "warning",
                (r.row,),
                "clusters in no error",
                f"{r.statistic.replace('-', ' ')} of {r.arm} {r.value:g} has no interval, SE or p "
                "that could account for the clusters; it is taken as of an effective sample, and "
                "its variance stays as it is",
                r.clusters,
                "an empty cell, unless events and patients were divided by the design effect",
            )


def spread_of_no_mean(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """An SD in the column beside anything but a mean: no effect is made of it there."""
    for r in rows:
        if isfinite(r.sd) and r.statistic != "mean":
            kind = r.statistic.replace("-", " ")
            of_contrast = r.statistic in DIFFERENCES | RATIOS
            cure = f"its SE in the column se{'' if of_contrast else ', or the mean that it is of'}"
            yield Problem(
                "warning",
                (r.row,),
                "SD of no mean",
                f"the SD beside the {kind} of {r.arm} is not used: it has an SE, and an SD is "
                "of the values of single patients",
                f"{r.sd:g}",
                cure,
            )


def excluded(rows: tuple[Row, ...]) -> Problem:
    """Numbers of a study whose reports are all excluded: they count in no result. A note for the
    report's list of what was set aside, for a study may well be excluded when it has been read."""
    return Problem(
        "note",
        (),
        "excluded study",
        "all its reports are excluded, and what was extracted of it counts in no result",
        f"{len(rows)} {english.plural(len(rows), 'printed number')}",
        "none, or a report that is included",
    )


# Ratios whose whole interval lies above this, or which stand without one above twice as much, are
# percentages as likely as not: 70 (50 to 98) for 0.70 (0.50 to 0.98).
_A_PERCENTAGE = 10.0


def ratio_in_percent(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """A ratio typed in percent: nothing else on its row contradicts it."""
    for r in rows:
        if r.statistic not in RATIOS or r.logarithm or not isfinite(r.value):
            continue
        least = r.ci_low if r.has_ci else r.value / 2
        if least >= _A_PERCENTAGE and r.value <= 1000:
            yield Problem(
                "warning",
                (r.row,),
                "ratio in percent",
                f"{r.statistic.replace('-', ' ')} of {r.arm} is {r.value:g}: was a percentage "
                "entered as a ratio?",
                f"{r.value:g}",
                f"{r.value / 100:g}?",
            )


def scale_of_some_rows(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """A scale that is marked reversed at one time and not at another, or in a row without a time
    only: one scale runs one way. (Rows of one time are refused where they are read.)"""
    on_scale = [r for r in rows if r.statistic in TURNED and isfinite(r.value)]
    turned = [r for r in on_scale if r.direction]
    plain = [r for r in on_scale if not r.direction]
    if not turned or not plain:
        return
    yield Problem(
        "warning",
        tuple(r.row for r in (*turned, *plain)),
        "direction of the scale",
        f"{turned[0].statistic} of {turned[0].arm} (row {turned[0].row}) is marked reversed, "
        f"{plain[0].statistic} of {plain[0].arm} (row {plain[0].row}) is not: two scales?",
        "reversed in some rows",
        "in every row of the scale, or in none",
    )


NOBODY_READ = "consensus that nobody read"
_SAME_CELL = ("outcome", "arm", "statistic")


def consensus_unread(records: Sequence[dict]) -> list[Problem]:
    """Rows of consensus in a cell where no reader has a row, though readers have others of the
    study; but for one that settles readings which differ in what makes the cell, as their time.

    `records`: all rows of outcomes.csv of one study.
    """
    readers = [record for record in records if not is_consensus(record)]
    if not readers or len(readers) == len(records):
        return []
    kept = {int(record["row"]) for record in settled(records)}
    gone = {tuple(r[name] for name in _SAME_CELL) for r in readers if int(r["row"]) not in kept}
    read = {
        int(record["row"])
        for alike in cells(records)
        if not all(map(is_consensus, alike))
        for record in alike
    }
    return [
        *_read_alike(records),
        *(
            Problem(
                "warning",
                (int(record["row"]),),
                NOBODY_READ,
                "counts alone: no reader has a row of this cell, which may have changed since",
                tables.text(record.get("printed") or record.get("value")),
                "a reading of it, or no row of consensus",
            )
            for record in records
            if is_consensus(record)
            and int(record["row"]) not in read
            and tuple(record[name] for name in _SAME_CELL) not in gone
        ),
    ]


def _read_alike(records: Sequence[dict]) -> Iterator[Problem]:
    """Rows of consensus beside readers, two or more, who all read one other thing: there is nothing
    to settle, so what was settled has been corrected since."""
    for alike in cells(records):
        agreed = [record for record in alike if is_consensus(record)]
        readers = [record for record in alike if not is_consensus(record)]
        if len({reader(record) for record in readers}) < 2 or differing(readers):
            continue
        for record in agreed:
            if all(differ(record, other) for other in readers):
                names = english.listed(
                    list(dict.fromkeys(tables.text(r["extractor"]).strip() for r in readers))
                )
                said = tables.text(readers[0].get("printed") or readers[0].get("value"))
                yield Problem(
                    "warning",
                    tuple(sorted(int(r["row"]) for r in (record, *readers))),
                    NOBODY_READ,
                    f"counts alone: {names} read otherwise, and alike",
                    tables.text(record.get("printed") or record.get("value")),
                    f"{said}, or no row of consensus",
                )


# ASSUME: a mean change lies at least so many SDs, and standard errors, from those of all others to
# be asked about, and turned round within the range of these widened by so much: patients who were
# not treated get worse by less than all others get better.
_SDS, _STANDARD_ERRORS, _WIDER = 0.7, 4.0, 1.5
# ASSUME: one arm alone is so many standard errors beyond nought, and by so many its difference from
# the other arm beyond those of all others, within one of which it is turned round.
_BEYOND_NOUGHT, _OF_DIFFERENCE = 2.0, 2.5


def changes_turned(rows: Mapping[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """A study all of whose mean changes, or those of one arm, are on the other side of nought than
    those of all others, and turned round would be among these: "a reduction by 21.7" typed without
    its sign. In SDs, for scales may be of several lengths; three studies at least, of which none is
    marked reversed.

    `rows`: by study.
    """
    found: dict[str, dict[str, dict[str, _Change]]] = {}
    for study, mine in rows.items():
        for outcome in dict.fromkeys(r.outcome for r in mine):
            if changed := _changes(tuple(r for r in mine if r.outcome == outcome)):
                found.setdefault(outcome, {})[study] = changed
    said = {r.outcome for mine in rows.values() for r in mine if r.direction}
    for outcome, by_study in found.items():
        for study, changes in by_study.items() if outcome not in said else ():
            others = [of for s, of in by_study.items() if s != study]
            if len(others) < 2:
                continue
            turned = list(changes) if _all_turned(changes, others) else _one_turned(changes, others)
            if not turned:
                continue
            values = [changes[arm].value for arm in turned]
            right = " and ".join(plain(-value) for value in values)
            if len(turned) < len(changes):
                asked = f"the change of {turned[0]} is on the other side of nought than in all "
                asked += f"{len(others)} other studies, and turned round would be as theirs, as "
                asked += "the study's other arm is: typed without its sign?"
            else:
                asked = "its changes are on the other side of nought than those of all "
                asked += f"{len(others)} other studies, and turned round would be as theirs: a "
                asked += "reduction typed without its sign, or a scale on which more means the "
                asked += "opposite?"
                right += ", or reversed in the column direction"
            yield (
                study,
                Problem(
                    "warning",
                    tuple(dict.fromkeys(changes[arm].row for arm in turned)),
                    "sign of a change",
                    f"{outcome}: {asked}",
                    f"means {' and '.join(map(plain, values))}",
                    right,
                ),
            )


class _Change(NamedTuple):
    """A mean change, the same in SDs, and the standard error of this; its row."""

    value: float
    sds: float
    error: float
    row: int


def _changes(rows: tuple[Row, ...]) -> dict[str, _Change]:
    """The last mean change of each arm of all patients, where its SD is known."""
    last: dict[str, tuple[float, _Change]] = {}
    for s in spreads(with_columns(rows)):
        r = s.centre
        of_all = r.statistic == "mean" and r.measured == "change" and not r.part
        if of_all and "/" not in r.arm and isfinite(r.value) and s.n > 1:
            change = _Change(r.value, r.value / s.size, 1 / sqrt(s.n), r.row)
            time = r.time if isfinite(r.time) else -1.0
            if r.arm not in last or time >= last[r.arm][0]:
                last[r.arm] = time, change
    return {arm: change for arm, (_, change) in last.items()}


def _all_turned(mine: dict[str, _Change], others: list[dict[str, _Change]]) -> bool:
    """Whether all changes of a study, two at least, are those of all others turned round."""
    rest = [c.sds for of in others for c in of.values()]
    sign = -1 if sum(rest) < 0 else 1
    theirs, own = [sign * x for x in rest], [-sign * c.sds for c in mine.values()]
    if len(mine) < 2 or not min(*theirs, *own) > 0:
        return False
    far = all(
        x + min(theirs) > _SDS and x > _STANDARD_ERRORS * c.error
        for x, c in zip(own, mine.values(), strict=True)
    )
    return far and all(min(theirs) / _WIDER < x < max(theirs) * _WIDER for x in own)


def _one_turned(mine: dict[str, _Change], others: list[dict[str, _Change]]) -> list[str]:
    """The arm of a study whose change alone is that of all others turned round, as its difference
    from another arm of the study is, which is as theirs."""
    for a, b in permutations(mine, 2):
        pairs = [(of[a], of[b]) for of in others if a in of and b in of]
        if len(pairs) < 2:
            continue
        sign = -1 if pairs[0][0].sds < 0 else 1
        theirs = [[sign * pair[i].sds for pair in pairs] for i in (0, 1)]
        own, beside = -sign * mine[a].sds, sign * mine[b].sds
        among = all(
            min(of) / _WIDER < x < max(of) * _WIDER
            for x, of in zip((own, beside), theirs, strict=True)
        )
        if not min(own, beside, *theirs[0], *theirs[1]) > 0 or not among:
            continue
        # How far apart the studies are from each other counts as an error too.
        error = hypot(mine[a].error, stdev(theirs[0]) * sqrt(1 + 1 / len(pairs)))
        of_both = hypot(mine[a].error, mine[b].error)
        apart = [x - y for x, y in zip(*theirs, strict=True)]
        far = min(apart) - (-own - beside) > _OF_DIFFERENCE * of_both
        fits = min(apart) - of_both < own - beside < max(apart) + of_both
        far = far and own + mean(theirs[0]) > _STANDARD_ERRORS * error
        if far and fits and own > _BEYOND_NOUGHT * mine[a].error:
            return [a]
    return []
