"""An effect of a part of a study's patients: only where the whole gives none, and one part does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite

from livingmeta.effects import passed_over
from livingmeta.effects.candidate import Candidate, words
from livingmeta.extraction.alike import kind
from livingmeta.extraction.printed import Printed, preference
from livingmeta.extraction.rows import FILE, Row
from livingmeta.words import settling

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
        first, second = (passed_over.contrast(c, printed) if c else None for c in (chosen, whole))
        weighed = first and second and first.statistic == second.statistic
        if whole is not None and not weighed:
            over = (f"passed over, of a part ({r.part}): {r.words()}" for r in used)
            telling = replace(whole, assumed=words(*whole.assumed, *over))
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
    named = replace(chosen, assumed=words(*chosen.assumed, said))
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
