"""Cluster trials, crossover and paired studies: one rule for the effects of every route.

In a cluster trial patients, events and person-time are divided by the design effect, or else the
standard error is multiplied by its root, unless what is printed accounts for clusters. Patients who
are in both arms are the same N, and the errors of the arms go together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import isfinite, nan
from typing import Any, NamedTuple

from livingmeta import tables
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.candidate import Candidate, all_used, computed, usable, words
from livingmeta.effects.one_time import at_or_of_none
from livingmeta.effects.passed_over import contrast
from livingmeta.effects.routes import worst
from livingmeta.extraction.alike import kind
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.reworded import of_differences
from livingmeta.extraction.rows import FILE, IN_BOTH, Row, same_moment
from livingmeta.formulas import designs
from livingmeta.formulas.measures import EffectSizeError
from livingmeta.formulas.time_to_event import Effect, RouteError
from livingmeta.words import settling

CLUSTER, ADJUSTED = "cluster", "adjusted"
# Roles of rows that say of how many patients a value is, and nothing of its error.
_SIZES = {"size", "at-risk", "minimum-followup", "maximum-followup"}
# What the design effect divides, by the family of a measure.
_DIVIDED = {
    "proportions": "patients and events",
    "rates": "events and person-time",
    "means": "patients",
    "correlation": "patients",
}
# Routes by which a printed contrast brings its own error.
_OWN_ERROR = {"R", "R4", "A", "T3", "T3s", "T4"}


# Why arms of such a study are neither put together nor shared out.
SAME_PATIENTS = "the patients of its arms are the same, and cannot be added up or shared out"


class Design(NamedTuple):
    """How a study is built, by its row of studies.csv; NaN and empty where nothing is said.

    `row`, `icc_row`: where its correlation and its ICC are printed, if in outcomes.csv;
    `icc_apart`: rows that give the ICC otherwise than one another.
    """

    allocation: str = ""
    icc: float = nan
    icc_source: str = ""
    cluster_size: float = nan
    icc_row: Row | None = None
    icc_apart: str = ""
    correlation: float = nan
    correlation_source: str = ""
    row: Row | None = None

    @property
    def in_both(self) -> bool:
        """Whether its patients are in both arms."""
        return self.allocation in IN_BOTH

    @property
    def known(self) -> float:
        """The correlation if it can be one of two values that differ, else NaN."""
        return self.correlation if -1 < self.correlation < 1 else nan


PARALLEL = Design()


def key(design: Design) -> tuple[str, ...]:
    """What tells designs apart, as text: comparisons of one trial have one."""
    if design.allocation != CLUSTER:
        return ("",)
    return (CLUSTER, f"{design.icc:g}", f"{design.cluster_size:g}")


def of_outcome(
    design: Design, printed: Printed, arms: tuple[str, ...], time: float | None
) -> Design:
    """The design with the ICC that a row of the outcome gives, of its time or of none: of these
    arms, else of one of them with another. NaN where rows alike differ."""
    if design.allocation != CLUSTER:
        return design
    rows = [r for r in printed.find("icc") if isfinite(r.value) and at_or_of_none(r, time)]
    told = [r for r in rows if {*arms} <= {*r.arm.split("/")}]
    told = told or [r for r in rows if {*arms} & {*r.arm.split("/")}]
    timely = [r for r in told if isfinite(r.time)] if time is not None else []
    told = timely or told
    if not told:
        return design
    if len({r.value for r in told}) > 1:
        places = " and ".join(str(row) for row in sorted(r.row for r in told))
        return design._replace(icc=nan, icc_apart=f"rows {places} give different icc")
    return design._replace(icc=told[0].value, icc_source=told[0].place, icc_row=told[0])


def of_course(design: Design) -> tuple[float, str]:
    """By how much clusters raise the variance of one arm's survival, and what is said of it; 1
    where there are none, or nothing tells."""
    if design.allocation != CLUSTER:
        return 1.0, ""
    if why := _unknown_clusters(design):
        return 1.0, settling.AS_PRINTED + why
    by = designs.design_effect(design.icc, design.cluster_size)
    return by, f"patients divided by {_design_effect(design, by)}"


def of_study(study: Mapping[Any, Any]) -> Design:
    """The design that a row of studies.csv tells."""
    columns = [x for x in Design._fields if x not in ("row", "icc_row", "icc_apart")]
    said = {x: tables.text(study.get(x)).strip() for x in columns}
    icc, size, correlation = (_number(said[x]) for x in ("icc", "cluster_size", "correlation"))
    return Design(
        allocation=said["allocation"].casefold(),
        icc=icc,
        icc_source=said["icc_source"],
        cluster_size=size,
        correlation=correlation,
        correlation_source=said["correlation_source"],
    )


def read(
    design: Design, printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[Design, Printed]:
    """The design, and the rows as of patients in both arms, whose means have the correlation that
    the study prints of them, before that of studies.csv; else with the correlation of a patient's
    first and later value. Of clusters the ICC of the outcome comes before that of studies.csv."""
    design = of_outcome(design, printed, arms, time)
    if not design.in_both:
        stated = (design.correlation, design.correlation_source)
        known = isfinite(design.correlation)
        return design, replace(printed, correlation=stated if known else None)
    if len(arms) != 2:
        return design, printed
    # Of a row that counts patients once an arm, or of arms of two sizes, the pairs.
    sizes = printed.sizes(arms)
    rows = (
        of_differences(r, min([r.n, *sizes] if isfinite(r.n) else sizes or [nan]))
        for r in printed.rows
    )
    printed = replace(printed, rows=tuple(rows))
    mean, _ = printed.one("mean", arms[0], time)
    of_means = _correlated(design, printed, arms, [] if mean is None else [mean])
    return design, replace(printed, pairs=of_means.known)


def _correlated(
    design: Design, printed: Printed, arms: tuple[str, ...], values: Collection[Row]
) -> Design:
    """The design with the correlation that is printed of the two arms' `values`: of their time, or
    of none, of their part of the patients, and of changes where they are; else as it is."""
    rows = printed.contrasts("correlation", *arms)
    for r in sorted(rows, key=lambda r: not isfinite(r.time)):
        timely = not isfinite(r.time) or any(same_moment(r.time, v.time) for v in values)
        if timely and all(kind(r) == kind(v) for v in values):
            return design._replace(correlation=r.value, row=r)
    return design


def applied(
    found: list[Candidate],
    design: Design,
    printed: Printed,
    measure: str,
    arms: tuple[str, ...],
    named: Collection[str] = (),
) -> tuple[list[Candidate], list[str]]:
    """The effects as the design has them, and why some are none.

    Those come first whose error is printed as of such a design, but for routes that the protocol
    has `named`; else they keep their order.
    """
    made, reasons = [], []
    compared = len(arms) == 2 and MEASURES[measure].family != "correlation"
    if design.allocation != CLUSTER and not (design.in_both and compared):
        return found, []
    for each in found:
        try:
            if design.allocation == CLUSTER:
                made.append(_of_clusters(each, design, printed, measure))
            else:
                made.append(_of_pairs(each, design, printed, measure, arms))
        except (RouteError, EffectSizeError, designs.DesignError) as error:
            reasons.append(f"route {each.route}: {error}")
    made.sort(key=lambda pair: not (pair[1] or pair[0].route in named))
    return [candidate for candidate, _ in made], reasons


def _of_clusters(
    each: Candidate, design: Design, printed: Printed, measure: str
) -> tuple[Candidate, bool]:
    """The effect of a cluster trial, and whether its error was printed as of one."""
    if _accounted(each, printed):
        said = "its error accounts for the clusters, as printed"
        return replace(each, assumed=words(*each.assumed, said)), True
    why = _unknown_clusters(design)
    if why:
        said = settling.AS_PRINTED + why
        grade = worst([each.grade, "rough"])
        return replace(each, assumed=words(*each.assumed, said), grade=grade), False
    if design.icc_row is not None:
        each = replace(each, inputs=all_used(*each.inputs, design.icc_row.used()))
    by = designs.design_effect(design.icc, design.cluster_size)
    effect, done = _divided(each, measure, by)
    said = f"{done} {_design_effect(design, by)}"
    return _changed(each, effect, by, said), False


def _divided(each: Candidate, measure: str, by: float) -> tuple[Effect, str]:
    """The effect of as many patients as are left by a design effect, and how it came about."""
    widened = Effect(each.yi, each.vi * by), "SE multiplied by the root of"
    counts = designs.effective(measure, each.made_from, by)
    # Too few patients for the small-sample correction of a standardised difference.
    if not counts or (measure == "SMD" and counts["n1i"] + counts["n2i"] < 4):
        return widened
    try:
        return computed(
            measure, each.by, **counts
        ), f"{_DIVIDED[MEASURES[measure].family]} divided by"
    except RouteError:  # fewer than a patient is left in an arm, or than a correlation needs
        return widened


def _design_effect(design: Design, by: float) -> str:
    return (
        f"the design effect {by:.4g} = 1 + ({design.cluster_size:.6g} - 1) x "
        f"{design.icc:.4g} (ICC: {design.icc_source or 'source not said'})"
    )


def _unknown_clusters(design: Design) -> str:
    """Why a study has no design effect; "" where it has."""
    if design.icc_apart:
        return design.icc_apart
    columns = {"icc": design.icc, "cluster_size": design.cluster_size}
    missing = [name for name, value in columns.items() if not isfinite(value)]
    return f"no {' and no '.join(missing)} in studies.csv" if missing else ""


def _accounted(each: Candidate, printed: Printed) -> bool:
    """Whether what an effect is made from accounts for clusters; RouteError where a part does."""
    by_row = {r.row: r for r in printed.rows}
    marks: dict[str, list[Row]] = {}
    plain: dict[str, list[str]] = {}
    for used in each.inputs:
        if used.role in _SIZES:
            continue
        row = by_row.get(used.row or 0) if used.file == FILE else None
        arm = "/".join(sorted(used.arm.split("/")))
        if row is not None and row.clusters == ADJUSTED:
            marks.setdefault(arm, []).append(row)
        else:
            plain.setdefault(arm, []).append(used.text)
    left = [text for arm, texts in plain.items() if arm not in marks for text in texts]
    if marks and left:
        marked = next(iter(marks.values()))[0]
        raise RouteError(f"{marked.words()} accounts for the clusters, but not {left[0]}")
    return bool(marks)


def _of_pairs(
    each: Candidate, design: Design, printed: Printed, measure: str, arms: tuple[str, ...]
) -> tuple[Candidate, bool]:
    """The effect of patients in both arms, and whether its error is that of a paired analysis."""
    each = replace(each, n=_patients(each, printed, arms))
    behind = {u.row for u in each.inputs if u.file == FILE and u.role not in _SIZES}
    values = [r for r in printed.rows if r.row in behind and r.arm in arms]
    design = _correlated(design, printed, arms, values)
    known = isfinite(design.known)
    if each.route in _OWN_ERROR and contrast(each, printed) is not None:
        said = "its error taken as of a paired analysis"
        first = each.route != "R4" or not known
        return replace(each, assumed=words(*each.assumed, said)), first
    if each.route == "D2" and measure == "MD":
        # What the test, interval or p of the pairs says of the difference, whatever they share.
        said = "test, interval or p taken as of a paired analysis"
        made = designs.paired(measure, Effect(each.yi, each.vi), each.made_from, _or_nought(design))
        effect = usable(lambda: made)
        return replace(each, yi=effect.yi, vi=effect.vi, assumed=words(*each.assumed, said)), (
            not known
        )
    if measure not in designs.PAIRED or not each.made_from:
        said = f"patients are in both arms: by this route {measure} is as of parallel arms"
        grade = worst([each.grade, "approximate"])
        return replace(each, assumed=words(*each.assumed, said), grade=grade), False
    if not known:
        why = "no correlation in studies.csv"
        if isfinite(design.correlation):
            why = f"a correlation of {design.correlation:g} is not between -1 and 1"
        if each.route == "D2":
            raise RouteError(f"a test of pairs gives the SD within an arm by it alone: {why}")
        said = settling.AS_PARALLEL + why
        grade = worst([each.grade, "approximate"])
        return replace(each, assumed=words(*each.assumed, said), grade=grade), False
    as_parallel = Effect(each.yi, each.vi)
    made = designs.paired(measure, as_parallel, each.made_from, design.known)
    effect = usable(lambda: made)
    of = design.row.words() if design.row else design.correlation_source or "source not said"
    said = f"patients in both arms, their two values correlated by {design.known:g} ({of})"
    if design.row is not None:
        each = replace(each, inputs=all_used(*each.inputs, design.row.used()))
    grade = "close" if design.row is not None else "approximate"
    return _changed(each, effect, effect.vi / each.vi, said, grade), False


def _or_nought(design: Design) -> float:
    return design.known if isfinite(design.known) else 0.0


def _changed(
    each: Candidate, effect: Effect, by: float, said: str, grade: str = "approximate"
) -> Candidate:
    """The candidate with its effect, and as many patients in its cells as would give it."""
    return replace(
        each,
        yi=effect.yi,
        vi=effect.vi,
        cells={name: value / by for name, value in each.cells.items()},
        assumed=words(*each.assumed, said),
        grade=worst([each.grade, grade]),
    )


def _patients(each: Candidate, printed: Printed, arms: tuple[str, ...]) -> float:
    """The patients of both arms, who are the same: of two numbers the larger."""
    of = each.made_from
    if "n1i" in of:
        return max(of["n1i"], of["n2i"])
    if each.route == "C":
        return max(of["ai"] + of["bi"], of["ci"] + of["di"])
    row = contrast(each, printed)
    sizes = printed.sizes(arms)
    if row is not None and row.n <= max(sizes, default=row.n):
        return row.n
    return min([each.n, max(sizes)]) if sizes and isfinite(each.n) else each.n


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
