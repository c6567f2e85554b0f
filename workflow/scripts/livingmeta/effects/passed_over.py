"""What else a study prints of the thing that an effect was computed from.

An effect of a part of its patients counts only where the whole gives none, and one part does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import inf, isfinite

from livingmeta.effects import candidate as candidates
from livingmeta.effects.candidate import Candidate
from livingmeta.effects.one_time import of_other_outcome
from livingmeta.extraction.alike import kind
from livingmeta.extraction.printed import Printed, preference
from livingmeta.extraction.rows import FILE, Row, plain, same_time, turned
from livingmeta.words import settling

# Rows that say of which patients a value is, or how exact it is: they follow the value.
_BESIDE = {"sd", "se", "at-risk", "log-rank-p"}


def contrast(candidate: Candidate, printed: Printed) -> Row | None:
    """The printed ratio or difference that a candidate is, or None."""
    if not candidate.inputs or "/" not in candidate.inputs[0].arm:
        return None
    first = candidate.inputs[0]
    rows = (r for r in printed.rows if r.row == first.row and r.statistic == first.role)
    return next(rows, None) if first.file == FILE else None


def adjustment(candidate: Candidate, printed: Printed) -> str:
    """How what a candidate is made from was adjusted: empty where it was not, or not all alike."""
    itself = contrast(candidate, printed)
    kinds = {kind(r)[0] for r in ([itself] if itself else _values(candidate, printed))}
    return kinds.pop() if len(kinds) == 1 else ""


def of_later_time(candidate: Candidate, contrast: Row, printed: Printed) -> bool:
    """Whether what a candidate is made from is of a later time than a contrast."""
    latest = max((r.time for r in _values(candidate, printed) if isfinite(r.time)), default=-inf)
    return contrast.time < latest and not same_time(contrast.time, latest)


def of_other_adjustment(
    chosen: Candidate, found: Sequence[Candidate], printed: Printed, contrasts: Sequence[Row]
) -> tuple[list[Row], list[str]]:
    """What a study that was not randomised prints of the effect adjusted in another way, in words.

    The rows: for a crude effect the adjusted ones of `contrasts`. For an adjusted contrast the
    words name the crude numbers whose route comes before its own; `found`: in the order of routes.
    """
    if not adjustment(chosen, printed):
        used = {u.row for u in chosen.inputs if u.file == FILE}
        rows = [r for r in contrasts if kind(r)[0] and r.row not in used]
        return rows, [f"passed over, adjusted: {r.words()}" for r in rows]
    if contrast(chosen, printed) is None:
        return [], []
    before = found[: [c is chosen for c in found].index(True)]
    crude = [c for c in before if not (contrast(c, printed) or adjustment(c, printed))]
    return [], [f"passed over, crude: {r.words()}" for c in crude for r in _values(c, printed)]


def _values(candidate: Candidate, printed: Printed) -> list[Row]:
    """The rows whose values a candidate is made from, without what stands beside them."""
    by_row = {r.row: r for r in printed.rows}
    used = [(u, by_row.get(u.row or 0)) for u in candidate.inputs if u.file == FILE]
    return [r for u, r in used if r and u.role == r.statistic and r.statistic not in _BESIDE]


def parts_of(candidate: Candidate, printed: Printed) -> dict[str, Row]:
    """The parts of the patients that the rows of a candidate are of, "" for all, each with the
    first such row; curves are of all."""
    by_row = {r.row: r for r in (*printed.rows, *printed.other)}
    rows = [by_row[u.row] for u in candidate.inputs if u.file == FILE and u.row in by_row]
    return {r.part: r for r in reversed(rows)}


def of_several_parts(candidate: Candidate, printed: Printed) -> str:
    """Why a candidate is none: it mixes rows of some patients with rows of others; or nothing."""
    parts = parts_of(candidate, printed)
    if len(parts) < 2:
        return ""
    said = [
        f"{r.statistic} {r.arm} is of {part or 'all patients'} (row {r.row})"
        for part, r in parts.items()
    ]
    return f"{' and '.join(sorted(said))}: not of the same patients"


def unlike(candidate: Candidate, printed: Printed) -> tuple[str, ...]:
    """Words on arms of which one is adjusted and the other is not, whatever is printed of each."""
    by_arm: dict[str, dict[str, Row]] = {}
    for row in _values(candidate, printed):
        if "/" not in row.arm:
            by_arm.setdefault(row.arm, {}).setdefault(row.statistic, row)
    shared = [s for s in next(iter(by_arm.values()), {}) if all(s in of for of in by_arm.values())]
    # What both arms print stands against each other; else the first of each.
    said = [{arm: of[s] for arm, of in by_arm.items()} for s in shared]
    said = said or [{arm: next(iter(of.values())) for arm, of in by_arm.items()}]
    found = []
    for rows in said:
        if len({kind(r)[0] for r in rows.values()}) < 2:
            continue
        first, *others = rows.values()
        found.append(
            f"{first.statistic} {first.arm} {kind(first)[0] or 'crude'}"
            + "".join(
                f" against {f'{r.statistic} ' * (r.statistic != first.statistic)}{r.arm} "
                f"{kind(r)[0] or 'crude'}"
                for r in others
            )
        )
    return tuple(found)


def borrowed(candidate: Candidate, printed: Printed) -> tuple[str, ...]:
    """Words on patients of an arm that are printed of another outcome only."""
    other = {r.row: r for r in printed.other}
    return tuple(
        of_other_outcome(other[each.row])
        for each in candidate.inputs
        if each.role == "size" and each.row in other
    )


def passed_over(
    candidate: Candidate, whole: Printed, time: float | None, *, hazard: bool
) -> list[Row]:
    """Rows of `whole` that say another value of what the candidate was computed from, turned as
    it is used.

    Of a contrast those of any time, unless the synthesis names one (`time`) that the effect is of
    (not so a `hazard` ratio). Of an arm those of the same time; of any where an effect at one time
    is computed and the synthesis names none.
    """
    used = {u.row for u in candidate.inputs if u.file == FILE}
    by_row = {r.row: r for r in whole.rows}
    found: dict[int, Row] = {}
    for each in candidate.inputs:
        row = by_row.get(each.row or 0)
        if row is None or each.file != FILE:
            continue
        if each.role == "p-value":
            found |= {r.row: r for r in _other_p(row, whole.rows) if r.row not in used}
        if each.role != row.statistic or row.statistic in _BESIDE:
            continue
        any_time = time is None and not hazard if "/" not in row.arm else hazard or time is None
        for other in _rivals(row, whole.rows, used):
            timeless = not (isfinite(other.time) or isfinite(row.time))
            alike = timeless or same_time(other.time, row.time)
            mine = other if other.arm == each.arm else turned(other, each.arm)
            if (alike and mine.value != each.value) or (any_time and not alike):
                found[other.row] = mine
    return list(found.values())


def _other_p(row: Row, rows: Collection[Row]) -> list[Row]:
    """The other p of log-rank tests of the same arms, or of which arms it is not said."""
    arms = set(row.arm.split("/"))
    return [
        replace(r, value=r.p.value) if r.p is not None and not isfinite(r.value) else r
        for r in rows
        if r.statistic == "log-rank-p"
        and (r.p is not None or isfinite(r.value))
        and (r.p, r.value if isfinite(r.value) else None)
        != (row.p, row.value if isfinite(row.value) else None)
        and (set(r.arm.split("/")) == arms or {r.arm, row.arm} & {"all", ""})
    ]


def _rivals(row: Row, rows: Collection[Row], used: set[int | None]) -> list[Row]:
    arms = set(row.arm.split("/"))
    return [
        r
        for r in rows
        if r.statistic == row.statistic
        and set(r.arm.split("/")) == arms
        and isfinite(r.value)
        and r.row not in used
    ]


def words(rows: Collection[Row], said: str) -> tuple[str, ...]:
    """The rows passed over in words, by what they are of; without those that `said` names."""
    by: dict[tuple[str, str], list[str]] = {}
    for r in rows:
        if f"(row {r.row})" in said:
            continue
        at = f" at {r.when}" if isfinite(r.time) else ""
        about = "".join(f", {x}" for x in (r.adjusted, r.part, r.event, r.measured) if x)
        value = plain(r.value) if r.p is None or r.statistic != "log-rank-p" else str(r.p)
        text = f"{value}{at}{about} (row {r.row})"
        by.setdefault((r.statistic.replace("-", " "), r.arm), []).append(text)
    return tuple(
        f"{statistic} {arm} printed more than once: also {', '.join(texts)}"
        for (statistic, arm), texts in by.items()
    )


# All candidates of some rows, and the one chosen of them.
Asked = tuple[list[Candidate], Candidate | None]


def whole_first(
    asked: Asked,
    printed: Printed,
    ask: Callable[[Printed], Asked],
    time: float | None,
    randomised: bool,
) -> tuple[list[Candidate], Candidate | None, str]:
    """What counts where `asked` chose an effect of a part, and why none does.

    `ask`: what other rows of the study would give. The whole counts by whatever route before a
    part, unless the part is adjusted and the study not `randomised`, or both are printed contrasts
    of one statistic, which have been weighed. Of several parts that nothing else tells apart none
    counts; nor one where the whole's median was not reached.
    """
    found, chosen = asked
    used = of_part(chosen, printed) if chosen else []
    names = {r.part for r in used}
    if chosen is None or not names:
        return found, chosen, ""
    crude = randomised or any(not kind(r)[0] for r in used)
    if crude:
        more, whole = ask(_only(printed, ""))
        first, second = (contrast(c, printed) if c else None for c in (chosen, whole))
        weighed = first and second and first.statistic == second.statistic
        if whole is not None and not weighed:
            over = (f"passed over, of a part ({r.part}): {r.words()}" for r in used)
            telling = replace(whole, assumed=candidates.words(*whole.assumed, *over))
            known = {(c.route, c.inputs) for c in more}
            found = [c for c in found if (c.route, c.inputs) not in known]
            return [*(telling if c is whole else c for c in more), *found], telling, ""
        for r in _without_value(used, printed):
            return found, None, f"median of {r.arm} not reached (row {r.row})"
    if len(names) == 1:
        mine = _rank(used, time, randomised)
        rivals = list(used)
        for name in sorted({r.part for r in printed.rows if r.part} - names):
            other = ask(_only(printed, name))[1]
            rows = of_part(other, printed) if other else []
            if rows and _rank(rows, time, randomised) == mine:
                rivals += rows
        if len(rivals) > len(used):
            rivals.sort(key=lambda r: (r.part, r.row))
            said = ", ".join(f"{r.part}: {r.words()}" for r in rivals)
            return found, None, settling.ONLY_OF_PARTS + said
    said = f"of a part of the patients: {', '.join(sorted(names))}"
    named = replace(chosen, assumed=candidates.words(*chosen.assumed, said))
    return [named if c is chosen else c for c in found], named, ""


def of_part(candidate: Candidate, printed: Printed) -> list[Row]:
    """The rows of a part of the patients that a candidate is made from."""
    used = {u.row for u in candidate.inputs if u.file == FILE}
    return [r for r in printed.rows if r.part and r.row in used]


def _only(printed: Printed, part: str) -> Printed:
    """The study with the rows of one part, or of the whole, and of no other."""
    return replace(printed, rows=tuple(r for r in printed.rows if r.part == part))


def _without_value(used: list[Row], printed: Printed) -> list[Row]:
    """The whole's medians that were not reached, of the arms whose part has one."""
    arms = {r.arm for r in used if r.statistic == "median"}
    medians = (r for r in printed.find("median") if r.arm in arms and not r.part)
    return [r for r in medians if not isfinite(r.value)]


def _rank(rows: list[Row], time: float | None, randomised: bool) -> tuple:
    """By what a part would be preferred to another: its time, and how it is adjusted."""
    return max(preference(r, time, randomised)[:3] for r in rows)
