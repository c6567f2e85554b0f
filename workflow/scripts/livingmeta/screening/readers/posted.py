"""Results that ClinicalTrials.gov holds of a trial, as its JSON (version 2) has them, unchanged.

They are a second reading of a paper's numbers and never go into a result. Each `outcomeMeasures` of
`resultsSection.outcomeMeasuresModule` has `groups`, `denoms` (patients by group), `classes` of
`categories` of `measurements` (`value`, `spread`, `lowerLimit`, `upperLimit`), and `analyses`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.screening.readers import answers, decode

COLUMNS = tables.columns("screening/posted")
_MODULE = "outcomeMeasuresModule"


def of(paths: Iterable[str]) -> pd.DataFrame:
    """One row a posted number, in the columns of screening/posted, by trial as posted; of a trial
    that several exports at `paths` hold, what was updated last. Where an object is damaged the
    reader of exports says so."""
    latest: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for path in paths:
        content = Path(path).read_bytes()
        if _MODULE.encode() not in content:
            continue
        for study, _, _ in answers.objects(decode.decode(content)[0]):
            own = _within(study, "protocolSection", "identificationModule").get("nctId")
            measures = _listed(_within(study, "resultsSection", _MODULE), "outcomeMeasures")
            if not own or not measures:
                continue
            status = _within(study, "protocolSection", "statusModule")
            day = str(_within(status, "lastUpdatePostDateStruct").get("date") or "")
            if own not in latest or day >= latest[own][0]:
                latest[own] = day, measures
    blank = dict.fromkeys(COLUMNS, "")
    rows = [
        blank | {"number": number, "measure": place, "updated": day} | row
        for number, (day, measures) in sorted(latest.items())
        for place, measure in enumerate(measures, 1)
        for row in _of_measure(measure)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_measure(measure: dict[str, Any]) -> Iterator[dict[str, Any]]:
    title = {group.get("id"): _said(group, "title") for group in _listed(measure, "groups")}
    head = {
        "type": _said(measure, "type"),
        "title": _said(measure, "title"),
        "time_frame": _said(measure, "timeFrame"),
    }
    of_measure = head | {
        "parameter": _said(measure, "paramType"),
        "dispersion": _said(measure, "dispersionType"),
        "unit": _said(measure, "unitOfMeasure"),
    }
    place = 0
    for part in _listed(measure, "classes"):
        patients = _patients(part) or _patients(measure)
        for category in _listed(part, "categories"):
            named = filter(None, (_said(part, "title"), _said(category, "title")))
            of_part = of_measure | {"part": "; ".join(named)}
            for number in _listed(category, "measurements"):
                place += 1
                group = number.get("groupId")
                yield of_part | {
                    "place": place,
                    "group": title.get(group, ""),
                    "value": _said(number, "value"),
                    "spread": _said(number, "spread"),
                    "lower": _said(number, "lowerLimit"),
                    "upper": _said(number, "upperLimit"),
                    "n": patients.get(group, ""),
                }
    for analysis in _listed(measure, "analyses"):
        place += 1
        groups = (title.get(group, "") for group in analysis.get("groupIds") or ())
        yield head | {
            "place": place,
            "parameter": _said(analysis, "paramType"),
            "group": " | ".join(filter(None, groups)),
            "value": _said(analysis, "paramValue"),
            "lower": _said(analysis, "ciLowerLimit"),
            "upper": _said(analysis, "ciUpperLimit"),
            "p_value": _said(analysis, "pValue"),
        }


def _patients(of: dict[str, Any]) -> dict[Any, str]:
    """Patients by group; counts of other units, such as eyes, are none."""
    return {
        count.get("groupId"): _said(count, "value")
        for denominator in _listed(of, "denoms")
        if _said(denominator, "units").casefold() in ("", "participants")
        for count in _listed(denominator, "counts")
    }


def _said(of: dict[str, Any], name: str) -> str:
    return " ".join(tables.text(of.get(name)).split())


def _listed(of: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = of.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _within(of: Any, *names: str) -> dict[str, Any]:
    for name in names:
        of = of.get(name) if isinstance(of, dict) else None
    return of if isinstance(of, dict) else {}
