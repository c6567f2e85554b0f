"""What a forest plot says, line by line, before any of it has a place on paper."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.effects.routes import ROUTES
from livingmeta.figures.forest_columns import Columns
from livingmeta.figures.pages import MOST_STUDIES
from livingmeta.formulas.measures import more_is_better
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.pooling import guards
from livingmeta.words import ids, measures, models
from livingmeta.words.english import heading, sentence, within
from livingmeta.words.numbers import MISSING, finer, missing, show, with_sign

WAITING = "*"
NOT_ESTIMABLE = "Not estimable"
NOTHING_HAPPENED = (
    f"{NOT_ESTIMABLE}: nobody, or everybody, in both arms had the event, which tells nothing of a "
    "ratio; the study counts in no other number here."
)
HEAVIEST = (
    "Of so many studies those of most weight are drawn; the results are of all. Each effect stands "
    "in results/effects/effects.csv."
)


def result_of(pooled: pd.DataFrame) -> dict:
    """The row of pooled.csv that is the result of all studies, or {} if there is none."""
    primary = pooled[pooled["primary"].fillna(False).astype(bool) & (pooled["subgroup"] == "")]
    return primary.iloc[0].to_dict() if len(primary) else {}


def heterogeneity(row: dict) -> str:
    """One line on how far the studies differ, with the number of studies beside I²."""
    parts = []
    if not missing(row.get("effects")):
        of = f"{show(row['k'], 'count')} studies"
        parts.append(f"{show(row['effects'], 'count')} effects of {of}")
    if not missing(row.get("tau2")):
        words = with_sign("τ²", show(row["tau2"], "variance"))
        if not missing(row.get("tau2_within")):
            words += f", of which {show(row['tau2_within'], 'variance')} within studies"
        if not missing(row.get("tau2_high")):
            words += f" (95% CI {show((row['tau2_low'], row['tau2_high']), 'variance')})"
        parts.append(words)
    if not missing(row.get("i2")):
        parts.append(f"I² = {show(row['i2'], 'percentage')} (k = {show(row['k'], 'count')})")
    if not missing(row.get("q")):
        parts.append(
            f"Q = {show(row['q'], 'statistic')} on {show(row['q_df'], 'count')} df, "
            + with_sign("p", show(row["q_p"], "p"))
        )
    return "; ".join(parts)


def overall(row: dict, null: float | None) -> str:
    """The test of no effect; "" where there is none to test."""
    if null is None or missing(row.get("statistic")) or missing(row.get("p_value")):
        return ""
    statistic, p = show(row["statistic"], "statistic"), with_sign("p", show(row["p_value"], "p"))
    if missing(row.get("df")):
        return f"z = {statistic}, {p}"
    return f"t = {statistic} on {show(row['df'], 'degrees')} df, {p}"


def between_subgroups(tests: pd.DataFrame, column: str) -> tuple[dict, int]:
    """The test of whether the subgroups by a column differ, and its position among the tests of
    the synthesis; ({}, -1) if there is none.

    `tests`: rows of moderators.csv of one synthesis.
    """
    for i, row in enumerate(as_dicts(tests)):
        of_it = row["term"] == "between subgroups" and row["moderator"] == column
        if of_it and not missing(row["statistic"]):
            return row, i
    return {}, -1


def rough(study: dict) -> bool:
    """Whether an effect is of a rough route, and so drawn hollow."""
    return str(study.get("grade", "")) == "rough"


def _waits(study: dict) -> bool:
    return study.get("status") == "awaiting"


class ForestTable:
    """The rows and columns of one forest plot.

    `rows`: dicts with `kind` (heading, study, empty, pooled, prediction or space), `label`, and
    `study` or `model`, the row of the table behind it; a pooled row that is not the result is
    `small`; an empty one is a study in which nobody, or everybody, had the event.
    `columns`: what stands between label and plot (forest_columns.Columns). `studies`: the
    effects with the columns of scales.shown and `weight` in percent, by year and label, `k` of how
    many studies; `used`: their rows of used.csv, by `own`; `drawn`: the effects that have a row.
    """

    def __init__(
        self,
        effects: pd.DataFrame,
        pooled: pd.DataFrame,
        tests: pd.DataFrame,
        synthesis: Synthesis,
        arms: Mapping[str, Arm],
        outcome: Outcome,
        used: pd.DataFrame,
        empty: pd.DataFrame,
        columns: Sequence[str],
    ) -> None:
        self.empty = empty.sort_values(["year", "label"], kind="stable", na_position="last")
        self.synthesis, self.outcome, self.arms = synthesis, outcome, arms
        self.tests = tests
        self.measure = synthesis.measure
        self.name = effects["synthesis"].iloc[0]
        self.scale = measures.SCALES[self.measure]
        self.pooled = pooled.assign(subgroup=pooled["subgroup"].fillna(""))
        self.result = result_of(self.pooled)
        table = measures.shown(effects, self.measure)
        table["weight"] = measures.weights(table, self.result)
        table["own"] = [ids.own(row) for row in as_dicts(table)]
        self.k = table["study_id"].nunique()
        self.studies = table.sort_values(["year", "label"], kind="stable", na_position="last")
        self.weighted = self.k > 1 and bool(self.result) and table["weight"].notna().all()
        heaviest = self.studies.sort_values("weight", ascending=False, kind="stable")
        self.drawn = set(heaviest["own"].head(MOST_STUDIES))
        self.used: dict[str, list[dict]] = {}
        for row in as_dicts(used):
            self.used.setdefault(ids.own(row), []).append(row)
        self.rows = self._rows()
        mine = {arm: arms[arm] for arm in synthesis.arms}
        self.beside = Columns(columns, self.studies, self.empty, self.used, mine, outcome.kind)
        self.columns = self.beside.columns

    def bare(self) -> "ForestTable":
        """The same without columns beside label and effect, for a narrow screen."""
        less = copy(self)
        less.rows = [dict(row) for row in self.rows]
        less.beside = copy(self.beside)
        less.beside.columns = less.columns = []
        less.weighted = False
        return less

    def _blocks(self):
        """(heading, rows of the table, row of pooled.csv) for each value of the first subgroup."""
        column = next(iter(self.synthesis.subgroups), "")
        groups: dict[str, dict[Any, Any] | None] = {}
        for row in as_dicts(self.pooled):
            name, _, value = row["subgroup"].partition("=")
            if name == column and column in self.studies and value not in groups:
                groups[value] = row
        if not groups and not self.result and column in self.studies and len(self.studies) > 1:
            values = self.studies[column].map(lambda v: "" if missing(v) else str(v))
            groups = dict.fromkeys(value for value in values if value)
        if not groups:
            return [("", self.studies, None)]
        called = column.replace("_", " ")
        labels = self.synthesis.subgroup_labels.get(column, {})
        values = self.studies[column].astype(object).map(lambda v: "" if missing(v) else str(v))
        blocks = [
            (f"{called}: {labels.get(value, value)}", self.studies[values == value], row)
            for value, row in groups.items()
            if (values == value).any()
        ]
        rest = self.studies[~values.isin(list(groups))]
        return [*blocks, (f"{called}: not known", rest, None)] if len(rest) else blocks

    def _rows(self):
        rows: list[dict[str, Any]] = []
        for title, studies, model in self._blocks():
            if title:
                rows.append({"kind": "heading", "label": sentence(title)})
            for study in as_dicts(studies[studies["own"].isin(self.drawn)]):
                mark = f" {WAITING}" if _waits(study) else ""
                name = study.get("effect_name")
                label = f"{study['label']}{f' ({name})' if name else ''}{mark}"
                rows.append({"kind": "study", "label": label, "study": study})
            if model is not None and model["k"] > 1:
                label = f"Subgroup, {model['k']} studies"
                rows.append(self._pooled_row(model, label, studies, small=True))
        empty = as_dicts(self.empty.head(MOST_STUDIES))
        if empty and any(row["kind"] == "heading" for row in rows):
            rows.append({"kind": "heading", "label": NOT_ESTIMABLE})
        rows += [{"kind": "empty", "label": study["label"], "study": study} for study in empty]
        if self.k > 1 and self.result:
            rows.append({"kind": "space", "label": ""})
            rows += self._results()
        return rows

    def _results(self):
        rows = [self._pooled_row(self.result, models.name(self.result), self.studies)]
        low = self.result.get("display_pi_low")
        if not missing(low) and not guards.prediction_in_appendix(self.k):
            rows.append(
                {
                    "kind": "prediction",
                    "label": f"{measures.level(self.synthesis.level)} prediction interval",
                    "model": self.result,
                }
            )
        if not models.is_common(self.result):
            whole = as_dicts(self.pooled[self.pooled["subgroup"] == ""])
            common = next((row for row in whole if models.is_common(row)), None)
            if common:
                label = models.name(common)
                rows.append(self._pooled_row(common, label, self.studies, small=True))
        return rows

    def _pooled_row(self, model, label, studies, small=False):
        if self.synthesis.level != 0.95:  # the column is of studies, at 95%
            label += f" ({measures.level(self.synthesis.level)} CI)"
        row = {"kind": "pooled", "label": label, "model": model, "small": small}
        return row | {"studies": studies}

    def key(self, row: dict) -> str:
        """The beginning of the ids of the numbers of a row (of a prediction, its id)."""
        if row["kind"] == "study":
            return ids.study(self.name, row["study"]["own"])
        return ids.model(row["model"]) + ("/pi" if row["kind"] == "prediction" else "")

    def effect(self, row: dict) -> str:
        """Estimate and interval of a row as printed."""
        kind = self.scale.kind
        if row["kind"] == "study":
            study = row["study"]
            value, pair = study["display"], (study["display_low"], study["display_high"])
        else:
            model = row["model"]
            value = model["display_estimate"]
            pair = (model["display_ci_low"], model["display_ci_high"])
            if row["kind"] == "prediction":
                kind = finer(kind, value, *pair)
                return f"({show((model['display_pi_low'], model['display_pi_high']), kind)})"
        kind = finer(kind, value, *pair)
        return MISSING if missing(value) else f"{show(value, kind)} ({show(pair, kind)})"

    @staticmethod
    def spread(row: dict) -> str:
        """How far the studies of a subgroup differ, to stand beside its label."""
        i2 = row["model"].get("i2")
        alone = missing(i2) or not row["model"]["subgroup"]
        return "" if alone else f"I² = {show(i2, 'percentage')}"

    def favours(self) -> tuple[str, str] | None:
        """Words for the left and the right side of no effect, or None for single arms."""
        arms = self.synthesis.arms
        if self.scale.null is None or len(arms) != 2:
            return None
        left, right = (f"favours {within(self.arms[arm].label)}" for arm in arms)
        if more_is_better(self.measure, self.outcome.good, self.outcome.kind):
            left, right = right, left
        return left, right

    def subgroup_marks(self) -> dict[str, str]:
        """What became of the registered plan for the subgroups that the plot shows, by column."""
        column = next(iter(self.synthesis.subgroups), "")
        if "prespecified" not in self.pooled:
            return {}
        of_it = self.pooled["subgroup"].str.startswith(f"{column}=")
        marks = [mark for mark in self.pooled.loc[of_it, "prespecified"] if not missing(mark)]
        return {column: marks[0]} if column and marks else {}

    def notes(self) -> list[tuple[str, str]]:
        """Sentences under the plot, each with the beginning of the ids of its numbers."""
        fewer = len(self.drawn) < len(self.studies)
        notes = [(HEAVIEST, "")] if fewer else []
        if self.k == 1:
            what = "effect is" if len(self.studies) == 1 else "effects are"
            notes.append((f"One study only: its own {what} shown; nothing was pooled.", ""))
        elif self.result:
            line = heterogeneity(self.result)
            notes += [(f"Heterogeneity: {line}.", ids.model(self.result))] if line else []
            if line := overall(self.result, self.scale.null):
                notes.append((f"Overall effect: {line}.", ids.model(self.result)))
            column = next(iter(self.synthesis.subgroups), "")
            test, position = between_subgroups(self.tests, column)
            if test:
                q, df = show(test["statistic"], "statistic"), show(test["df"], "degrees")
                p = with_sign("p", show(test["p_value"], "p"))
                found = f"Q = {q} on {df} df"
                if not missing(test["df2"]):
                    found = f"F = {q} on {df} and {show(test['df2'], 'degrees')} df"
                words = f"Between subgroups: {found}, {p}."
                keys = ids.tests("moderators", as_dicts(self.tests))
                notes.append((words, keys[position]))
            if self.k == 2:
                notes.append(("Two studies only: the pooled value is descriptive.", ""))
        else:
            notes.append(("Not pooled: the effects are shown side by side.", ""))
        if any(map(_waits, as_dicts(self.studies))):
            words = f"{WAITING} not finally included: its full text must still be read."
            notes.append((words, ""))
        if len(self.empty):
            notes.append((NOTHING_HAPPENED, ""))
        if any(row["kind"] == "study" and rough(row["study"]) for row in self.rows):
            words = "Hollow square: effect of grade rough, a last resort from what was printed."
            notes.append((words, ""))
        routes = sorted({str(r) for r in self.studies["route"]} & set(ROUTES))
        if routes and any(head == heading("route") for head, _ in self.columns):
            named = "; ".join(f"{code} {ROUTES[code].needs}" for code in routes)
            words = f"Route: how the effect was reached from what was printed ({named})."
            notes.append((words, ""))
        return notes

    def in_words(self) -> str:
        """The plot for those who cannot see it."""
        count, many = self.k, len(self.studies)
        words = f"{count} {'study' if count == 1 else 'studies'}"
        words = f"{many} effects of {words}" if many > count else words
        if count > 1 and self.result:
            pair = (self.result["display_ci_low"], self.result["display_ci_high"])
            kind = finer(self.scale.kind, self.result["display_estimate"], *pair)
            words += f"; pooled {self.scale.name} {show(self.result['display_estimate'], kind)}"
            words += (
                f", {measures.level(self.synthesis.level)} confidence interval {show(pair, kind)}"
            )
        return f"{words}."
