"""Numbers that only figures print, registered like those of the page.

What single studies do to a result, the result year after year, its subsets, and rebuilt curves.
"""

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.judgement.weighted import Share
from livingmeta.report import table_numbers
from livingmeta.words import ids, measures
from livingmeta.words.numbers import Numbers, missing, show


def influence(numbers: Numbers, rows: list[dict], measure: str) -> None:
    """The result without each study, as `<synthesis>/without/<study>/...`."""
    columns = {key: table_numbers.OF_A_MODEL[key] for key in ("estimate", "ci", "i2", "tau2")}
    for row in rows:
        lead, parents = f"all studies without {row['left_out']}", [f"{row['synthesis']}/k"]
        table_numbers.add_row(
            numbers, ids.without(row), row | {"measure": measure}, columns, parents, lead
        )
    if rows:
        name, parents = rows[0]["synthesis"], [f"{rows[0]['synthesis']}/k"]
        for what, bound in bounds(len(rows)).items():
            words = f"beyond it a study stands out: {what.replace('_', ' ')}"
            numbers.add(f"{name}/bounds/{what}", bound, "statistic", "", parents, words)


def steps(numbers: Numbers, rows: list[dict], measure: str) -> None:
    """The result of the studies published until each year, as `<synthesis>/until/<step>/...`."""
    columns = {key: table_numbers.OF_A_MODEL[key] for key in ("estimate", "ci")}
    among: list[str] = []
    for i, row in enumerate(rows):
        key, until = ids.until(row, i), row["year"]
        lead = "no year" if missing(until) else f"studies until {show(until, 'year')}"
        among += ids.effects(row["synthesis"], row["added"].split())
        numbers.add(f"{key}/k", row["k"], "count", "studies", among, lead)
        table_numbers.add_row(numbers, key, row | {"measure": measure}, columns, [f"{key}/k"], lead)
        numbers.add(f"{key}/year", until, "year", "", [f"{key}/k"], "published until")


def history(numbers: Numbers, rows: list[dict]) -> None:
    """The result release after release and year after year, as `living/<synthesis>/history/...`;
    `rows`: the synthesis' rows of living/cumulative.csv."""
    columns = {key: table_numbers.OF_A_MODEL[key] for key in ("estimate", "ci")}
    for row in rows:
        key, lead = ids.history(row), f"as of {row['along']} {row['step']}"
        frozen = row["along"] == "release" and row["step"] != "present"
        parents = [f"releases/{row['step']}"] if frozen else [f"{row['synthesis']}/k"]
        numbers.add(f"{key}/k", row["k"], "count", "studies", parents, lead)
        table_numbers.add_row(numbers, key, row, columns, [f"{key}/k"], lead)
        if row["along"] == "year" and row["step"].isdecimal():
            numbers.add(f"{key}/year", int(row["step"]), "year", "", parents, "published until")


def subsets(numbers: Numbers, table: pd.DataFrame, measure: str) -> None:
    """What the GOSH plot says in numbers, as `<synthesis>/gosh/...`. `table`: rows of gosh.csv."""
    quantiles = table[table["part"] == "quantile"]
    for group, rows in quantiles.groupby("group", sort=False):
        name, kind = rows["synthesis"].iloc[0], measures.SCALES[measure].kind
        parents = [f"{name}/k"]
        if group == "all":
            count, what = rows["subsets"].iloc[0], "subsets of the studies, each pooled anew"
            numbers.add(f"{name}/gosh/subsets", count, "count", "", parents, what)
            continue
        lead = f"subsets {group} the study {rows['study'].iloc[0]}"
        at = rows.set_index("quantile")["display_estimate"]
        key, pair = f"{name}/gosh/{group}", (at[0.025], at[0.975])
        numbers.add(f"{key}/median", at[0.5], kind, "", parents, f"median of the {lead}")
        numbers.add(f"{key}/range", pair, kind, "", parents, f"95% of the {lead}")


def curves(numbers: Numbers, table: pd.DataFrame, labels: dict[str, str]) -> None:
    """How well a digitised curve was rebuilt, as `curves/<study>.<arm>.<outcome>/...`."""
    for row in as_dicts(table):
        parents = [row["file"]]
        lead = f"{labels.get(row['study_id'], row['study_id'])}, {row['arm']}, curve rebuilt"
        if not missing(row["image"]) and row["image"]:
            by = f"{row['digitised_by']} on {row['digitised_on']}"
            lead = f"{lead} from {row['image']}, digitised by {by}"
        for column, kind in (
            ("rmse", "analysis"),
            ("largest_error", "analysis"),
            ("n", "count"),
            ("events", "count"),
        ):
            what = f"{lead}: {column.replace('_', ' ')}"
            numbers.add(f"{ids.curve(row)}/{column}", row[column], kind, "", parents, what)


def risk(numbers: Numbers, name: str, shares: list[Share]) -> None:
    """The shares of the weight of a result by risk of bias, as `<synthesis>/risk/...`."""
    for one in shares:
        what = f"of the weight: {one.word or 'not judged'}, {one.domain} of {one.tool}"
        source = ["data/raw/extraction/risk_of_bias.csv", f"{name}/k"]
        numbers.add(ids.risk(name, one), one.share, "percentage", "", source, what)
