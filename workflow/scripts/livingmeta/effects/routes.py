"""The routes from printed numbers to an effect: what each needs, how good it is, in what order.

A table, not code: `harmonise` computes every feasible route and takes the first of the order;
a protocol may put others first (`routes:` in a synthesis). Grades, best first:
`exact` (the estimate and its error as printed), `close` (near-lossless in simulation),
`approximate` (estimate sound, error or direction assumed), `rough` (last resorts),
`bound` (says only on which side and how far at least; never used as a value).
The order is that of the error against the Cox ln HR of the same patients, docs/survival.md.
"""

from __future__ import annotations

from typing import NamedTuple

from livingmeta.effect_measures import MEASURES
from livingmeta.errors import InputError


class Route(NamedTuple):
    """One row of the table."""

    code: str
    needs: str
    grade: str
    assumes: str
    source: str


GRADES = ("exact", "close", "approximate", "rough", "bound")

_PARMAR = "Parmar 1998; Tierney 2007"

# In the default order of preference.
HAZARD_ROUTES = (
    Route("A", "adjusted hazard ratio and CI or SE", "exact", "CI symmetric on log", _PARMAR),
    Route("T1", "log-rank O-E and its variance", "exact", "", _PARMAR),
    Route("T3", "hazard ratio and CI", "exact", "CI symmetric on the log scale", _PARMAR),
    Route("T3s", "hazard ratio and SE of its log", "exact", "", _PARMAR),
    Route("T2", "observed and expected events of both arms", "close", "", _PARMAR),
    Route("G", "curves and numbers at risk", "close", "see the curve's errors", "Guyot 2012"),
    Route("T4", "hazard ratio and exact p", "close", "p is of this ratio", _PARMAR),
    Route("T5", "hazard ratio, events of both arms", "approximate", "balanced arms", _PARMAR),
    Route("T7", "hazard ratio, total events, arm sizes", "approximate", "balanced", _PARMAR),
    Route("T6", "hazard ratio, total events", "approximate", "equal arms", _PARMAR),
    Route("T8", "exact log-rank p, events of both arms", "close", "direction known", _PARMAR),
    Route("T10", "exact log-rank p, total events, arm sizes", "approximate", "", _PARMAR),
    Route("T9", "exact log-rank p, total events", "approximate", "equal arms", _PARMAR),
    Route("L", "survival of both arms at one time", "approximate", "proportional hazards", ""),
    Route("T12", "both curves and numbers at risk", "rough", "even censoring", "Williamson 2002"),
    Route("T11", "both curves, least and greatest follow-up", "rough", "even censoring", _PARMAR),
    Route("M", "two medians with CIs, events or sizes", "rough", "exponential survival", ""),
)

# Proportions: counts and printed ratios first, then the ladder of survival_at_time.
PROPORTION_ROUTES = (
    Route("C", "events and patients", "exact", "", "escalc"),
    Route("R", "the ratio or difference itself and CI or SE", "exact", "", ""),
    Route("S1", "survival or proportion and CI", "exact", "", ""),
    Route("S2", "reconstructed data: Greenwood", "close", "", "Greenwood 1926; Guyot 2012"),
    Route("S3", "survival and number at risk", "approximate", "", "Peto 1977"),
    Route("R4", "the ratio itself and exact p", "close", "p is of this ratio", ""),
    Route(
        "S4", "percentage and patients, all taken as followed", "approximate", "no censoring", ""
    ),
    Route("S5", "all dead before, or all alive after that time", "rough", "no censoring", ""),
    Route("S6", "survival before and after that time", "rough", "log hazard straight", ""),
    Route("S7", "median and its CI or patients", "rough", "exponential survival", ""),
)

_HANDBOOK = "Cochrane Handbook 6.5.2"
_QUANTILES = "Luo 2018; Wan 2014; Shi 2020"

# What a measure of means, a correlation or a rate is computed from.
OTHER_ROUTES = (
    Route("D", "means, SDs (or SEs, CIs) and patients", "exact", "", "escalc"),
    Route("N", "correlation and patients", "exact", "", "escalc"),
    Route("P", "events and person-time", "exact", "", "escalc"),
    Route("P2", "rates and their CIs, SEs or events", "exact", "CI symmetric on the log scale", ""),
)

# Means or SDs that are not printed but derived from what is, in the order of what is assumed.
DERIVED_ROUTES = (
    Route("D2", "means, t, F, p or CI of their difference", "approximate", "equal SDs", _HANDBOOK),
    Route("D5", "SDs before and after, their correlation", "approximate", "", "Handbook 6.5.2.8"),
    Route("D3q", "medians, quartiles or range", "approximate", "a family fits", "McGrath 2020"),
    Route("D3b", "medians, quartiles or range", "approximate", "a power is normal", "McGrath 2020"),
    Route("D3", "medians, quartiles or range", "approximate", "nearly normal", _QUANTILES),
    Route("D5r", "SDs before and after; r of others", "rough", "r alike", "Handbook 6.5.2.8"),
    Route("D4", "means; SD of the other studies", "rough", "SDs alike", "Handbook 6.5.2.7"),
)
# Routes that are gone only where the protocol names them under `routes`; they keep their place.
ON_REQUEST = frozenset({"S6", "S7", "D3q", "D3b", "D5r", "D4"})
# Routes whose effects a sensitivity analysis beside the result leaves out.
DERIVED = frozenset({"S5", "S6", "S7", *(route.code for route in DERIVED_ROUTES)})

# A median survival time; the last as good as its assumption.
MEDIAN_ROUTES = (
    Route("M1", "median and CI", "exact", "CI symmetric on the log scale", "McGrath 2025"),
    Route("M2", "curve and numbers at risk", "close", "", "Brookmeyer & Crowley 1982; Guyot 2012"),
    Route("M3", "median and deaths", "rough", "exponential survival", ""),
)

ROUTES = {
    route.code: route
    for route in (
        *HAZARD_ROUTES,
        *PROPORTION_ROUTES,
        *OTHER_ROUTES,
        *DERIVED_ROUTES,
        *MEDIAN_ROUTES,
    )
}

# By the family of a measure; every other family has the rest.
_OF_FAMILY = {
    "hazard": HAZARD_ROUTES,
    "proportions": PROPORTION_ROUTES,
    "median": MEDIAN_ROUTES,
}
_REST = (*(ROUTES[code] for code in ("D", "N", "P", "R", "G", "P2", "R4")), *DERIVED_ROUTES)


class NoRouteError(InputError):
    """The protocol prefers a route that does not exist."""


def order(measure: str, preferred: list[str] | tuple[str, ...] = ()) -> tuple[str, ...]:
    """Route codes for a measure: the protocol's own first, then the rest in the default order.

    Raises NoRouteError for a code that is not in the table.
    """
    unknown = [code for code in preferred if code not in ROUTES]
    if unknown:
        raise NoRouteError(
            f"unknown route {', '.join(map(repr, unknown))}: known routes are {', '.join(ROUTES)}"
        )
    table = _OF_FAMILY.get(MEASURES[measure].family, _REST)
    rest = [route.code for route in table]
    first = tuple(code for code in preferred if code not in ON_REQUEST or code not in rest)
    return (*first, *(code for code in rest if code not in first))


def poorer(grade: str) -> str:
    """The next lower grade; nothing that has a value is a mere bound."""
    return GRADES[min(GRADES.index(grade) + 1, GRADES.index("rough"))]


def worst(grades: list[str]) -> str:
    """The weakest of several grades."""
    return max(grades, key=GRADES.index)
