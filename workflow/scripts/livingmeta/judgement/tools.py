"""Tools for risk of bias, as data: one file each in workflow/tools.

A tool has domains with the labels it is known by, and either words of judgement in order, each with
a colour and a sign, or points with their maximum. What a person must answer to come to a judgement
stays with the tool.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from livingmeta.spreadsheets import squeezed

# Named so, in one stretch, so that a rule runs again when a tool changes (run/digests).
FOLDER = Path(__file__).parents[4] / "workflow/tools"
OVERALL = "overall"
# The words that cut-offs of the protocol give to a tool that counts points.
LIGHTS = ("low", "some concerns", "high")


@dataclass(frozen=True)
class Judgement:
    """A word of judgement, with the colour (figures/colours) and the sign that it is drawn as;
    `serious`: whether such a result counts among those at high risk."""

    word: str
    colour: str
    sign: str
    serious: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Domain:
    """A domain by its id, its label, a short one for figures, and the most points it gives."""

    id: str
    label: str
    short: str
    also: tuple[str, ...] = ()
    points: float = 0.0


@dataclass(frozen=True)
class Tool:
    """A tool; `judges`: `result` or `study`. `judgements`: from the least to the most bias, none
    where it counts points; `answers`: words that stand for points of one item; `whole`: `worst`
    where by the tool the whole is no better than its worst domain."""

    name: str
    source: str
    judges: str
    domains: tuple[Domain, ...]
    judgements: tuple[Judgement, ...] = ()
    answers: Mapping[str, float] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    whole: str = ""

    @property
    def in_points(self) -> bool:
        """Whether it gives points and no words of judgement."""
        return not self.judgements

    @property
    def most(self) -> float:
        """The most points of all domains together."""
        return sum(domain.points for domain in self.domains)

    def most_of(self, domain: str) -> float:
        """The most points of a domain, or of the whole."""
        return self.most if domain == OVERALL else self.domain(domain).points

    def domain(self, id_: str) -> Domain:
        """The domain of this id; the whole for OVERALL. Raises KeyError for another."""
        if id_ == OVERALL:
            return Domain(OVERALL, "Overall", "Overall", points=self.most)
        return {one.id: one for one in self.domains}[id_]

    def lights(self) -> tuple[Judgement, ...]:
        """The lights from the least to the most bias; points take those of RoB 2."""
        return self.judgements or every()["RoB 2"].judgements

    def worse(self, one: str, other: str) -> bool:
        """Whether the one word says more bias than the other; `no information` says neither."""
        order = [judgement.word for judgement in self.judgements if judgement.sign != "?"]
        return one in order and other in order and order.index(one) > order.index(other)

    def light(self, word: str) -> Judgement | None:
        """How a word is drawn, None for one that has no light."""
        return next((one for one in self.lights() if one.word == word), None)


@cache
def every() -> dict[str, Tool]:
    """The tools by name, in the order of their files."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {tool.name: tool for tool in found}


def _read(path: Path) -> Tool:
    given: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Tool(
        name=given["name"],
        source=given["source"],
        judges=given["judges"],
        domains=tuple(Domain(id_, **_tupled(one)) for id_, one in given["domains"].items()),
        judgements=tuple(Judgement(**_tupled(one)) for one in given.get("judgements", [])),
        answers=given.get("answers", {}),
        also=tuple(given.get("also", [])),
        whole=given.get("whole", ""),
    )


def _tupled(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}


def names(things: Iterable[Any]) -> dict[str, str]:
    """What tools, domains or judgements may be called, without regard to case, blanks and strokes,
    to the name they are known by; a judgement by the words, signs and colours of its tool."""
    found: dict[str, str] = {}
    for one in things:
        own = getattr(one, "id", "") or getattr(one, "word", "") or one.name
        parts = ("label", "short", "sign", "colour")
        called = [own, *(getattr(one, part, "") for part in parts), *one.also]
        if isinstance(one, Judgement):
            called += [f"{own} risk", f"{own} risk of bias"]
        for name in filter(None, called):
            found.setdefault(squeezed(name), own)
    return found


def domain_meant(known: Mapping[str, str], written: str) -> str:
    """The domain of `known` (names) that is meant by what figures and software write, such as
    `Domain 3: bias due to missing data` or `Selective reporting (reporting bias)`; "" where there
    is none, or where the number is not that of the words."""
    plain = written.strip()
    numbered = re.match(r"(?i)(?:d|domain)\s*(\d+)\s*(?:[:.)–-]\s*(.*))?$", plain)
    number = f"D{numbered[1]}" if numbered else ""
    label = (numbered[2] or number) if numbered else plain
    label = re.sub(r"(?i)^risk of (?=bias\s)", "", label)
    for name in (plain, label, re.sub(r"(?<=\S)\s*\(.*\)$", "", label)):
        if found := known.get(squeezed(name), ""):
            return found if number in ("", found) else ""
    return ""


def words() -> list[str]:
    """Every word of an overall judgement, of all tools, each once."""
    judged = [one.word for tool in every().values() for one in tool.judgements]
    return list(dict.fromkeys([*judged, *LIGHTS]))
