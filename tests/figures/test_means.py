"""Means in the forest plot and in the data package: mean, SD and n of each arm, and totals."""

import csv
import io
from types import SimpleNamespace

import numpy as np
import pytest
from test_figures import check_layout, texts

import asking
from livingmeta import tables
from livingmeta.archive import unzipped
from livingmeta.figures import forest
from livingmeta.formulas.measures import effect_size
from livingmeta.package import cochrane
from livingmeta.pooling import synthesis
from printed_trials import events, harmonised, means

TRIALS = [
    (30, 12.5, 4.25, 28, 10.0, 3.5),
    (55, 11.0, 5.0, 60, 9.5, 5.5),
    (20, 8.0, 2.0, 21, 9.0, 2.5),
]
ARMS = asking.arms(drug="Drug", placebo="Placebo")


def made(printed, measure, **keys):
    k = printed[2]
    traits = {
        "label": [f"Trial {i + 1}" for i in range(k)],
        "year": [2000] * k,
        "site": ["lung"] * k,
    }
    effects, _, asked = harmonised(printed, measure, traits, title="Harm", **keys)
    return effects, asked, synthesis.pool(effects, "s", asked)


def drawn(printed, measure, columns=("arms", "patients"), used=None, **keys):
    effects, asked, found = made(printed, measure, **keys)
    kind = printed[0]
    return forest.draw(
        *(effects, found["pooled"], found["moderators"], asked),
        arms=ARMS,
        outcome=asking.outcome(label="Harm", kind=kind, good="lower"),
        used=tables.empty("effects/used") if used is None else used(effects),
        columns=columns,
    )


def words(figure):
    return [line["words"] for line in texts(figure.svg)]


@pytest.mark.parametrize("measure", ["MD", "SMD", "ROM"])
def test_each_arm_has_its_mean_sd_and_n_and_their_total(measure):
    found = drawn(means(TRIALS), measure)
    check_layout("forest", found.svg)
    said = words(found)
    assert {"12.50", "4.25", "30", "10.00", "3.50", "28"} <= set(said)
    assert {"Drug:", "Placebo:", "mean"} <= set(" ".join(said).split())
    assert said.count("SD") == 2
    assert {"105", "109", "214"} <= set(said)  # patients of each arm and of both


def test_the_test_of_no_effect_stands_below_and_no_route():
    said = words(drawn(means(TRIALS), "MD"))
    assert any(line.startswith("Overall effect: ") for line in said)
    assert not [line for line in said if line.startswith("Route")]
    asked = words(drawn(means(TRIALS), "MD", columns=("route", "site")))
    assert {"Route", "Site", "lung"} <= set(asked)
    assert "Drug: mean" not in asked


def test_counts_of_each_arm_have_a_total():
    trials = [(3, 50, 6, 52), (4, 80, 9, 83), (2, 30, 5, 33)]

    def used(effects):
        rows = [
            {"study_id": s, "arm": arm, "role": "events", "row": 1, "value": value, "n": n}
            for s, a in zip(effects["study_id"], trials, strict=True)
            for arm, value, n in (("drug", a[0], a[1]), ("placebo", a[2], a[3]))
        ]
        return (
            tables.empty("effects/used")
            .reindex(range(len(rows)))
            .assign(**{name: [row[name] for row in rows] for name in rows[0]})
        )

    said = words(drawn(events(trials), "OR", used=used))
    assert {"3/50", "6/52", "9/160", "20/168", "328"} <= set(said)


def test_effects_csv_holds_what_an_effect_of_means_was_made_of():
    effects, _, _ = made(means(TRIALS), "MD")
    held = effects[list(cochrane.MEANS)].to_numpy(float)
    assert held.tolist() == [[m1, s1, n1, m2, s2, n2] for n1, m1, s1, n2, m2, s2 in TRIALS]
    counts, _, _ = made(events([(3, 50, 6, 52), (4, 80, 9, 83)]), "OR")
    assert counts[list(cochrane.MEANS)].isna().all(axis=None)


def package(effects, asked, found, kind="continuous"):
    needed = {**found, "effects": effects, "studies": effects[["study_id", "label", "year"]]}
    review = SimpleNamespace(
        arms=ARMS,
        outcomes=asking.outcomes({"harm": {"label": "Harm", "kind": kind}}),
        syntheses={"s": asked},
    )
    whole = needed | {
        name: tables.empty(schema)
        for name, schema in (
            ("records", "screening/records"),
            ("included", "screening/included"),
            ("excluded", "screening/excluded"),
            ("risk_of_bias", "extraction/risk_of_bias"),
        )
    }
    content = unzipped(cochrane.package(review, whole))
    rows = content["CD000000-analysis-data/CD000000-data-rows.csv"].decode()
    settings = content[
        "CD000000-analysis-data/CD000000-overall-estimates-and-settings.csv"
    ].decode()
    return list(csv.DictReader(io.StringIO(rows))), next(csv.DictReader(io.StringIO(settings)))


def test_the_data_package_has_means_where_they_give_the_effect():
    effects, asked, found = made(means(TRIALS), "MD")
    rows, settings = package(effects, asked, found)
    assert settings["Data type"] == "Continuous"
    assert (settings["Experimental N"], settings["Control N"]) == ("105", "109")
    given = {
        name: np.array([float(row[head]) for row in rows])
        for name, head in zip(cochrane.MEANS, cochrane.OF_MEANS, strict=True)
    }
    yi, vi = effect_size("MD", **given)
    assert yi == pytest.approx(effects["yi"].to_numpy(float), rel=1e-12)
    assert vi == pytest.approx(effects["vi"].to_numpy(float), rel=1e-12)
    # Of what the means do not give, as in a crossover trial, the effect itself is handed on.
    rows, settings = package(effects.assign(vi=effects["vi"] / 2), asked, found)
    assert settings["Data type"] == "Contrast level"
    assert rows[0]["Experimental mean"] == ""
    assert float(rows[0]["GIV SE"]) == pytest.approx((effects["vi"][0] / 2) ** 0.5)


@pytest.mark.parametrize(
    ("model", "method"),
    [({"method": "mantel-haenszel"}, "MH"), ({"method": "peto"}, "Peto"), ({"tau2": "DL"}, "IV")],
)
def test_the_data_package_names_method_and_level_of_its_result(model, method):
    effects, asked, found = made(
        events([(3, 50, 6, 52), (4, 80, 9, 83), (2, 30, 5, 33)]), "OR", model=model, level=0.9
    )
    _, settings = package(effects, asked, found, "binary")
    assert settings["Statistical method"] == method
    assert (settings["Study CI"], settings["Estimate CI"]) == ("95%", "90%")


def test_an_arm_of_joined_ones_has_its_counts_and_without_one_there_is_no_total():
    trials = [(3, 50, 6, 52), (4, 80, 9, 83), (2, 30, 5, 33)]

    def used(effects):  # the first trial prints parts of the drug's arm under names of their own
        row = {"study_id": "t2", "arm": "drug", "role": "events", "row": 1, "value": 4, "n": 80}
        return (
            tables.empty("effects/used")
            .reindex(range(1))
            .assign(**{n: [v] for n, v in row.items()})
        )

    said = words(drawn(events(trials), "OR", used=used))
    assert {"3/50", "4/80", "2/30", "9/160", "20/168"} <= set(said)

    def halved(effects):  # a shared control: half a patient is no count
        return effects.assign(ai=effects["ai"] + 0.5, bi=effects["bi"] - 0.5)

    effects, asked, found = made(events(trials), "OR")
    figure = forest.draw(
        *(halved(effects), found["pooled"], found["moderators"], asked),
        arms=ARMS,
        outcome=asking.outcome(label="Harm", kind="binary", good="lower"),
        used=used(effects),
    )
    assert "9/160" not in words(figure)
