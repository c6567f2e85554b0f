"""What of the analyses was planned, and what of the protocol differs from what was registered.

The first registration is the plan, later ones are its amendments. An analysis of the plan is
`planned`, or `changed` where something that decides it differs; one that the plan does not have is
`added after data`. What an amendment has, registered before anything of the outcomes stood, is
`planned` too, if it has stood so ever since. What an amendment dropped and is asked again is
added, as if the plan had never had it. Titles and labels decide nothing, nor does the order
of values that choose studies, and keys count with their defaults.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from livingmeta import analyses, courses
from livingmeta.as_dicts import as_dicts

if TYPE_CHECKING:  # a run with nothing to do reads this file, and shall load no tables for it
    import pandas as pd

    from livingmeta.living.registered.registrations import Registration

# From the best to the worst; `dropped` is of what was planned and is not asked any more.
MARKS = PLANNED, CHANGED, ADDED, DROPPED = ("planned", "changed", "added after data", "dropped")
BEFORE, AFTER = "before data", "after data"  # an amendment, by what of the outcomes stood
# Of a synthesis, what only says it otherwise.
WORDING = ("title", "subgroup_labels")
# Of a synthesis, lists whose items are analyses of their own, and keys that are one.
LISTS = ("subgroups", "moderators", "sensitivity")
APART = ("routes", "thresholds", "information_size")
# What a synthesis rests on by name: of these the keys that are no wording.
OUTCOME, ARM = ("kind", "unit", "good", "definition"), ("description", "joins")
# What concerns the review as a whole. `search.from` says how to look, not for what.
OF_REVIEW = (
    *("review.question", "search", "screening.reviewers", "screening.stopping"),
    *("screening.criteria", "extraction", "risk_of_bias", "time_unit"),
)
LEFT_OUT = ("search.from",)

Row = dict[str, str]


def deciding(written: Mapping[str, Any]) -> dict[str, Any]:
    """What of a completed protocol decides anything, without titles, labels and what is shown: a
    slice that a rule can depend on. Given its own answer it gives the same."""
    whole = courses.together(dict(written))
    found: dict[str, Any] = {}
    for dotted in OF_REVIEW:
        section, _, key = dotted.partition(".")
        value = whole.get(section)
        if key and value:
            found.setdefault(section, {})[key] = value.get(key)
        elif value is not None and not key:
            found[section] = value
    for section, kept in (("outcomes", OUTCOME), ("arms", ARM)):
        named = whole.get(section) or {}
        found[section] = {n: {k: one[k] for k in kept if k in one} for n, one in named.items()}
    found["syntheses"] = {
        name: {key: _in_order(key, value) for key, value in one.items() if key not in WORDING}
        for name, one in whole["syntheses"].items()
    }
    return found


def _in_order(key: str, value: Any) -> Any:
    """A key of a synthesis with the values that choose studies in one order."""
    if key != "include" or not isinstance(value, Mapping):
        return value
    return {k: sorted(v, key=str) if isinstance(v, list) else v for k, v in value.items()}


def rows(registrations: "list[Registration]", present: Mapping[str, Any]) -> list[Row]:
    """Rows of prespecified.csv: every analysis with its mark, and one for each key in which it
    differs from the plan. `registrations`: the oldest first; none gives no row. `present`: as
    `deciding` gives it, or the protocol itself."""
    if not registrations:
        return []
    now = deciding(present)
    states = [_State(one, now) for one in registrations]
    found = [
        row for name, one in now["syntheses"].items() for row in _synthesis(name, one, now, states)
    ]
    plan = states[0]
    for name in [n for n in plan.syntheses if n not in plan.called.values()]:
        key = f"syntheses.{name}"
        gone = plan.syntheses[name]
        when = _amended(states, [name not in s.syntheses for s in states[1:]])
        found.append(_row(name, "synthesis", name, DROPPED, key, _question(gone), "", when))
    for key, was, is_ in _different(plan.of_review, _of_review(now)):
        when = _amended(states, [s.of_review.get(key) == is_ for s in states[1:]])
        found.append(_row("", "review", key, CHANGED, key, _said(was), _said(is_), when))
    order = [*now["syntheses"], *plan.syntheses, ""]
    return sorted(found, key=lambda row: order.index(row["synthesis"]))


def read(table: "pd.DataFrame") -> list[Row]:
    """The rows of prespecified.csv as `rows` gave them."""
    return [{str(k): v for k, v in row.items()} for row in as_dicts(table)]


def mark_of(found: Iterable[Row]) -> Callable[[str, str, str, bool], str]:
    """Gives the mark of a row of pooled.csv from its synthesis, model and subgroup, and whether it
    is the result: that of its subgroup or sensitivity analysis, or of the result where that is
    worse. What stands beside a result unasked has the mark of the result.

    `found`: as `rows` gives them; of none every mark is "".
    """
    marks = _marks(found)

    def mark(synthesis: str, model: str, subgroup: str, result: bool) -> str:
        whole = _whole(marks, synthesis)
        own = ""
        if subgroup:
            own = marks.get((synthesis, "subgroups", subgroup.partition("=")[0]), "")
        elif not result:
            asked = (
                mark
                for (name, kind, what), mark in marks.items()
                if (name, kind) == (synthesis, "sensitivity") and _is_of(model, what)
            )
            own = next(asked, "")
        return _worst(whole, own)

    return mark


def mark_of_test(found: Iterable[Row]) -> Callable[[str, str, str], str]:
    """As `mark_of`, of a row of moderators.csv from its synthesis, analysis and moderator."""
    marks = _marks(found)

    def mark(synthesis: str, analysis: str, moderator: str) -> str:
        kind = "subgroups" if analysis.startswith("subgroups") else "moderators"
        return _worst(_whole(marks, synthesis), marks.get((synthesis, kind, moderator), ""))

    return mark


def mark_of_result(found: Iterable[Row], synthesis: str) -> str:
    """The mark of a result: of its question and model, and of the routes to its effects."""
    return _whole(_marks(found), synthesis)


def differences(found: Iterable[Row]) -> list[Row]:
    """What differs from the plan, each key once, with the syntheses that it concerns."""
    merged: dict[str, Row] = {}
    for row in found:
        if row["mark"] == PLANNED:
            continue
        one = merged.setdefault(row["key"], dict(row))
        names = [*one["synthesis"].split(), row["synthesis"]]
        one["synthesis"] = " ".join(dict.fromkeys(names)).strip()
    return list(merged.values())


class _State:
    """A registration as it is compared with the present: its syntheses by the names of today."""

    def __init__(self, registration: "Registration", now: dict[str, Any]) -> None:
        whole = deciding(registration.whole)
        self.day = registration.registered_on
        self.when = BEFORE if registration.before_data else AFTER
        self.syntheses, self.whole = whole["syntheses"], whole
        self.of_review = _of_review(whole)
        # Today's name to the one registered: of another name and the same content it is the same.
        self.called = {name: name for name in now["syntheses"] if name in self.syntheses}
        free = [name for name in self.syntheses if name not in self.called]
        for name, one in now["syntheses"].items():
            alike = (other for other in free if self.syntheses[other] == one)
            if name not in self.called and (same := next(alike, None)):
                self.called[name] = same
                free.remove(same)

    def synthesis(self, name: str) -> dict[str, Any] | None:
        """The synthesis that is called so today, as it was registered."""
        return self.syntheses.get(self.called.get(name, ""))

    def of(self, name: str) -> dict[str, Any]:
        """The same; {} where none was registered."""
        return self.synthesis(name) or {}


def _synthesis(
    name: str, one: dict[str, Any], now: dict[str, Any], states: list[_State]
) -> Iterator[Row]:
    """The rows of one synthesis of today."""
    planned, key = states[0].synthesis(name), f"syntheses.{name}"
    core = _core(name, one, now)
    asked = [s.synthesis(name) is not None for s in states[1:]]
    when = _amended(states, asked)
    stood = planned is not None and all(asked)  # else asked anew, or asked again
    early = when[1] == BEFORE and any(
        (then := s.synthesis(name)) is not None and _core(name, then, s.whole) == core
        for s in states[1:]
        if s.when == BEFORE
    )
    added = not stood and not early
    if planned is None or added:
        if early:
            yield _row(name, "synthesis", name, PLANNED, "", "", "", when)
        else:
            before = _question(planned) if planned else ""
            yield _row(name, "synthesis", name, ADDED, key, before, _question(one), when)
    else:
        differing = [
            (at, was, is_)
            for at, was, is_ in _different(_core(name, planned, states[0].whole), core)
            if _of_both(at, planned, one)
        ]
        for at, was, is_ in differing:
            when = _amended(states, [_has(s, name, at, is_) for s in states[1:]])
            mark = _unless_before(when, CHANGED)
            yield _row(name, "synthesis", name, mark, at, _said(was), _said(is_), when)
        if not differing:
            yield _row(name, "synthesis", name, PLANNED, "", "", "", ("", ""))
    was_planned = planned or {}
    for kind in APART:
        was, is_ = was_planned.get(kind), one.get(kind)
        if not was and not is_:
            continue
        again = is_ and not all(s.of(name).get(kind) for s in states[1:])
        if _same(was, is_) and not again:
            yield _row(name, kind, kind, PLANNED, "", "", "", ("", ""))
        elif not added:  # else told with the synthesis
            mark = ADDED if again or not was else CHANGED if is_ else DROPPED
            when = _amended(states, [_same(s.of(name).get(kind), is_) for s in states[1:]])
            mark = _unless_before(when, mark)
            yield _row(name, kind, kind, mark, f"{key}.{kind}", _said(was), _said(is_), when)
    for kind in LISTS:
        yield from _items(name, kind, one, states, added=added)


def _of_both(key: str, planned: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Whether a key is of what a synthesis rested on and still rests on: that it has another
    outcome, arm or time is told by that alone."""
    section, name = key.split(".", 2)[:2] if "." in key else (key, "")
    if section == "outcomes":
        return bool(planned["outcome"] == one["outcome"])
    if section == "arms":
        return name in planned["arms"] and name in one["arms"]
    return section != "time_unit" or None not in (planned.get("time"), one.get("time"))


def _has(state: _State, name: str, key: str, value: Any) -> bool:
    """Whether a registration has a synthesis, and this value of a key that decides its result."""
    then = state.synthesis(name)
    return then is not None and _same(_core(name, then, state.whole).get(key), value)


def _items(
    name: str, kind: str, one: dict[str, Any], states: list[_State], *, added: bool
) -> Iterator[Row]:
    """The analyses of one list of a synthesis: those of today, then those that are gone; `added`:
    whether all of the synthesis was added."""
    planned = states[0].synthesis(name)
    then, today = _listed(kind, planned or {}), _listed(kind, one)
    for item, said in today.items():
        asked = [item in _listed(kind, s.of(name)) for s in states[1:]]
        when = _amended(states, asked)
        if item in then and all(asked):
            yield _row(name, kind, said, PLANNED, "", "", "", ("", ""))
        elif when[1] == BEFORE:
            yield _row(name, kind, said, PLANNED, "", "", "", when)
        elif added:  # told with the synthesis
            yield _row(name, kind, said, ADDED, f"syntheses.{name}", "", _question(one), when)
        else:
            key = f"syntheses.{name}.{kind}.{said}"
            yield _row(name, kind, said, ADDED, key, said if item in then else "", said, when)
    for item, said in then.items():
        if item not in today:
            when = _amended(states, [item not in _listed(kind, s.of(name)) for s in states[1:]])
            key = f"syntheses.{name}.{kind}.{said}"
            yield _row(name, kind, said, DROPPED, key, said, "", when)


def _listed(kind: str, one: Mapping[str, Any]) -> dict[str, str]:
    """The items of a list by what tells them apart, with their ids in the tables."""
    given = one.get(kind) or ()
    if kind != "sensitivity":
        parts = [[said] if isinstance(said, str) else said for said in given]
        return {" + ".join(sorted(said)): " + ".join(said) for said in parts}
    found = [analyses.of(said) for said in given]
    used = [of.used() if isinstance(of, analyses.Method) else of for of in found]
    return {analyses.slug(u.name): of.name for u, of in zip(used, found, strict=True)}


def _core(name: str, one: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """What decides a result but for its routes, by key: of the synthesis, its outcome and arms."""
    own = {k: v for k, v in one.items() if k not in (*LISTS, *APART, "model")}
    keys = _flat(own, f"syntheses.{name}")
    keys[f"syntheses.{name}.model"] = one["model"]  # told as a whole
    if one.get("time") is not None:
        keys["time_unit"] = whole.get("time_unit")
    outcome = one["outcome"]
    keys |= _flat(whole["outcomes"].get(outcome) or {}, f"outcomes.{outcome}")
    for arm in one["arms"]:
        keys |= _flat(whole["arms"].get(arm) or {}, f"arms.{arm}")
    return keys


def _of_review(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Keys that are of no one synthesis."""
    told = ("outcomes", "arms", "syntheses", "time_unit")
    rest = {key: value for key, value in whole.items() if key not in told}
    return {key: value for key, value in _flat(rest).items() if key not in LEFT_OUT}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """The leaves of nested mappings by dotted path, lists being leaves; what is empty is none, so
    that a key left out and one left empty are the same."""
    if isinstance(value, Mapping):
        leaves: dict[str, Any] = {}
        for key, inner in value.items():
            leaves |= _flat(inner, f"{path}.{key}" if path else str(key))
        return leaves
    return {} if _empty(value) else {path: value}


def _different(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Keys with two values, and both; None where a key has none."""
    for key in dict.fromkeys([*now, *was]):
        if not _same(was.get(key), now.get(key)):
            yield key, was.get(key), now.get(key)


def _same(one: Any, other: Any) -> bool:
    return (_empty(one) and _empty(other)) or one == other


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _amended(states: list[_State], holds: list[bool]) -> tuple[str, str]:
    """The day of the amendment since which it is as it is now, and what stood then; ("", "") where
    the last one has it otherwise. `holds`: whether each amendment has it so."""
    since: tuple[str, str] = ("", "")
    for state, so in zip(reversed(states[1:]), reversed(holds), strict=True):
        if not so:
            break
        since = (state.day, state.when)
    return since


def _unless_before(when: tuple[str, str], mark: str) -> str:
    """The mark of what differs from the plan: planned where that was registered before data."""
    return PLANNED if when[1] == BEFORE else mark


def _row(
    synthesis: str,
    analysis: str,
    name: str,
    mark: str,
    key: str,
    registered: str,
    now: str,
    when: tuple[str, str],
) -> Row:
    said = {"synthesis": synthesis, "analysis": analysis, "name": name, "mark": mark, "key": key}
    return said | {"registered": registered, "now": now, "amended_on": when[0], "amended": when[1]}


def _question(one: Mapping[str, Any]) -> str:
    """A synthesis in a few words of the protocol."""
    at = f", at {one['time']:g}" if one.get("time") is not None else ""
    return f"{one['measure']} of {one['outcome']}, {' against '.join(one['arms'])}{at}"


def _said(value: Any) -> str:
    """A value as the protocol could have it."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _marks(found: Iterable[Row]) -> dict[tuple[str, str, str], str]:
    """The worst mark of each analysis of today."""
    marks: dict[tuple[str, str, str], str] = {}
    for row in found:
        if row["mark"] != DROPPED or row["analysis"] in APART:
            at = (row["synthesis"], row["analysis"], row["name"])
            marks[at] = _worst(marks.get(at, ""), row["mark"])
    return marks


def _whole(marks: Mapping[tuple[str, str, str], str], synthesis: str) -> str:
    own = marks.get((synthesis, "synthesis", synthesis), "")
    # Routes that were not chosen and now are, or no longer are, are a change of the result.
    routes = marks.get((synthesis, "routes", "routes"), "")
    return _worst(own, CHANGED if own and routes not in ("", PLANNED) else own)


def _worst(*marks: str) -> str:
    return max(marks, key=("", *MARKS).index)


def _is_of(model: str, name: str) -> bool:
    """Whether a row of pooled.csv, by its `model`, is of the analysis of that id."""
    return model == name or (name.startswith("without ") and model.endswith(f" {name}"))
