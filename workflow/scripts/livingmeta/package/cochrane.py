"""The review as a Cochrane data package, which RevMan users know and R's meta::read.cdir reads.

Layout and headers: "Previous version: version 1 data package" in Cochrane's RevMan knowledge base.
Version 1 is the one that every release of R's meta with `read.cdir` can read.
"""

import csv
import io
import math
from typing import Any

import numpy as np
import pandas as pd

from livingmeta.archive import zipped
from livingmeta.as_dicts import as_dicts
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.several import found_in
from livingmeta.errors import InternalError
from livingmeta.figures.forest_table import between_subgroups
from livingmeta.formulas.measures import effect_size
from livingmeta.judgement.assessments import CONFLICT, MISSING
from livingmeta.package import references
from livingmeta.plan import Protocol
from livingmeta.spreadsheets import harmless
from livingmeta.tables import text
from livingmeta.words import measures, models
from livingmeta.words.numbers import missing

# A package is known by the number of its Cochrane review: readers ask that the names of the file
# and of all in it begin so. Ours has none, and says so.
NUMBER = "CD000000"
CELLS = ("ai", "bi", "ci", "di")
ANALYSIS = ("Analysis group", "Analysis number")
MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
OF_MEANS = tuple(
    f"{arm} {part}" for arm in ("Experimental", "Control") for part in ("mean", "SD", "N")
)
TOTALS = ("Experimental cases", "Experimental N", "Control cases", "Control N")
ESTIMATE = ("Mean", "CI start", "CI end")
SPREAD = tuple(f"Heterogeneity {part}" for part in ("Tau²", "Chi²", "df", "P", "I²"))
EFFECT = ("Effect Z", "Effect P")
BETWEEN = tuple(f"Subgroup {part}" for part in ("Chi²", "df", "P", "I²"))
OF_A_SYNTHESIS = ("effects", "pooled", "moderators")
SETTINGS = (
    *ANALYSIS,
    *("Analysis name", "Analysis group name", "Data source", "Data source eligibility"),
    *("Data type", "Log-scale data", "Outcome", "Intervention grouping"),
    *("Experimental intervention", "Control intervention", "Subgroup by", "Filter criteria"),
    *("Experimental group label", "Control group label", "Statistical method", "Effect measure"),
    *("Unit of effect measure", "Analysis model", "Subgroup estimates", "Overall estimates"),
    *("Test for subgroup differences", "Swap event and non-event", "Study CI", "Estimate CI"),
    *(*TOTALS, *ESTIMATE, *SPREAD, *EFFECT),
    *(*BETWEEN, "Analysis ID"),
)
ROWS = (
    *ANALYSIS,
    *("Analysis name", "Subgroup", "Applicability", "Study", "Study year", "GIV Mean", "GIV SE"),
    *("Experimental mean", "Experimental SD", "Experimental cases", "Experimental N"),
    *("Control mean", "Control SD", "Control cases", "Control N", "O-E", "Variance", "Weight"),
    *(*ESTIMATE, "Footnotes"),
)
SUBGROUPS = (
    *(*ANALYSIS, "Subgroup", "Subgroup number", *TOTALS, "Weight"),
    *(*ESTIMATE, *SPREAD, *EFFECT, "ID"),
)


def package(asked: Protocol, tables: dict[str, pd.DataFrame]) -> bytes:
    """The data package as a ZIP file, to be named `CD000000-dataPackage.zip`: analyses with their
    settings, studies and subgroups, risk of bias, references.

    `asked`: the protocol's `arms`, `outcomes` and `syntheses`. `tables`: effects, pooled,
    moderators, studies, risk_of_bias, records, included, excluded, by name.
    """
    name = NUMBER
    analyses = _analyses(asked, tables)
    files = {
        f"{name}-analysis-data/{name}-overall-estimates-and-settings.csv": _csv(
            SETTINGS, [analysis.settings() for analysis in analyses]
        ),
        f"{name}-analysis-data/{name}-data-rows.csv": _csv(
            ROWS, [row for analysis in analyses for row in analysis.rows()]
        ),
        f"{name}-analysis-data/{name}-subgroup-estimates.csv": _csv(
            SUBGROUPS, [row for analysis in analyses for row in analysis.subgroups()]
        ),
    }
    folder = f"{name}-study-data/{name}"
    for kind in ("included", "excluded"):
        listed = tables[kind]
        if kind == "excluded":
            listed = listed[listed["stage"] == "full-text"]
        records = references.of(tables["records"], listed)
        files[f"{folder}-{kind}.ris"] = references.ris(records).encode()
    judged = _risk_of_bias(tables)
    if judged:
        files[f"{folder}-risk-of-bias.csv"] = _csv(tuple(judged[0]), judged)
    return zipped(files)


def _analyses(asked: Protocol, tables: dict[str, pd.DataFrame]) -> list["_Analysis"]:
    found: list[_Analysis] = []
    groups: dict[tuple[str, ...], list[int]] = {}
    for name, synthesis in asked.syntheses.items():
        mine = {t: tables[t][tables[t]["synthesis"] == name] for t in OF_A_SYNTHESIS}
        # A RevMan analysis has one measure: effects of several are told, and stay out of it.
        if mine["effects"].empty or not measures.one_scale(mine["effects"], synthesis.measure):
            continue
        # Nor has a study more than one effect in it.
        if found_in(mine["effects"]):
            continue
        group = groups.setdefault(synthesis.arms, [len(groups) + 1, 0])
        group[1] += 1
        found.append(_Analysis(name, tuple(group), asked, mine, tables["studies"]))
    return found


class _Analysis:
    """One synthesis as RevMan would have it."""

    def __init__(
        self,
        name: str,
        numbers: tuple[int, ...],
        asked: Protocol,
        mine: dict[str, pd.DataFrame],
        studies: pd.DataFrame,
    ) -> None:
        self.name, self.asked = name, asked
        self.number = dict(zip(ANALYSIS, numbers, strict=True))
        self.synthesis = asked.syntheses[name]
        self.scale = measures.SCALES[self.synthesis.measure]
        pooled = mine["pooled"].assign(subgroup=mine["pooled"]["subgroup"].fillna(""))
        self.pooled = as_dicts(pooled)
        self.primary: dict = next(
            (r for r in self.pooled if r["primary"] and not r["subgroup"]), {}
        )
        traits = studies.drop(
            columns=[c for c in studies if c in mine["effects"] and c != "study_id"]
        )
        shown = mine["effects"].merge(traits, on="study_id", how="left")
        shown = measures.shown(shown, self.synthesis.measure)
        shown["weight"] = measures.weights(shown, self.primary)
        self.effects = as_dicts(shown)
        self.column = next((c for c in self.synthesis.subgroups if c in shown), None)
        self.between = between_subgroups(mine["moderators"], self.column or "")[0]
        if self.between and not missing(self.between["df2"]):  # of an F the chi² that it divides
            chi2 = self.between["statistic"] * self.between["df"]
            self.between = self.between | {"statistic": chi2}
        self.measure = MEASURES[self.synthesis.measure]
        self.counted = bool(self.measure.revman) and self.measure.cells == CELLS
        self.counted &= all(
            not missing(row[cell]) and float(row[cell]).is_integer()
            for row in self.effects
            for cell in CELLS
        )

        self.continuous = _of_means(self.effects, self.synthesis.measure)

    def settings(self) -> dict:
        arms = [self.asked.arms[arm].label for arm in self.synthesis.arms]
        outcome = self.asked.outcomes[self.synthesis.outcome]
        common = bool(self.primary) and models.is_common(self.primary)
        return {
            **self.number,
            "Analysis name": self.synthesis.title,
            "Analysis group name": " versus ".join(arms),
            "Data source": "Custom input",
            "Data type": self._data_type(),
            "Log-scale data": self.scale.log,
            "Outcome": outcome.label,
            "Subgroup by": self.column or "",
            "Experimental group label": arms[0],
            "Control group label": arms[1] if len(arms) > 1 else "",
            "Statistical method": self._method(),
            "Effect measure": self.measure.revman or "",
            "Unit of effect measure": "" if self.measure.revman else self.scale.analysis,
            "Analysis model": "Fixed effect" if common else "Random effect",
            "Subgroup estimates": self.column is not None,
            "Overall estimates": bool(self.primary) and len(self.effects) > 1,
            "Test for subgroup differences": bool(self.between),
            "Swap event and non-event": False,
            "Study CI": "95%",
            "Estimate CI": measures.level(self.synthesis.level),
            **self._totals(self.effects),
            **self._estimate(self.primary),
            **self._between(),
            "Analysis ID": self.name,
        }

    def _method(self):
        """By its name in RevMan; of contrasts there is but one."""
        model = str(self.primary.get("model", "")) if self.counted else ""
        by_counts = zip(models.OF_COUNTS, ("MH", "Peto"), strict=True)
        return next((name for start, name in by_counts if model.startswith(start)), "IV")

    def _data_type(self):
        if self.counted:
            return "Dichotomous"
        return "Continuous" if self.continuous else "Contrast level"

    def rows(self) -> list[dict]:
        return [
            {
                **self.number,
                "Analysis name": self.synthesis.title,
                "Subgroup": self._value(row),
                "Study": row["label"],
                "Study year": row.get("year"),
                **self._data(row),
                "Weight": row["weight"],
                **self._shown(row),
                "Footnotes": f"Route {row['route']}. {row['inputs']}",
            }
            for row in self.effects
        ]

    def subgroups(self) -> list[dict]:
        lead = f"{self.column}="
        values = [r for r in self.pooled if self.column and r["subgroup"].startswith(lead)]
        found = []
        for i, row in enumerate(values, start=1):
            value = row["subgroup"].removeprefix(lead)
            among = [e for e in self.effects if self._value(e) == value]
            found.append(
                {
                    **self.number,
                    "Subgroup": value,
                    "Subgroup number": i,
                    **self._totals(among),
                    "Weight": math.fsum(e["weight"] for e in among),
                    **self._estimate(row),
                    "ID": f"{self.name}-{i}",
                }
            )
        return found

    def _value(self, row):
        value = row.get(self.column) if self.column else None
        return "" if missing(value) else str(value)

    def _data(self, row):
        if self.counted:
            ai, bi, ci, di = (int(row[cell]) for cell in CELLS)
            return dict(zip(TOTALS, (ai, ai + bi, ci, ci + di), strict=True))
        if self.continuous:
            return dict(zip(OF_MEANS, (row[name] for name in MEANS), strict=True))
        return {"GIV Mean": row["yi"], "GIV SE": row["vi"] ** 0.5}

    def _shown(self, row):
        # On the scale of the forest plot in RevMan: ratios as such, all else as it was pooled.
        if self.scale.log or self.counted:
            values = (row["display"], row["display_low"], row["display_high"])
        else:
            half = measures.Z95 * row["vi"] ** 0.5
            values = (row["yi"], row["yi"] - half, row["yi"] + half)
        return dict(zip(ESTIMATE, values, strict=True))

    def _totals(self, rows):
        heads = TOTALS if self.counted else ("Experimental N", "Control N")
        if not self.counted and not self.continuous:
            return {}
        data = [self._data(row) for row in rows]
        return {head: sum(row[head] for row in data) for head in heads}

    def _between(self):
        if not self.between:
            return {}
        q, df = self.between["statistic"], self.between["df"]
        # I² as the Cochrane Handbook has it for differences between subgroups (10.11.3.1).
        i2 = 100 * max(0.0, (q - df) / q) if q > 0 else 0.0
        return dict(zip(BETWEEN, (q, df, self.between["p_value"], i2), strict=True))

    def _estimate(self, row):
        if not row:
            return {}
        lead = "display_" if self.scale.log or self.counted else ""
        names = [f"{lead}{part}" for part in ("estimate", "ci_low", "ci_high")]
        spread = (row[part] for part in ("tau2", "q", "q_df", "q_p", "i2"))
        z = row["statistic"] if missing(row["df"]) else None
        return {
            **dict(zip(ESTIMATE, (row[name] for name in names), strict=True)),
            **dict(zip(SPREAD, spread, strict=True)),
            **dict(zip(EFFECT, (z, row["p_value"]), strict=True)),
        }


def _of_means(effects, measure):
    """Whether every effect is what its arms' means give: RevMan would make another of those from
    paired data or of clusters. To it a ratio of means is a contrast."""
    if measure not in ("MD", "SMD") or any(missing(r.get(m)) for r in effects for m in MEANS):
        return False
    given: dict[str, Any] = {name: np.array([r[name] for r in effects], float) for name in MEANS}
    made = np.array(effect_size(measure, **given))
    printed = np.array([[row[name] for row in effects] for name in ("yi", "vi")], float)
    return bool(np.allclose(made, printed, rtol=1e-9, atol=0.0))


def _risk_of_bias(tables):
    judged = tables["risk_of_bias"]
    judged = judged[~judged["state"].isin([CONFLICT, MISSING])]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    domains = list(dict.fromkeys(judged["label"]))
    found = []
    for (study, outcome, tool), rows in judged.groupby(["study_id", "outcome", "tool"], sort=False):
        by_domain = {row["label"]: row for row in as_dicts(rows)}
        said = {"Study": labels.get(study, study), "Outcome": outcome, "Tool": tool}
        for part in ("judgement", "support"):
            for domain in domains:
                row = by_domain.get(domain, {})
                words = row.get(part, "")
                if part == "judgement" and row and not words:
                    words = f"{row['score']:g} of {row['maximum']:g}"
                said[f"Domain ({part}): {domain}"] = words
        found.append(said)
    return found


def _csv(heads: tuple[str, ...], rows: list[dict[str, Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        unknown = set(row) - set(heads)
        if unknown:
            raise InternalError(f"columns that the data package does not have: {unknown}")
        writer.writerow([_cell(row.get(head)) for head in heads])
    return buffer.getvalue().encode()


def _cell(value):
    return str(value).upper() if isinstance(value, bool) else harmless(text(value))
