"""The forest plot of one synthesis: every study, what it printed, its effect, and the result."""

import math
import re

import pandas as pd

from livingmeta.numbers import MISSING, missing, show, with_sign
from livingmeta.pooling import guards
from livingmeta.report import models, scales
from livingmeta.report.axis import Axis
from livingmeta.report.style import BOLD, FINE, HAIR, ROW, SIZE, SMALL, TITLE, Sheet, width, wrap
from livingmeta.report.words import sentence, within

MARGIN = 4.0
GAP = 4.0
PLOT = 64.0
LABEL = 54.0  # the widest a study's label may be before it runs on to a second line
EACH_ARM = 25.0


def draw(
    effects: pd.DataFrame, pooled: pd.DataFrame, synthesis: dict, *, arms: dict, outcome: dict
) -> str:
    """The forest plot as SVG.

    `effects`: rows of effects.csv of this synthesis with the columns of studies.csv beside them
    (yi, vi on the analysis scale). `pooled`: its rows of pooled.csv; `primary` marks the result,
    rows with a `subgroup` give the blocks of the first subgroup of the protocol. `synthesis`,
    `arms`, `outcome`: those parts of the protocol. Numbers are printed by numbers.show on the
    display scale. With one study there is no diamond; without any, a sentence.
    """
    if effects.empty:
        return _nothing(synthesis)
    return _Plot(effects, pooled, synthesis, arms, outcome).svg()


def _nothing(synthesis: dict) -> str:
    words = "No study gives a usable effect for this synthesis, so there is nothing to draw."
    sheet = Sheet(120, 22)
    for i, line in enumerate(wrap(synthesis["title"], 112, TITLE, True)[:2]):
        sheet.text(MARGIN, 7 + 4 * i, line, size=TITLE, bold=True)
    sheet.text(MARGIN, 17, words, colour="grey")
    return sheet.svg(f"Forest plot: {synthesis['title']}", words)


def result_of(pooled: pd.DataFrame) -> dict:
    """The row of pooled.csv that is the result of all studies, or {} if there is none."""
    primary = pooled[pooled["primary"].fillna(False).astype(bool) & (pooled["subgroup"] == "")]
    return primary.iloc[0].to_dict() if len(primary) else {}


def heterogeneity(row: dict) -> str:
    """One line on how far the studies differ, with the number of studies beside I²."""
    parts = []
    if not missing(row.get("tau2")):
        words = with_sign("τ²", show(row["tau2"], "variance"))
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


def arm_data(inputs: str, arm: str) -> str:
    """What was printed on an arm, out of the column `inputs` of effects.csv: `24/36`,
    `66.6% of 36`, `median 9.4`; "" if nothing was."""
    found = re.search(
        rf"(events|survival|proportion|median|mean) {re.escape(arm)} ([\d.eE+-]+)(?: of (\d+))?",
        inputs,
    )
    if not found:
        return ""
    statistic, value, n = found.groups()
    if statistic == "events":
        words = show(float(value), "as-printed")
        return f"{words}/{show(int(n), 'count')}" if n else words
    if statistic in ("survival", "proportion"):
        words = show(float(value), "proportion")
        return f"{words} of {show(int(n), 'count')}" if n else words
    return f"{statistic} {show(float(value), 'as-printed')}"


class _Plot:
    """All that is known of one plot while it is laid out."""

    def __init__(self, effects, pooled, synthesis, arms, outcome):
        self.synthesis, self.outcome, self.arms = synthesis, outcome, arms
        self.measure = synthesis["measure"]
        self.scale = scales.SCALES[self.measure]
        self.pooled = pooled.assign(subgroup=pooled["subgroup"].fillna(""))
        self.result = result_of(self.pooled)
        table = scales.shown(effects, self.measure)
        table["weight"] = scales.weights(effects, self.result.get("tau2"))
        for column, instead in (("label", table["study_id"]), ("year", pd.NA)):
            if column not in table:
                table[column] = instead
        self.table = table.sort_values(["year", "label"], kind="stable", na_position="last")
        self.weighted = len(table) > 1 and not missing(self.result.get("tau2"))
        self.blocks = self._blocks()
        self.rows = self._rows()
        self.columns = self._columns()
        self._place()
        self.axis = Axis(
            self.scale,
            self.table[["display", "display_low", "display_high"]].to_numpy(),
            [row["model"] for row in self.rows if row["kind"] in ("pooled", "prediction")],
            self.x_plot,
            self.x_plot + PLOT,
        )

    def _blocks(self):
        """(heading, rows of the table, row of pooled.csv) for each value of the first subgroup."""
        column = next(iter(self.synthesis.get("subgroups") or []), None)
        groups = {}
        for row in self.pooled.to_dict("records"):
            name, _, value = row["subgroup"].partition("=")
            if name == column and column in self.table and value not in groups:
                groups[value] = row
        if not groups:
            return [("", self.table, None)]
        heading = column.replace("_", " ")
        values = self.table[column].astype(object).map(lambda v: "" if missing(v) else str(v))
        blocks = [
            (f"{heading}: {value}", self.table[values == value], row)
            for value, row in groups.items()
            if (values == value).any()
        ]
        rest = self.table[~values.isin(list(groups))]
        return [*blocks, (f"{heading}: not known", rest, None)] if len(rest) else blocks

    def _rows(self):
        rows = []
        for heading, studies, model in self.blocks:
            if heading:
                rows.append({"kind": "heading", "label": [sentence(heading)]})
            for study in studies.to_dict("records"):
                rows.append(
                    {"kind": "study", "label": wrap(study["label"], LABEL)[:2], "study": study}
                )
            if model is not None and model["k"] > 1:
                rows.append(self._pooled_row(model, f"Subgroup, {model['k']} studies", small=True))
        if len(self.table) > 1 and self.result:
            rows.append({"kind": "space", "label": []})
            rows += self._results()
        return rows

    def _results(self):
        rows = [self._pooled_row(self.result, models.name(self.result))]
        low = self.result.get("display_pi_low")
        if not missing(low) and not guards.prediction_in_appendix(len(self.table)):
            rows.append(
                {"kind": "prediction", "label": ["95% prediction interval"], "model": self.result}
            )
        if not models.is_common(self.result):
            whole = self.pooled[self.pooled["subgroup"] == ""].to_dict("records")
            common = next((row for row in whole if models.is_common(row)), None)
            if common:
                rows.append(self._pooled_row(common, models.name(common), small=True))
        return rows

    @staticmethod
    def _pooled_row(model, label, small=False):
        return {"kind": "pooled", "label": [label], "model": model, "small": small}

    def _columns(self):
        """Columns between label and plot: (head lines, function of a study's row, alignment)."""
        columns = []
        for arm in self.synthesis["arms"]:
            texts = {s: arm_data(str(i), arm) for s, i in self._each("inputs")}
            if any(texts.values()):
                head = wrap(self.arms.get(arm, {}).get("label", arm), EACH_ARM, SMALL, True)[:3]
                columns.append((head, texts))
        patients = {s: "" if missing(n) else show(n, "count") for s, n in self._each("n")}
        if any(patients.values()):
            columns.append((["Patients"], patients))
        routes = {s: str(r) for s, r in self._each("route")}
        if any(routes.values()):
            columns.append((["Route"], routes))
        return columns

    def _each(self, column):
        values = self.table[column] if column in self.table else [""] * len(self.table)
        return [
            (s, "" if missing(v) else v)
            for s, v in zip(self.table["study_id"], values, strict=True)
        ]

    def _effect(self, row):
        if row["kind"] == "study":
            study = row["study"]
            value, pair = study["display"], (study["display_low"], study["display_high"])
        elif row["kind"] == "pooled":
            model = row["model"]
            value = model["display_estimate"]
            pair = (model["display_ci_low"], model["display_ci_high"])
        else:
            model = row["model"]
            return f"({show((model['display_pi_low'], model['display_pi_high']), self.scale.kind)})"
        kind = self.scale.kind
        return f"{show(value, kind)} ({show(pair, kind)})"

    def _place(self):
        """Widths of the columns and the place of each, so that every text fits."""
        labels = [
            width(line, SIZE, row["kind"] in ("heading",))
            for row in self.rows
            if row["kind"] in ("study", "heading")
            for line in row["label"]
        ]
        self.label_width = max(26.0, *labels)
        self.x_columns, x = [], MARGIN + self.label_width
        for head, texts in self.columns:
            room = max(
                *(width(line, SMALL, True) for line in head), *(width(t) for t in texts.values())
            )
            x += GAP + room
            self.x_columns.append(x)
        # The model's name spans label and data columns; where it needs more, it gets more.
        named = [
            width(row["label"][0], SIZE, not row.get("small"))
            for row in self.rows
            if row["kind"] in ("pooled", "prediction")
        ]
        x = max(x, MARGIN + min(max(named, default=0), 96.0))
        for row in self.rows:
            if row["kind"] == "pooled":
                bold = not row["small"]
                row["label"] = wrap(row["label"][0], x - MARGIN, SIZE, bold)
        self.x_plot = x + GAP + 2
        self.x_effect = self.x_plot + PLOT + GAP + 1
        effect = max(
            width(self._effect(row), SIZE, row["kind"] == "pooled" and not row["small"])
            for row in self.rows
            if row["kind"] in ("study", "pooled", "prediction")
        )
        effect = max(effect, width(self._effect_head()[0], SMALL, True))
        self.x_effect += effect
        self.x_end = self.x_effect + (GAP + width("Weight", SMALL, True) if self.weighted else 0)
        self.wide = self.x_end + MARGIN

    def _effect_head(self):
        return [scales.short(self.synthesis, self.outcome), "(95% CI)"]

    def svg(self) -> str:
        title = wrap(self.synthesis["title"], self.wide - 2 * MARGIN, TITLE, True)
        heads = max([2, *(len(head) for head, _ in self.columns)])
        top = 3.0 + 4.2 * len(title) + 2.6 + 3.1 * heads
        body = top + 1.6
        y = body
        for row in self.rows:
            row["top"] = y
            row["height"] = {"space": 1.8}.get(row["kind"], ROW * max(1, len(row["label"])))
            y += row["height"]
        bottom = y + 1.2
        notes, favours = self._notes(), self._favours()
        under = bottom + (15.4 if favours else 11.2)
        high = under + 3.3 * len(notes) + 2.0
        self.sheet = sheet = Sheet(self.wide, high)
        for i, line in enumerate(title):
            sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
        self._head(top)
        self.axis.draw(sheet, body - 0.4, bottom, self._axis_label(), favours)
        result = self.result.get("display_estimate")
        if len(self.table) > 1 and not missing(result):
            x = self.axis.x(result)
            sheet.line([x, x], [body - 0.4, bottom], colour="pooled", weight=HAIR, dashes=(3, 2.2))
        for row in self.rows:
            getattr(self, f"_draw_{row['kind']}")(row)
        for i, line in enumerate(notes):
            sheet.text(MARGIN, under + 2.0 + 3.3 * i, line, size=SMALL, colour="grey")
        return sheet.svg(f"Forest plot: {self.synthesis['title']}", self._in_words())

    def _head(self, top):
        sheet = self.sheet
        base = top - 1.2

        def head(x, lines, align):
            for i, line in enumerate(reversed(lines)):
                sheet.text(x, base - 3.1 * i, line, size=SMALL, bold=True, align=align)

        head(MARGIN, ["Study"], "left")
        for x, (lines, _) in zip(self.x_columns, self.columns, strict=True):
            head(x, lines, "right")
        head(self.x_effect, self._effect_head(), "right")
        if self.weighted:
            head(self.x_end, ["Weight"], "right")
        sheet.line([MARGIN, self.wide - MARGIN], [top, top], weight=FINE)

    def _draw_space(self, row):
        y = row["top"] + 0.9
        for x0, x1 in (
            (MARGIN, self.x_plot - GAP),
            (self.x_plot + PLOT + GAP, self.wide - MARGIN),
        ):
            self.sheet.line([x0, x1], [y, y], colour="line", weight=HAIR)

    def _draw_heading(self, row):
        self.sheet.text(MARGIN, row["top"] + 3.3, row["label"][0], bold=True)

    def _draw_study(self, row):
        sheet, study = self.sheet, row["study"]
        for i, line in enumerate(row["label"]):
            sheet.text(MARGIN, row["top"] + 3.3 + ROW * 0.8 * i, line)
        base = row["top"] + row["height"] / 2 + 1.0
        for x, (_, texts) in zip(self.x_columns, self.columns, strict=True):
            sheet.text(x, base, texts[study["study_id"]], align="right")
        sheet.text(self.x_effect, base, self._effect(row), align="right")
        if self.weighted:
            sheet.text(self.x_end, base, show(study["weight"], "percentage"), align="right")
        half = 0.55 + 1.25 * math.sqrt(study["weight"] / self.table["weight"].max())
        middle = row["top"] + row["height"] / 2
        self.axis.interval(sheet, study["display_low"], study["display_high"], middle)
        self.axis.square(sheet, study["display"], middle, half)
        sheet.box(
            MARGIN / 2,
            row["top"],
            self.wide - MARGIN,
            row["height"],
            fill=None,
            name=f"row-{study['study_id']}",
            over=9,
        )

    def _draw_pooled(self, row):
        sheet, model = self.sheet, row["model"]
        bold = not row["small"]
        for i, line in enumerate(row["label"]):
            sheet.text(MARGIN, row["top"] + 3.3 + ROW * 0.8 * i, line, bold=bold)
        middle = row["top"] + row["height"] / 2
        sheet.text(self.x_effect, middle + 1.0, self._effect(row), align="right", bold=bold)
        self.axis.diamond(
            sheet,
            model["display_ci_low"],
            model["display_estimate"],
            model["display_ci_high"],
            middle,
            1.7 if bold else 1.3,
            filled=bold,
        )

    def _draw_prediction(self, row):
        sheet, model = self.sheet, row["model"]
        sheet.text(MARGIN, row["top"] + 3.3, row["label"][0])
        middle = row["top"] + row["height"] / 2
        sheet.text(self.x_effect, middle + 1.0, self._effect(row), align="right")
        low, high = model["display_pi_low"], model["display_pi_high"]
        self.axis.interval(sheet, low, high, middle, colour="pooled", weight=BOLD + 0.5, ends=False)

    def _axis_label(self):
        short = scales.short(self.synthesis, self.outcome)
        return f"{short} (log scale)" if self.scale.log else short

    def _favours(self):
        """Words for the left and the right side of no effect, or None for single arms."""
        arms = self.synthesis["arms"]
        if self.scale.null is None or len(arms) != 2:
            return None
        first, second = (self.arms.get(arm, {}).get("label", arm) for arm in arms)
        right, left = (first, second)
        if not scales.more_is_better(self.measure, self.outcome):
            right, left = left, right
        return f"favours {within(left)}", f"favours {within(right)}"

    def _notes(self):
        room = self.wide - 2 * MARGIN
        notes = []
        if len(self.table) == 1:
            notes.append("One study only: its own effect is shown; nothing was pooled.")
        elif self.result:
            line = heterogeneity(self.result)
            if line:
                notes.append(f"Heterogeneity: {line}.")
            if len(self.table) == 2:
                notes.append("Two studies only: the pooled value is descriptive.")
        if self.columns and self.columns[-1][0] == ["Route"]:
            used = sorted({str(r) for r in self.table["route"]})
            notes.append(
                f"Route: how the effect was reached from what was printed ({_routes(used)})."
            )
        return [line for note in notes for line in wrap(note, room, SMALL)]

    def _in_words(self):
        count = len(self.table)
        words = f"{count} {'study' if count == 1 else 'studies'}"
        if count > 1 and self.result:
            kind = self.scale.kind
            words += (
                f"; pooled {self.scale.name} {show(self.result['display_estimate'], kind)}"
                f", 95% confidence interval "
                f"{show((self.result['display_ci_low'], self.result['display_ci_high']), kind)}"
            )
        return words + "."


def _routes(codes: list[str]) -> str:
    from livingmeta.effects.routes import ROUTES

    named = [f"{c} {ROUTES[c].needs}" if c in ROUTES else c for c in codes]
    return "; ".join(named) or MISSING
