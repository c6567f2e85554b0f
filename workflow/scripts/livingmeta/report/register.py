"""Every number of the report with its parents: from a pooled result down to the printed row."""

import re

import pandas as pd

from livingmeta.numbers import Numbers, missing
from livingmeta.report import models, scales

OUTCOMES = "data/raw/extraction/outcomes.csv"
STUDIES = "data/raw/extraction/studies.csv"
DECISIONS = "data/raw/screening/decisions.csv"
SEARCHES = "data/raw/searches/"
PROTOCOL = "config/config.yaml"

# Columns of pooled.csv, or pairs of them, that the report prints, and their kind of number;
# "effect" is the kind of the synthesis' measure.
OF_A_MODEL = {
    "estimate": ("display_estimate", "effect"),
    "ci": (("display_ci_low", "display_ci_high"), "effect"),
    "pi": (("display_pi_low", "display_pi_high"), "effect"),
    "k": ("k", "count"),
    "n": ("n", "count"),
    "p": ("p_value", "p"),
    "q": ("q", "statistic"),
    "q-df": ("q_df", "degrees"),
    "q-p": ("q_p", "p"),
    "tau2": ("tau2", "variance"),
    "tau2-ci": (("tau2_low", "tau2_high"), "variance"),
    "i2": ("i2", "percentage"),
}


def rows_in(inputs: str) -> list[int]:
    """The rows of outcomes.csv that a text of effects.csv names: `... (row 12)`."""
    return [int(row) for row in re.findall(r"\(row (\d+)", str(inputs))]


def printed(numbers: Numbers, outcomes: pd.DataFrame, rows: set[int]) -> None:
    """The printed statistics that effects rest on, as `printed/<row>`."""
    for row in outcomes.to_dict("records"):
        if row["row"] in rows:
            source = f"{OUTCOMES}, row {row['row']}"
            numbers.add_printed(f"printed/{row['row']}", row["value"], row["printed"], source)


def effects(numbers: Numbers, shown: pd.DataFrame, synthesis: str, measure: str) -> None:
    """Each study's effect, interval, patients and weight, as `<synthesis>/study/<id>/...`.

    `shown`: rows of effects.csv with the columns of scales.shown and `weight` (percent).
    """
    kind = scales.SCALES[measure].kind
    for row in shown.to_dict("records"):
        parents = [
            f"printed/{r}" if f"printed/{r}" in numbers else f"{OUTCOMES}, row {r}"
            for r in rows_in(row["inputs"])
        ]
        key = effect_key(synthesis, row["study_id"])
        pair = (row["display_low"], row["display_high"])
        numbers.add(f"{key}/estimate", row["display"], kind, parents=parents)
        numbers.add(f"{key}/ci", pair, kind, "95% confidence interval", parents)
        numbers.add(f"{key}/n", row["n"], "count", "patients", parents)
        numbers.add(f"{key}/weight", row["weight"], "percentage", parents=[f"{key}/ci"])


def effect_key(synthesis: str, study: str) -> str:
    return f"{synthesis}/study/{study}"


def pooled(numbers: Numbers, rows: list[dict], shown: pd.DataFrame) -> None:
    """Each model's numbers as `<synthesis>/<model>[/<subgroup>]/...`, from the studies in it."""
    for row in rows:
        key = models.key(row)
        studies = shown["study_id"]
        column, _, value = str(row["subgroup"]).partition("=")
        if value and column in shown:
            studies = studies[shown[column].map(lambda v: "" if missing(v) else str(v)) == value]
        parents = [f"{effect_key(row['synthesis'], study)}/estimate" for study in studies]
        _add(numbers, key, row, OF_A_MODEL, parents)


def influence(numbers: Numbers, rows: list[dict], shown: pd.DataFrame, measure: str) -> None:
    """The result without each study, as `<synthesis>/without/<study>/...`."""
    for row in rows:
        others = shown["study_id"][shown["study_id"] != row["left_out"]]
        parents = [f"{effect_key(row['synthesis'], study)}/estimate" for study in others]
        columns = {key: OF_A_MODEL[key] for key in ("estimate", "ci", "i2", "tau2")}
        key = f"{row['synthesis']}/without/{row['left_out']}"
        _add(numbers, key, row | {"measure": measure}, columns, parents)


def tests(numbers: Numbers, rows: list[dict], what: str, columns: dict, parents: list[str]) -> None:
    """Rows of moderators.csv or small_study.csv, as `<synthesis>/<what>/<position>/...`."""
    for i, row in enumerate(rows):
        key = f"{row['synthesis']}/{what}/{i}"
        row["key"] = key
        _add(numbers, key, row, columns, parents)


def _add(numbers: Numbers, key: str, row: dict, columns: dict, parents: list[str]) -> None:
    for name, (column, kind) in columns.items():
        if kind == "effect":
            kind = scales.SCALES[row["measure"]].kind
        if isinstance(column, tuple):
            value = tuple(row.get(part) for part in column)
            if all(missing(part) for part in value):
                value = None
        else:
            value = row.get(column)
        numbers.add(f"{key}/{name}", value, kind, parents=parents)


def flow(numbers: Numbers, counts: dict) -> None:
    """The counts of the flow diagram, as `flow/...`."""
    included, excluded = counts["included"], counts["excluded_full_text"]
    found = {
        "identified": (counts["identified"]["records"], [SEARCHES]),
        "duplicates": (counts["removed_before_screening"]["duplicates"], [SEARCHES]),
        "unreadable": (counts["removed_before_screening"]["unreadable"], [SEARCHES]),
        "records": (counts["records"], ["flow/identified", "flow/duplicates"]),
        "unscreened": (sum(counts["awaiting_screening"].values()), [DECISIONS]),
        "screened": (counts["screened"], ["flow/records", DECISIONS]),
        "excluded-title-abstract": (counts["excluded_title_abstract"], [DECISIONS]),
        "sought": (counts["sought"], ["flow/screened", "flow/excluded-title-abstract"]),
        "not-retrieved": (counts["not_retrieved"], [DECISIONS]),
        "assessed": (counts["assessed"], ["flow/sought", "flow/not-retrieved"]),
        "excluded-full-text": (excluded["reports"], [DECISIONS]),
        "unclassified": (sum(counts["awaiting_classification"].values()), [DECISIONS]),
        "included-reports": (included["reports"], [DECISIONS]),
        "included-studies": (included["studies"], [DECISIONS, STUDIES]),
    }
    found["awaiting"] = (
        counts["awaiting_assessment"]
        + sum(counts["awaiting_classification"].values())
        + sum(counts["awaiting_screening"].values()),
        [DECISIONS],
    )
    for name, (value, parents) in found.items():
        numbers.add(f"flow/{name}", value, "count", parents=parents)
    for row in excluded["reasons"]:
        numbers.add(f"flow/reason/{row['reason']}", row["reports"], "count", parents=[DECISIONS])


def studies(numbers: Numbers, table: pd.DataFrame) -> None:
    """What studies.csv says in numbers, as `studies/<id>/<column>`."""
    kinds = {"year": "year", "n": "count", "followup_months": "time"}
    for row in table.to_dict("records"):
        for column, kind in kinds.items():
            if column in row and not missing(row[column]):
                source = f"{STUDIES}, study {row['study_id']}, column {column}"
                numbers.add(f"studies/{row['study_id']}/{column}", row[column], kind, "", [source])


def published(numbers: Numbers, earlier: dict, syntheses: dict) -> None:
    """An earlier review's results, as `published/...`."""
    for name in ("studies", "patients"):
        if name in earlier:
            source = f"{PROTOCOL}, published.{name}"
            numbers.add(f"published/{name}", earlier[name], "count", "", [source])
    for i, row in enumerate(earlier.get("results", [])):
        kind = scales.SCALES[syntheses[row["synthesis"]]["measure"]].kind
        source = [f"{PROTOCOL}, published.results {i + 1}: {earlier.get('citation', '')}".strip()]
        pair = (row.get("ci_low"), row.get("ci_high"))
        key = f"published/{i}"
        numbers.add(f"{key}/estimate", row["estimate"], kind, "", source)
        numbers.add(f"{key}/ci", None if None in pair else pair, kind, "", source)
        numbers.add(f"{key}/i2", row.get("i2"), "percentage", "", source)
