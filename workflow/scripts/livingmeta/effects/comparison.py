"""One study's numbers on a pair of arms, and the routes to ln HR gathered from them."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan

from livingmeta.effects import time_to_event as tte
from livingmeta.effects.candidate import Candidate, words
from livingmeta.effects.printed import Printed, Row


class Comparison:
    """One study's numbers on a pair of arms, and the candidates and reasons gathered so far."""

    def __init__(self, printed: Printed, arms: tuple[str, str]) -> None:
        self.printed = printed
        self.arms = arms
        self.found: list[Candidate] = []
        self.reasons: list[str] = []
        self.sizes = [printed.size(arm) for arm in arms]
        self.n = (
            sum(size for size, _ in self.sizes)
            if all(size is not None for size, _ in self.sizes)
            else nan
        )
        self.events = [self._events(arm) for arm in arms]
        self.total = self._total()

    def _events(self, arm: str) -> Row | None:
        """All deaths of an arm: the row without a time, else the latest one."""
        return self.printed.one("events", arm)[0]

    def _total(self) -> tuple[float, tuple[str, ...]]:
        first, second = self.events
        if first and second:
            return first.value + second.value, (first.words(), second.words())
        for arm in (f"{self.arms[0]}/{self.arms[1]}", f"{self.arms[1]}/{self.arms[0]}", "all", ""):
            row = self.printed.one("events", arm)[0]
            if row:
                return row.value, (row.words(),)
        return nan, ()

    @property
    def size_words(self) -> tuple[str, ...]:
        return tuple(where for _, where in self.sizes if where)

    def add(
        self,
        route: str,
        make: Callable[[], tte.Effect],
        inputs: tuple[str, ...],
        assumed: tuple[str, ...] = (),
        adjusted: str = "",
        grade: str = "",
        n: float = nan,
    ) -> None:
        try:
            effect = make()
        except tte.RouteError as error:
            self.reasons.append(f"{route}: {error}")
            return
        self.found.append(
            Candidate(
                route,
                *effect,
                words(*inputs),
                words(*assumed),
                n if isfinite(n) else self.n,
                self.total[0],
                adjusted,
                grade=grade,
            )
        )
