"""Every number of the report with its parents: from a pooled result down to the printed row."""

import math
import re

import pandas as pd

from livingmeta.effects.routes import ROUTES
from livingmeta.numbers import Numbers, NumbersError, missing, show
from livingmeta.report import models, scales
from livingmeta.report.words import within

OUTCOMES = "data/raw/extraction/outcomes.csv"
STUDIES = "data/raw/extraction/studies.csv"
DECISIONS = "data/raw/screening/decisions.csv"
SEARCHES = "data/raw/searches/"
PROTOCOL = "config/config.yaml"

# What the report prints of a row of pooled.csv: part of the id -> (column or pair of columns, kind
# of number, what it is). "effect" is the kind of the synthesis' measure.
OF_A_MODEL = {
    "estimate": ("display_estimate", "effect", "pooled {measure}"),
    "ci": (("display_ci_low", "display_ci_high"), "effect", "95% interval of the pooled {measure}"),
    "pi": (("display_pi_low", "display_pi_high"), "effect", "95% prediction interval"),
    "n": ("n", "count", "patients"),
    "p": ("p_value", "p", "p of no effect"),
    "q": ("q", "statistic", "Cochran's Q"),
    "q-df": ("q_df", "degrees", "degrees of freedom of Q"),
    "q-p": ("q_p", "p", "p of Q"),
    "tau2": ("tau2", "variance", "between-study variance τ²"),
    "tau2-ci": (("tau2_low", "tau2_high"), "variance", "95% interval of τ²"),
    "i2": ("i2", "percentage", "I²"),
}
OF_A_TEST = {
    "k": ("k", "count", "studies"),
    "statistic": ("statistic", "statistic", "test statistic"),
    "p": ("p_value", "p", "p"),
    "estimate": ("estimate", "coefficient", "coefficient, analysis scale"),
    "ci": (("ci_low", "ci_high"), "coefficient", "95% interval of the coefficient"),
    "r2": ("r2", "percentage", "share of τ² explained"),
}
OF_SMALL_STUDY = {
    "p": ("p_value", "p", "p"),
    "limit": ("display_limit", "effect", "{measure} without small-study effects"),
    "limit-ci": (("display_limit_low", "display_limit_high"), "effect", "its 95% interval"),
}


def rows_in(inputs: str) -> list[int]:
    """The rows of outcomes.csv that a text of effects.csv names: `... (row 12)`."""
    return [int(row) for row in re.findall(r"\(row (\d+)", str(inputs))]


def printed(numbers: Numbers, rows: list[dict], labels: dict, outcomes: dict) -> None:
    """Printed statistics, rows of outcomes.csv, as `printed/<row>`; what each is of as `.../n`.

    `labels`: names of the studies by study_id. `outcomes`: that part of the protocol.
    """
    for row in rows:
        study = labels.get(row["study_id"], row["study_id"])
        outcome = outcomes.get(row["outcome"], {}).get("label", row["outcome"])
        what = f"{study} prints, on {within(outcome)}: {described(row)}"
        source = f"{OUTCOMES}, row {row['row']}"
        id_ = f"printed/{row['row']}"
        numbers.add_printed(id_, row["value"], row["printed"], source, what)
        if not missing(row["n"]):
            numbers.add(f"{id_}/n", row["n"], "count", "patients", [source], "what it is of")


def described(row: dict) -> str:
    """What a row of outcomes.csv is: `survival, local, at 24, of 36, p 0.03`."""
    parts = [row["statistic"].replace("-", " "), row["arm"].replace("/", " against ")]
    if not missing(row["time"]):
        parts.append(f"at {show(row['time'], 'time')}")
    if not missing(row["n"]):
        parts.append(f"of {show(row['n'], 'count')}")
    if row["p_value"]:
        parts.append(f"p {row['p_value']}")
    return ", ".join(parts)


def effects(numbers: Numbers, shown: pd.DataFrame, synthesis: str, measure: str) -> None:
    """Each study's effect, interval, patients and weight, as `<synthesis>/study/<id>/...`.

    `shown`: rows of effects.csv with the columns of scales.shown, `weight` (percent), `label`.
    The effect as printed comes from yi, the interval from yi and its standard error, and both
    from the printed rows.
    """
    scale = scales.SCALES[measure]
    for row in shown.to_dict("records"):
        sources = sources_of(numbers, row)
        key, label = effect_key(synthesis, row["study_id"]), row["label"]
        pair, se = (row["display_low"], row["display_high"]), math.sqrt(row["vi"])
        for name, value, kind, parents, what in (
            ("yi", row["yi"], "analysis", sources, f"{label}: {scale.analysis}, {_reached(row)}"),
            ("se", se, "analysis", sources, f"{label}: standard error of that"),
            ("estimate", row["display"], scale.kind, [f"{key}/yi"], f"{label}: {scale.name}"),
            ("ci", pair, scale.kind, [f"{key}/yi", f"{key}/se"], f"{label}: 95% interval"),
            ("n", row["n"], "count", sources, f"{label}: patients"),
            ("weight", row["weight"], "percentage", [f"{key}/se"], f"{label}: share of the weight"),
        ):
            numbers.add(f"{key}/{name}", value, kind, "", parents, what)


def sources_of(numbers: Numbers, row: dict) -> list[str]:
    """Ids of the printed rows behind a row of effects.csv or routes.csv.

    Raises NumbersError for a row that is cited and not there.
    """
    cited = dict.fromkeys(rows_in(row["inputs"]))
    lost = [str(number) for number in cited if f"printed/{number}" not in numbers]
    if lost:
        raise NumbersError(
            f"{row['synthesis']}, {row['study_id']}: its effect cites row {', '.join(lost)} of "
            f"{OUTCOMES}, which is not there; run the workflow again from the extraction on"
        )
    return [f"printed/{number}" for number in cited] or [f"{OUTCOMES}: {row['inputs']}"]


def _reached(row: dict) -> str:
    """By which route, from what, and what was assumed."""
    route = ROUTES.get(row["route"])
    words = f"by route {row['route']}" + (f" ({route.needs})" if route else "")
    return words + (f"; assumed: {row['assumed']}" if row["assumed"] else "")


def effect_key(synthesis: str, study: str) -> str:
    """Beginning of the ids of a study's numbers."""
    return f"{synthesis}/study/{study}"


def pooled(numbers: Numbers, rows: list[dict], shown: pd.DataFrame) -> None:
    """Each model's numbers as `<synthesis>/<model>[/<subgroup>]/...`: all of them come from its
    studies, which are the parents of their number `.../k`."""
    for row in rows:
        studies, key = shown["study_id"], models.key(row)
        column, _, value = str(row["subgroup"]).partition("=")
        if value and column in shown:
            studies = studies[shown[column].map(lambda v: "" if missing(v) else str(v)) == value]
        lead = models.name(row) if row["k"] > 1 else "the study itself"
        lead += f", {row['subgroup']}" if value else ""
        among = effect_ids(row["synthesis"], studies)
        numbers.add(f"{key}/k", row["k"], "count", "studies", among, lead)
        _add(numbers, key, row, OF_A_MODEL, [f"{key}/k"], lead)


def effect_ids(synthesis: str, studies) -> list[str]:
    """Ids of the effects of some studies."""
    return [f"{effect_key(synthesis, study)}/estimate" for study in studies]


def influence(numbers: Numbers, rows: list[dict], measure: str) -> None:
    """The result without each study, as `<synthesis>/without/<study>/...`."""
    columns = {key: OF_A_MODEL[key] for key in ("estimate", "ci", "i2", "tau2")}
    for row in rows:
        name, study = row["synthesis"], row["left_out"]
        lead = f"all studies without {study}"
        parents = [f"{name}/k"]
        _add(numbers, f"{name}/without/{study}", row | {"measure": measure}, columns, parents, lead)


def history(numbers: Numbers, rows: list[dict]) -> None:
    """The result step by step, as `living/<synthesis>/history/<release or year>/<step>/...`;
    `rows`: the synthesis' rows of living/cumulative.csv."""
    columns = {key: OF_A_MODEL[key] for key in ("estimate", "ci")}
    for row in rows:
        key = f"living/{row['synthesis']}/history/{row['along']}/{row['step']}"
        lead = f"as of {row['along']} {row['step']}"
        _add(numbers, key, row, columns, ["results/living/cumulative.csv"], lead)
        numbers.add(f"{key}/k", row["k"], "count", "studies", [], f"{lead}, studies")


def tests(numbers: Numbers, rows: list[dict], what: str, columns: dict, parents: list[str]) -> None:
    """Rows of moderators.csv or small_study.csv, as `<synthesis>/<what>/<position>/...`; each row
    gets the beginning of its ids as `key`."""
    for i, row in enumerate(rows):
        row["key"] = f"{row['synthesis']}/{what}/{i}"
        names = ("test", "analysis", "moderator", "term")
        lead = ", ".join(row[name] for name in names if row.get(name))
        _add(numbers, row["key"], row, columns, parents, lead)


def _add(numbers, key, row, columns, parents, lead):
    for name, (column, kind, what) in columns.items():
        if isinstance(column, tuple):
            value = tuple(row.get(part) for part in column)
            value = None if all(missing(part) for part in value) else value
        else:
            value = row.get(column)
        if "measure" in row:
            scale = scales.SCALES[row["measure"]]
            what = what.format(measure=scale.name)
            kind = scale.kind if kind == "effect" else kind
        numbers.add(f"{key}/{name}", value, kind, "", parents, f"{what}, {lead}")


def flow(numbers: Numbers, counts: dict) -> None:
    """The counts of the flow diagram, as `flow/...`."""
    included, excluded = counts["included"], counts["excluded_full_text"]
    removed, waiting = counts["removed_before_screening"], counts["awaiting_screening"]
    pending = counts["awaiting_assessment"] + sum(counts["awaiting_classification"].values())
    found = {
        "identified": (counts["identified"]["records"], [SEARCHES], "records identified"),
        "duplicates": (removed["duplicates"], [SEARCHES], "copies of another record"),
        "unreadable": (removed["unreadable"], [SEARCHES], "pieces that could not be read"),
        "records": (counts["records"], ["flow/identified", "flow/duplicates"], "different records"),
        "screened": (counts["screened"], ["flow/records", DECISIONS], "records screened"),
        "excluded-title-abstract": (
            counts["excluded_title_abstract"],
            [DECISIONS],
            "records excluded on title and abstract",
        ),
        "sought": (
            counts["sought"],
            ["flow/screened", "flow/excluded-title-abstract"],
            "reports sought",
        ),
        "not-retrieved": (counts["not_retrieved"], [DECISIONS], "reports not retrieved"),
        "assessed": (counts["assessed"], ["flow/sought", "flow/not-retrieved"], "reports assessed"),
        "excluded-full-text": (excluded["reports"], [DECISIONS], "reports excluded at full text"),
        "unclassified": (
            sum(counts["awaiting_classification"].values()),
            [DECISIONS],
            "reports awaiting classification",
        ),
        "included-reports": (included["reports"], [DECISIONS], "reports of included studies"),
        "included-studies": (included["studies"], [DECISIONS, STUDIES], "studies included"),
        "awaiting": (pending + sum(waiting.values()), [DECISIONS], "records awaiting a decision"),
    }
    for name, (value, parents, what) in found.items():
        numbers.add(f"flow/{name}", value, "count", "", parents, what)


def studies(numbers: Numbers, table: pd.DataFrame) -> None:
    """What studies.csv says in numbers, as `studies/<id>/<column>`."""
    kinds = {"year": "year", "n": "count", "followup_months": "time"}
    for row in table.to_dict("records"):
        for column, kind in kinds.items():
            if column in row and not missing(row[column]):
                source = f"{STUDIES}, study {row['study_id']}, column {column}"
                id_ = f"studies/{row['study_id']}/{column}"
                numbers.add(id_, row[column], kind, "", [source], f"{row['label']}: {column}")


def published(numbers: Numbers, earlier: dict, syntheses: dict) -> None:
    """An earlier review's results, as `published/...`."""
    for name in ("studies", "patients"):
        if name in earlier:
            source = f"{PROTOCOL}, published.{name}"
            numbers.add(f"published/{name}", earlier[name], "count", name, [source], "published")
    for i, row in enumerate(earlier.get("results", [])):
        kind = scales.SCALES[syntheses[row["synthesis"]]["measure"]].kind
        if row.get("unit") == "%":
            kind = "percentage"
        source = [f"{PROTOCOL}, published.results {i + 1}: {earlier.get('citation', '')}".strip()]
        pair = (row.get("ci_low"), row.get("ci_high"))
        key = f"published/{i}"
        numbers.add(f"{key}/estimate", row["estimate"], kind, "", source, row["label"])
        pair = None if None in pair else pair
        numbers.add(f"{key}/ci", pair, kind, "", source, f"{row['label']}, interval")
        numbers.add(f"{key}/i2", row.get("i2"), "percentage", "", source, f"{row['label']}, I²")
