"""One study's numbers on a pair of arms, and the routes to ln HR gathered from them."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan

from livingmeta.effects.candidate import Candidate, all_used, usable, words
from livingmeta.effects.routes import ROUTES, poorer
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used
from livingmeta.formulas import time_to_event as tte


class Comparison:
    """One study's numbers on a pair of arms, and the candidates and reasons gathered so far."""

    def __init__(self, printed: Printed, arms: tuple[str, str]) -> None:
        self.printed = printed
        self.arms = arms
        self.found: list[Candidate] = []
        self.reasons: list[str] = []
        self.sizes = [printed.size(arm) for arm in arms]
        # Of both arms, or empty.
        self.patients = printed.sizes(arms)
        self.n = sum(self.patients) if self.patients else nan
        # All deaths of an arm: the row without a time, else the latest one. Both arms', or empty.
        self.events = printed.each("events", arms)
        counted = self._counted()
        self.total = (
            sum(row.value for row in counted) if counted else nan,
            tuple(row.used() for row in counted),
        )
        self.until = max((row.time for row in counted if isfinite(row.time)), default=nan)

    def _counted(self) -> list[Row]:
        """The rows that together count all events: one an arm, else one of both."""
        if self.events:
            return self.events
        for arm in (f"{self.arms[0]}/{self.arms[1]}", f"{self.arms[1]}/{self.arms[0]}", "all", ""):
            row = self.printed.one("events", arm)[0]
            if row:
                return [row]
        return []

    @property
    def size_rows(self) -> tuple[Used, ...]:
        """Where the arms' sizes stand."""
        return tuple(where for _, where in self.sizes if where is not None)

    def add(
        self,
        route: str,
        make: Callable[[], tte.Effect],
        inputs: tuple[Used | None, ...],
        assumed: tuple[str, ...] = (),
        adjusted: str = "",
        grade: str = "",
        n: float = nan,
    ) -> None:
        """Keep a route's effect, or the reason why its numbers gave none."""
        early = (
            f"events up to {self.until:g} read as all events"
            if isfinite(self.until) and set(self.total[1]) & set(inputs)
            else ""
        )
        try:
            effect = usable(make)
        except tte.RouteError as error:
            self.reasons.append(f"{route}: {error}")
            return
        self.found.append(
            Candidate(
                route,
                *effect,
                all_used(*inputs),
                words(*assumed, early),
                n if isfinite(n) else self.n,
                self.total[0],
                adjusted,
                grade=poorer(grade or ROUTES[route].grade) if early else grade,
            )
        )
