"""Which cells a workbook marks as wrong or incomplete, as formulas of conditional formats.

They are for who types; what a run refuses is decided where it reads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from livingmeta import spreadsheets
from livingmeta.effect_measures import contrasts
from livingmeta.extraction.workbook.layout import SHARED, Field

_COUNTS = {"events", "at-risk"}
_SHARES = {"survival", "proportion", "mortality"}
_LIMITS = ("ci_low", "ci_high")


def of(
    columns: Sequence[str | Field],
    rules: Mapping[str, Mapping[str, Any]],
    listed: Callable[[str, Mapping[str, Any]], str],
) -> Iterator[tuple[int, str]]:
    """Column (from 1) and formula, as for row 2, of each mark.

    `columns`: what the columns of a sheet are; `rules`: those of their schema; `listed`: the cells
    that hold the closed list of a column, "" where it has none.
    """
    cell = {column: f"${spreadsheets.letters(at)}2" for at, column in enumerate(columns, 1)}
    fields = [column for column in columns if isinstance(column, Field)]
    for at, column in enumerate(columns, 1):
        here = cell[column]
        if isinstance(column, Field):
            yield from ((at, formula) for formula in _of_field(column, here, cell, rules))
            continue
        rule = rules.get(column, {"type": "string"})
        if words := listed(column, rule):
            yield at, f'AND({here}<>"",COUNTIF({words},{here})=0)'
        if rule["type"] in ("number", "integer"):
            yield from ((at, formula) for formula in _of_number(here, rule))
        if rule.get("filled"):
            yield at, f'AND({here}="",{_something(columns, fields, cell)})'


def _something(
    columns: Sequence[str | Field], fields: Sequence[Field], cell: Mapping[str | Field, str]
) -> str:
    """Whether a row holds what its other columns are needed for: a number, a judgement."""
    if fields:
        return f"COUNTA({cell[fields[0]]}:{cell[fields[-1]]})>0"
    told = next((c for c in ("value", "judgement", "study_id") if c in columns), columns[0])
    return f'{cell[told]}<>""'


def _of_number(here: str, rule: Mapping[str, Any]) -> Iterator[str]:
    yield f'AND({here}<>"",NOT(ISNUMBER({here})))'
    if rule["type"] == "integer":
        yield f"AND(ISNUMBER({here}),{here}<>INT({here}))"
    for name, sign in (("minimum", "<"), ("maximum", ">")):
        if name in rule:
            yield f"AND(ISNUMBER({here}),{here}{sign}{rule[name]})"


def _of_field(
    one: Field,
    here: str,
    cell: Mapping[str | Field, str],
    rules: Mapping[str, Mapping[str, Any]],
) -> Iterator[str]:
    """What cannot be of a number of an arm, and of it beside the others of its row."""
    if rules[one.column]["type"] != "string":
        yield from _of_number(here, rules[one.column])
    counted = one.column == "value" and one.statistic in _COUNTS
    if counted:
        yield f"AND(ISNUMBER({here}),OR({here}<0,{here}<>INT({here})))"
    patients = cell.get(Field(one.arm, "", SHARED))
    if counted and patients:
        yield f"AND(ISNUMBER({here}),ISNUMBER({patients}),{here}>{patients})"
    if one.column == SHARED:
        others = [c for f, c in cell.items() if isinstance(f, Field) and f.arm == one.arm]
        filled = "+".join(f'({c}<>"")' for c in others if c != here)
        yield f'AND({here}<>"",{filled or 0}=0)'
    if one.statistic in _SHARES and one.column in ("value", *_LIMITS):
        yield f"AND(ISNUMBER({here}),OR({here}<0,{here}>100))"
    if one.statistic in contrasts(ratios=True) and one.column in ("value", *_LIMITS):
        yield f"AND(ISNUMBER({here}),{here}<=0)"
    if one.column in _LIMITS:
        value = cell.get(one._replace(column="value"))
        sign = ">" if one.column == "ci_low" else "<"
        if value:
            yield f"AND(ISNUMBER({here}),ISNUMBER({value}),{here}{sign}{value})"
