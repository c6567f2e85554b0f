"""Every number of the report with its parents: from a pooled result down to the printed row."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.effects.routes import ROUTES
from livingmeta.extraction import places
from livingmeta.plan import Outcome, Published, Synthesis
from livingmeta.pooling.second_opinion.confirmed import confirmed
from livingmeta.screening.counts import Counts
from livingmeta.words import ids, measures, models
from livingmeta.words.english import date, within
from livingmeta.words.numbers import Numbers, NumbersError, finer, missing, show

EXTRACTION = "data/raw/extraction/"
OUTCOMES = "data/raw/extraction/outcomes.csv"
STUDIES = "data/raw/extraction/studies.csv"
DECISIONS = "data/raw/screening/decisions.csv"
FULLTEXTS = "data/raw/fulltexts.csv"
CONTACTS = "data/raw/contacts.csv"
SEARCHES = "data/raw/searches/"
PROTOCOL = "config/config.yaml"
# What a row of outcomes.csv says of where its number stands.
SAID = ("source", "quote", "note")

# What the report prints of a row of pooled.csv: part of the id -> (column or pair of columns, kind
# of number, what it is). "effect" is the kind of the synthesis' measure.
Columns = dict[str, tuple[str | tuple[str, str], str, str]]
OF_A_MODEL: Columns = {
    "estimate": ("display_estimate", "effect", "pooled {measure}"),
    "ci": (
        ("display_ci_low", "display_ci_high"),
        "effect",
        "confidence interval of the pooled {measure}",
    ),
    "pi": (("display_pi_low", "display_pi_high"), "effect", "prediction interval"),
    "n": ("n", "count", "patients"),
    "statistic": ("statistic", "statistic", "test statistic of no effect"),
    "df": ("df", "degrees", "degrees of freedom of that"),
    "p": ("p_value", "p", "p of no effect"),
    "q": ("q", "statistic", "Cochran's Q"),
    "q-df": ("q_df", "degrees", "degrees of freedom of Q"),
    "q-p": ("q_p", "p", "p of Q"),
    "tau2": ("tau2", "variance", "between-study variance τ²"),
    "tau2-ci": (("tau2_low", "tau2_high"), "variance", "confidence interval of τ²"),
    "i2": ("i2", "percentage", "I²"),
}
# The same where studies have several effects each.
OF_SEVERAL: Columns = OF_A_MODEL | {
    "tau2": ("tau2", "variance", "τ², between studies and between the effects of one"),
    "tau2-within": ("tau2_within", "variance", "of τ² the part between the effects of one study"),
    "effects": ("effects", "count", "effects"),
}
# The same where studies hang together in clusters.
OF_CLUSTERS: Columns = OF_A_MODEL | {
    "tau2-within": ("tau2_within", "variance", "of τ² the part between the studies of one cluster"),
}
# Of an effect made of means, what its arms had; the names of effects.csv without their i.
OF_AN_ARM = {
    f"{name}{arm}": f"{what} of the {which} arm"
    for arm, which in ((1, "first"), (2, "second"))
    for name, what in (("m", "mean"), ("sd", "standard deviation"), ("n", "patients"))
}
OF_A_TEST: Columns = {
    "k": ("k", "count", "studies"),
    "statistic": ("statistic", "statistic", "test statistic"),
    "df": ("df", "degrees", "degrees of freedom"),
    "df2": ("df2", "degrees", "degrees of freedom of the denominator"),
    "p": ("p_value", "p", "p"),
    "estimate": ("estimate", "coefficient", "coefficient, analysis scale"),
    "ci": (("ci_low", "ci_high"), "coefficient", "confidence interval of the coefficient"),
    "r2": ("r2", "percentage", "share of τ² explained"),
}
OF_SMALL_STUDY: Columns = {
    "p": ("p_value", "p", "p"),
    "limit": ("display_limit", "effect", "{measure} without small-study effects"),
    "limit-ci": (("display_limit_low", "display_limit_high"), "effect", "its 95% interval"),
}


Behind = dict[tuple, list[dict]]


def behind(used: pd.DataFrame) -> Behind:
    """Rows of used.csv of one synthesis by study, measure, route and way (see its schema)."""
    found: Behind = {}
    for row in as_dicts(used):
        key = (row["study_id"], row["measure"], row["route"], row["way"])
        found.setdefault(key, []).append(row)
    return found


def chosen(used: pd.DataFrame) -> dict[str, list[dict]]:
    """Rows of used.csv of one synthesis that stand behind its effects, by study; those of one of
    several effects of a study by ids.own too."""
    found: dict[str, list[dict]] = {}
    for row in as_dicts(used[used["used"]]):
        for name in dict.fromkeys((row["study_id"], ids.own(row))):
            found.setdefault(name, []).append(row)
    return found


def cited(used: list[dict]) -> list[int]:
    """The rows of outcomes.csv among rows of used.csv, each once, in order."""
    return list(dict.fromkeys(int(row["row"]) for row in used if not missing(row["row"])))


def rows_by_study(said: dict[int, dict], outcome: str) -> dict[str, list[str]]:
    """Ids of the rows of outcomes.csv (`said`, by number) on an outcome, by study."""
    found: dict[str, list[str]] = {}
    for number, row in said.items():
        if row["outcome"] == outcome:
            found.setdefault(row["study_id"], []).append(f"printed/{number}")
    return found


def printed(
    numbers: Numbers,
    rows: list[dict],
    labels: Mapping[str, str],
    outcomes: Mapping[str, Outcome],
) -> None:
    """Printed statistics, rows of outcomes.csv, as `printed/<row>`; what each is of as `.../n`.

    `labels`: names of the studies by study_id. `outcomes`: that part of the protocol.
    """
    for row in rows:
        study = labels.get(row["study_id"], row["study_id"])
        outcome = row["outcome"]
        outcome = outcomes[outcome].label if outcome in outcomes else outcome
        what = f"{study} prints, on {within(outcome)}: {described(row)}"
        source = places.named(row)
        id_ = f"printed/{row['row']}"
        said = {key: "" if missing(row[key]) else row[key] for key in SAID}
        numbers.add_as_text(id_, row["value"], row["printed"], [source], what, **said)
        if not missing(row["n"]):
            numbers.add(f"{id_}/n", row["n"], "count", "patients", [source], "what it is of")


def described(row: dict) -> str:
    """What a row of outcomes.csv is: `survival, local, at 24, of 36, p 0.03`."""
    parts = [row["statistic"].replace("-", " "), row["arm"].replace("/", " against ")]
    if not missing(row["time"]):
        written = row.get("time_as_written")
        at = show(row["time"], "time-point") if missing(written) else written
        parts.append(f"at {at}")
    if not missing(row["n"]):
        parts.append(f"of {show(row['n'], 'count')}")
    if row["p_value"]:
        parts.append(f"p {row['p_value']}")
    return ", ".join(parts)


def effects(
    numbers: Numbers, shown: pd.DataFrame, synthesis: str, used: dict[str, list[dict]]
) -> None:
    """Each study's effect, interval, patients and weight, as `<synthesis>/study/<id>/...`.

    `shown`: rows of effects.csv with the columns of scales.shown, `weight` (percent), `label`.
    `used`: as from `chosen`.
    The effect as printed comes from yi, the interval from yi and its standard error, and both
    from the printed rows.
    """
    for row in as_dicts(shown):
        scale = measures.SCALES[row["measure"]]
        own = ids.own(row)
        sources = sources_of(numbers, row, used.get(own, []))
        key, label = ids.study(synthesis, own), row["label"]
        label += f" ({row['effect_name']})" if own != row["study_id"] else ""
        pair, se = (row["display_low"], row["display_high"]), math.sqrt(row["vi"])
        exact = finer(scale.kind, row["display"], *pair)
        for name, value, kind, parents, what in (
            ("yi", row["yi"], "analysis", sources, f"{label}: {scale.analysis}, {_reached(row)}"),
            ("se", se, "analysis", sources, f"{label}: standard error of that"),
            ("estimate", row["display"], exact, [f"{key}/yi"], f"{label}: {scale.name}"),
            ("ci", pair, exact, [f"{key}/yi", f"{key}/se"], f"{label}: 95% interval"),
            ("n", row["n"], "count", sources, f"{label}: patients"),
            ("weight", row["weight"], "percentage", [f"{key}/se"], f"{label}: share of the weight"),
        ):
            numbers.add(f"{key}/{name}", value, kind, "", parents, what)
        for name, what in OF_AN_ARM.items():
            kind = "count" if name[0] == "n" else "difference"
            if not missing(row.get(f"{name}i")):
                numbers.add(f"{key}/{name}", row[f"{name}i"], kind, "", sources, f"{label}: {what}")


def sources_of(numbers: Numbers, row: dict, used: list[dict]) -> list[str]:
    """Ids of the printed rows, and of the rebuilt curves, behind a row of effects.csv or
    routes.csv; `used`: its rows of used.csv.

    Raises NumbersError for a row that is cited and not there.
    """
    rows = cited(used)
    lost = [str(number) for number in rows if ids.printed(number) not in numbers]
    if lost:
        raise NumbersError(
            f"{row['synthesis']}, {row['study_id']}: its effect cites row {', '.join(lost)} of "
            f"{OUTCOMES}, which is not there; run the workflow again from the extraction on"
        )
    curves = [
        id_
        for one in used
        if one["role"] == "curve"
        for id_ in numbers.under(f"curves/{row['study_id']}.{one['arm']}.")
    ]
    found = [ids.printed(number) for number in rows] + curves
    return found or [f"{OUTCOMES}, study {row['study_id']}"]


def _reached(row: dict) -> str:
    """By which route, from what, and what was assumed."""
    route = ROUTES.get(row["route"])
    words = f"by route {row['route']}" + (f" ({route.needs})" if route else "")
    return words + (f"; assumed: {row['assumed']}" if row["assumed"] else "")


def pooled(numbers: Numbers, rows: list[dict], shown: pd.DataFrame, kind: str) -> None:
    """Each model's numbers as `<synthesis>/<model>[/<subgroup>]/...`: all of them come from its
    studies, which are the parents of their number `.../k`. `kind`: of the outcome."""
    owns = [ids.own(row) for row in as_dicts(shown)]
    for row in rows:
        studies, key = pd.Series(owns, index=shown.index, dtype=object), ids.model(row)
        column, _, value = str(row["subgroup"]).partition("=")
        if value and column in shown:
            studies = studies[shown[column].map(lambda v: "" if missing(v) else str(v)) == value]
        lead = models.name(row) if row["k"] > 1 else "the study itself"
        lead += f", {row['subgroup']}" if value else ""
        among = ids.effects(row["synthesis"], studies)
        numbers.add(f"{key}/k", row["k"], "count", "studies", among, lead)
        alone = OF_A_MODEL if missing(row["tau2_within"]) else OF_CLUSTERS
        columns = alone if missing(row["effects"]) else OF_SEVERAL
        add_row(numbers, key, row, columns, [f"{key}/k"], lead)
        arms = measures.totals(shown.loc[studies.index], kind, row["k"])
        for arm, total in enumerate(arms, start=1):
            for name, many in zip(("patients", "events"), total[::-1], strict=False):
                what = f"{name} of arm {arm}, {lead}"
                numbers.add(f"{key}/arm-{arm}/{name}", many, "count", "", [f"{key}/k"], what)


def tests(
    numbers: Numbers, rows: list[dict], what: str, columns: Columns, parents: list[str]
) -> None:
    """Rows of moderators.csv or small_study.csv, with the ids of ids.tests; each row gets the
    beginning of its ids as `key`."""
    for row, key in zip(rows, ids.tests(what, rows), strict=True):
        row["key"] = key
        lead = ", ".join(row[name] for name in ids.TEST if row.get(name))
        add_row(numbers, row["key"], row, columns, parents, lead)


def predicted(numbers: Numbers, table: pd.DataFrame, measure: str) -> list[dict]:
    """Rows of predicted.csv as `<synthesis>/predicted/<moderator>/<value>/...`, with the column
    that changes before its value where the model has several; each row with the beginning of its
    ids as `key`: of numbers the least, the middle and the greatest value, of names each."""
    columns = {name: OF_A_MODEL[name] for name in ("estimate", "ci", "pi")}
    found = []
    for (moderator, column), rows in table.groupby(["moderator", "column"], sort=False):
        of = str(moderator) if moderator == column else f"{moderator}/{column}"
        numeric = pd.to_numeric(rows["value"], errors="coerce").notna().all()
        shown = rows.iloc[sorted({0, len(rows) // 2, len(rows) - 1})] if numeric else rows
        for row in as_dicts(shown):
            row["key"] = f"{row['synthesis']}/predicted/{of}/{row['value']}"
            lead, parents = f"predicted at {column} {row['value']}", [f"{row['synthesis']}/k"]
            lead += f" with {row['held']}, by {moderator}" if row["held"] else ""
            add_row(numbers, row["key"], row | {"measure": measure}, columns, parents, lead)
            found.append(row)
    return found


def add_row(
    numbers: Numbers, key: str, row: dict, columns: Columns, parents: list[str], lead: str
) -> None:
    """The numbers of a row of a table as `<key>/...`; `columns`: like OF_A_MODEL; `lead`: what the
    row is, in words."""
    value: Any
    for name, (column, kind, what) in columns.items():
        if isinstance(column, tuple):
            value = tuple(row.get(part) for part in column)
            value = None if all(missing(part) for part in value) else value
        else:
            value = row.get(column)
        if "measure" in row:
            scale = measures.SCALES[row["measure"]]
            what = what.format(measure=scale.name)
            kind = exact(row, scale.kind) if kind == "effect" else kind
        numbers.add(f"{key}/{name}", value, kind, "", parents, f"{what}, {lead}")


def second_opinion(numbers: Numbers, found: pd.DataFrame, pooled: pd.DataFrame) -> bool:
    """How many models statsmodels confirmed, as `second-opinion/...`; False if it was asked for
    nothing. `found`, `pooled`: second_opinion.csv and pooled.csv."""
    said, source = confirmed(found), "results/pooling/second_opinion.csv"
    for name, value, what in (
        ("models", int((pooled["k"] > 1).sum()), "models of two studies or more"),
        ("wholly", said.wholly, "models that statsmodels has too"),
        ("given-tau2", said.given_tau2, "models that statsmodels has too, given their τ²"),
        ("coefficients", said.coefficients, "coefficients that statsmodels has too"),
        ("tests", said.tests, "tests that statsmodels has too"),
        ("curves", said.curves, "hazard ratios of rebuilt curves that statsmodels has too"),
    ):
        numbers.add(f"second-opinion/{name}", value, "count", "", [source], what)
    return bool(len(found))


def exact(row: dict, kind: str) -> str:
    """The kind of the effects of a row of pooled.csv or small_study.csv, fine enough for its
    interval."""
    what = "limit" if "display_limit" in row else "estimate"
    low, high = ("limit_low", "limit_high") if what == "limit" else ("ci_low", "ci_high")
    return finer(kind, *(row.get(f"display_{part}") for part in (what, low, high)))


def flow(numbers: Numbers, counts: Counts) -> None:
    """The counts of the flow diagram, as `flow/...`; where records were found by other methods than
    databases and registers, those of either way too, as `flow/databases/...`, `flow/other/...`."""
    _flow(numbers, counts, "flow", "")
    if via := counts.get("via"):
        main, other = via["databases_and_registers"], via["other_methods"]
        _flow(numbers, main, "flow/databases", ", found by databases and registers")
        _flow(numbers, other, "flow/other", ", found by other methods")


def _flow(numbers: Numbers, counts: Counts, key: str, lead: str) -> None:
    included, excluded = counts["included"], counts["excluded_full_text"]
    removed, sources = counts["removed_before_screening"], counts["identified"]["databases"]
    waits = {
        "screening": sum(counts["awaiting_screening"].values()),
        "assessment": counts["awaiting_assessment"],
        "classification": sum(counts["awaiting_classification"].values()),
    }

    def add(name, value, parents, what):
        numbers.add(f"{key}/{name}", value, "count", "", parents, what + lead)

    for i, source in enumerate(sources):
        what = f"records from {source['database']}, search of {date(source['searched_on'])}"
        add(f"source/{i}", source["records"], [SEARCHES], what)
    every = [f"{key}/source/{i}" for i in range(len(sources))] or [SEARCHES]
    add("identified", counts["identified"]["records"], every, "records identified")
    add("duplicates", removed["duplicates"], [SEARCHES], "copies of another record")
    by_tools = removed.get("automation", 0)
    add("automation", by_tools, [SEARCHES], "records marked as ineligible by tools")
    add("unreadable", removed["unreadable"], [SEARCHES], "pieces that could not be read")
    different = [f"{key}/{name}" for name in ("identified", "duplicates", "automation")]
    add("records", counts["records"], different, "different records")
    add("screened", counts["screened"], [f"{key}/records", DECISIONS], "records screened")
    out = counts["excluded_title_abstract"]
    add("excluded-title-abstract", out, [DECISIONS], "records excluded on title and abstract")
    kept = [f"{key}/screened", f"{key}/excluded-title-abstract"]
    add("sought", counts["sought"], kept, "reports sought")
    add("not-retrieved", counts["not_retrieved"], [DECISIONS, FULLTEXTS], "reports not retrieved")
    found = [f"{key}/sought", f"{key}/not-retrieved"]
    add("assessed", counts["assessed"], found, "reports assessed")
    for row in excluded["reasons"]:
        what = f"reports excluded at full text: {row['reason']}"
        add(f"reason/{row['reason']}", row["reports"], [DECISIONS], what)
    reasons = [f"{key}/reason/{row['reason']}" for row in excluded["reasons"]] or [DECISIONS]
    add("excluded-full-text", excluded["reports"], reasons, "reports excluded at full text")
    add("included-reports", included["reports"], [DECISIONS], "reports of included studies")
    add("included-studies", included["studies"], [DECISIONS, STUDIES], "studies included")
    for what, count in waits.items():
        add(f"awaiting-{what}", count, [DECISIONS], f"awaiting {what}")
    parts = [f"{key}/awaiting-{what}" for what in waits]
    add("awaiting", sum(waits.values()), parts, "records awaiting a decision")


def studies(numbers: Numbers, table: pd.DataFrame) -> None:
    """What studies.csv says in numbers, as `studies/<id>/<column>`."""
    kinds = {"year": "year", "n": "count", "followup_months": "time"}
    for row in as_dicts(table):
        for column, kind in kinds.items():
            if column in row and not missing(row[column]):
                source = f"{STUDIES}, study {row['study_id']}, column {column}"
                id_ = f"studies/{row['study_id']}/{column}"
                numbers.add(id_, row[column], kind, "", [source], f"{row['label']}: {column}")


def published(numbers: Numbers, earlier: Published, syntheses: Mapping[str, Synthesis]) -> None:
    """An earlier review's results, as `published/...`."""
    for name, count in (("studies", earlier.studies), ("patients", earlier.patients)):
        if count is not None:
            where = f"{PROTOCOL}, published.{name}"
            numbers.add(f"published/{name}", count, "count", name, [where], "published")
    keys = ids.published((row.synthesis, row.label) for row in earlier.results)
    for i, row in enumerate(earlier.results):
        kind = measures.SCALES[syntheses[row.synthesis].measure].kind
        if row.unit == "%":
            kind = "percentage"
        source = [f"{PROTOCOL}, published.results {i + 1}: {earlier.citation}".strip()]
        pair = None
        if row.ci_low is not None and row.ci_high is not None:
            pair = (row.ci_low, row.ci_high)
        key = keys[i]
        numbers.add(f"{key}/estimate", row.estimate, kind, "", source, row.label)
        numbers.add(f"{key}/ci", pair, kind, "", source, f"{row.label}, interval")
        numbers.add(f"{key}/i2", row.i2, "percentage", "", source, f"{row.label}, I²")
