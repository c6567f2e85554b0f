"""More checks of printed numbers on both sides of their thresholds. See `test_slips`."""

import pandas as pd
import pytest

from extraction.made_up_studies import Study, problems
from extraction.slips import SLIPS, found_in
from extraction.test_slips import at, ends, of, raised, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

DEATH = {"time": 12, "event": "death"}
LIFE = {"time": 12, "event": "survival"}
DIED = (("a mortality", 0.198, at(12, 106)), ("b mortality", 0.299, at(12, 107)))
COUNTED = (("a events", 21, at(12, 106)), ("b events", 32, at(12, 107)))
MD = "a/b mean-difference"
P_OF_MEANS = [("warning", "p against means")]
HR, RCT = "a/b hazard-ratio", {"adjusted": "randomised"}
DEATHS = (("a events", 63, of(101)), ("b events", 80, of(99)))
COUNTS = (("a events", 21, of(50)), ("b events", 27, of(49)))
WIDTH = [("warning", "interval against n")]
UNLIKE = [("error", "ratio against arms")]
FISHER = ("a/b odds-ratio", 0.18, ends(0.02, 1.06))
FEW = (("a events", 3, of(15)), ("b events", 9, of(15)))
RATES = (
    *(("a events", 45, of(103)), ("a person-time", 2384.4, {})),
    *(("b events", 85, of(105)), ("b person-time", 2558.4, {})),
)
ONE_RATE = RATES[:2]
IRR = "a/b incidence-rate-ratio"
SD = [("warning", "SD")]
OF_SDS = [("warning", "difference against SDs")]
LN_HR = "a/b log-hazard-ratio"
RATE = [("warning", "rate")]
TURNED = [("warning", "ratio against arms")]


def scores(first, second):
    """Two means and their SDs, of 50 and 49."""
    return ("a mean", 43.6, of(50, sd=first)), ("b mean", 52.9, of(49, sd=second))


CASES = {
    "risk ratio of death beside mortality": ([*DIED, ("a/b risk-ratio", 0.66, DEATH)], []),
    "risk ratio of death that is one of survival": (
        [*DIED, ("a/b risk-ratio", 1.14, DEATH)],
        UNLIKE,
    ),
    "risk ratio of survival beside mortality": ([*DIED, ("a/b risk-ratio", 1.14, LIFE)], []),
    "risk ratio of survival that is one of death": (
        [*DIED, ("a/b risk-ratio", 0.66, LIFE)],
        UNLIKE,
    ),
    "odds ratio of death beside mortality": ([*DIED, ("a/b odds-ratio", 0.58, DEATH)], []),
    "odds ratio of death turned": ([*DIED, ("a/b odds-ratio", 1.73, DEATH)], TURNED),
    "difference of deaths": ([*DIED, ("a/b risk-difference", -0.101, DEATH)], []),
    "difference of deaths turned": ([*DIED, ("a/b risk-difference", 0.101, DEATH)], TURNED),
    "odds ratio of Fisher's test": ([*FEW, FISHER], []),
    "odds ratio of few in no way": ([*FEW, ("a/b odds-ratio", 0.21, ends(0.02, 1.2))], UNLIKE),
    "odds ratio of two that are alike": ([FEW[0], ("b events", 3, of(15)), FISHER], UNLIKE),
    "odds ratio beside more events than patients": (
        [("a events", 16, of(15)), FEW[1], ("a/b odds-ratio", 0.21, {})],
        [("error", "events above n")],
    ),
    "risk ratio that names no event": ([*DIED, ("a/b risk-ratio", 0.66, at(12))], []),
    "risk ratio of neither": ([*DIED, ("a/b risk-ratio", 0.78, at(12))], UNLIKE),
    "risk ratio of death beside deaths": (
        [*COUNTED, ("a/b risk-ratio", 0.66, DEATH | ends(0.41, 1.07))],
        [],
    ),
    "risk ratio of survival beside deaths": (
        [*COUNTED, ("a/b risk-ratio", 1.14, LIFE | ends(0.99, 1.33))],
        [],
    ),
    "risk ratio of survival beside survivors": ([*COUNTED, ("a/b risk-ratio", 0.66, LIFE)], []),
    "risk ratio unlike its deaths": ([*COUNTED, ("a/b risk-ratio", 1.31, LIFE)], UNLIKE),
    "p of two rates, not of patients": ([*RATES, (IRR, 0.57, {"p_value": "0.002"})], []),
    "p that two rates do not have": (
        [*RATES, (IRR, 0.57, {"p_value": "<0.00001"})],
        [("warning", "p against counts")],
    ),
    "p far above that of two rates": (
        [*RATES, (IRR, 0.57, {"p_value": "0.74"})],
        [("warning", "p against counts")],
    ),
    "p of events in clusters": ([*RATES, (IRR, 0.57, {"p_value": "0.04"})], []),
    "ratio of rates": ([*RATES, (IRR, 0.57, ends(0.40, 0.82))], []),
    "ratio of rates by a model": ([*RATES, (IRR, 0.52, ends(0.35, 0.77))], []),
    "ratio of rates with a digit swapped": ([*RATES, (IRR, 0.84, {})], TURNED),
    "ratio of rates turned": ([*RATES, (IRR, 1.76, {})], TURNED),
    "ratio of rates adjusted": ([*RATES, (IRR, 0.84, {"adjusted": "multivariable"})], []),
    "rate": ([*ONE_RATE, ("a rate", 0.0189, {})], []),
    "rate off by ten": ([*ONE_RATE, ("a rate", 0.189, {})], RATE),
    "rate off by a hundred, with its interval": (
        [*ONE_RATE, ("a rate", 1.89, ends(1.41, 2.53))],
        RATE,
    ),
    "rate off by twelve": ([*ONE_RATE, ("a rate", 0.2265, {})], RATE),
    "rate of another time": ([*ONE_RATE, ("a rate", 0.189, at(12))], []),
    # The SD of each arm in the column beside its mean.
    "difference and its SDs": ([*scores(14.8, 17.5), (MD, -9.3, ends(-15.7, -2.8))], []),
    "difference narrowed by the baseline": (
        [*scores(14.8, 17.5), (MD, -9.3, ends(-13.8, -4.8))],
        [],
    ),
    "SD with its decimal point shifted": ([*scores(1.48, 17.5)], SD),
    "SDs of a dozen patients": (
        [("a mean", 88.0, of(11, sd=5.2)), ("b mean", 89.2, of(11, sd=19.2))],
        [],
    ),
    "SD of a dozen patients with its point shifted": (
        [("a mean", 88.0, of(11, sd=1.9)), ("b mean", 89.2, of(11, sd=19.2))],
        SD,
    ),
    "SDs of skewed numbers": ([*scores(9.0, 27.5)], []),
    "a variance typed as SD": ([*scores(14.8, 243.0)], SD),
    "a variance of values below one": (
        [("a mean", 0.9, of(150, sd=0.09)), ("b mean", 0.8, of(150, sd=0.31))],
        SD,
    ),
    "a variance that is no error of so many": (
        [("a mean", 20.3, of(200, sd=7.5)), ("b mean", 24.1, of(200, sd=51))],
        SD,
    ),
    "SDs of two sizes, neither the square": (
        [("a mean", 20.3, of(200, sd=7.5)), ("b mean", 24.1, of(200, sd=21))],
        [],
    ),
    "a change unmarked beside a final value": (
        [("a mean", -3.1, of(50, sd=6.0)), ("b mean", 22.7, of(50, sd=7.5))],
        [("warning", "change or final value")],
    ),
    "two changes": ([("a mean", -3.1, of(50, sd=6.0)), ("b mean", 1.2, of(50, sd=7.5))], []),
    "changes said to be such": (
        [
            ("a mean", -13.1, of(50, sd=6.0, measured="change")),
            ("b mean", 2.7, of(50, sd=7.5, measured="change")),
        ],
        [],
    ),
    "difference against its medians": (
        [("a median", 20, of(50)), ("b median", 24, of(50)), (MD, 3.8, ends(0.7, 6.9))],
        [("warning", "direction")],
    ),
    "difference that its medians have": (
        [("a median", 24, of(50)), ("b median", 20, of(50)), (MD, 3.8, ends(0.7, 6.9))],
        [],
    ),
    "difference of skewed numbers, its medians a little the other way": (
        [("a median", 20, of(50)), ("b median", 20.5, of(50)), (MD, 3.8, ends(0.7, 6.9))],
        [],
    ),
    "difference against medians of wide quartiles": (
        [
            *(("a median", 20, of(50)), ("a q1", 5, of(50)), ("a q3", 60, of(50))),
            *(("b median", 24, of(50)), ("b q1", 7, of(50)), ("b q3", 70, of(50))),
            (MD, 3.8, ends(0.7, 6.9)),
        ],
        [],
    ),
    "difference by a model against its means": (
        [*scores(14.8, 17.5), (MD, 4.1, {"adjusted": "multivariable", **ends(0.2, 8.0)})],
        [("warning", "direction")],
    ),
    "difference by a model, a little across nought": (
        [*scores(14.8, 17.5), (MD, 0.3, {"adjusted": "multivariable", **ends(-3.6, 4.2)})],
        [],
    ),
    "SD of another row beside a difference": (
        [*scores(5.6, 17.5), (MD, -9.3, ends(-16.9, -1.7))],
        [("warning", "SD"), *OF_SDS],
    ),
    "SEs typed as SDs beside a difference": (
        [*scores(3.1, 3.5), (MD, -9.3, ends(-15.7, -2.8))],
        OF_SDS,
    ),
    "SEs typed as SDs beside a t": ([*scores(3.1, 3.5), ("a/b t", -2.87, {})], P_OF_MEANS),
    "SDs beside a t": ([*scores(14.8, 17.5), ("a/b t", -2.87, {})], []),
    "SEs typed as SDs beside the SE of a difference": (
        [*scores(3.1, 3.5), (MD, -9.3, {"se": 3.24})],
        OF_SDS,
    ),
    "SDs beside the SE of a difference": ([*scores(14.8, 17.5), (MD, -9.3, {"se": 3.24})], []),
    "SDs beside a p": ([*scores(14.8, 17.5), (MD, -9.3, {"p_value": "0.005"})], []),
    "SEs typed as SDs beside a p": (
        [*scores(3.1, 3.5), (MD, -9.3, {"p_value": "0.005"})],
        [("error", "p against means")],
    ),
    "p of ranks of skewed numbers": (
        [("a mean", 8.0, of(100, sd=9.0)), ("b mean", 10.0, of(100, sd=11.0, p_value="0.02"))],
        [],
    ),
    "p of ranks far off": (
        [("a mean", 8.0, of(100, sd=9.0)), ("b mean", 10.0, of(100, sd=11.0, p_value="0.0001"))],
        P_OF_MEANS,
    ),
    "SD and interval of one mean": ([("a mean", 44.0, of(60, sd=15.0) | ends(40.1, 47.9))], []),
    "SD unlike the interval of its mean": (
        [("a mean", 44.0, of(60, sd=3.0) | ends(40.1, 47.9))],
        SD,
    ),
    "SE unlike the interval of its mean": (
        [("a mean", 44.0, of(60, se=15.0) | ends(40.1, 47.9))],
        SD,
    ),
    "SE and interval of one mean": ([("a mean", 44.0, of(60, se=1.94) | ends(40.1, 47.9))], []),
    "SD and SE of one mean": ([("a mean", 44.0, of(60, sd=15.0, se=1.94))], []),
    "SD and SE alike": ([("a mean", 44.0, of(60, sd=15.0, se=15.0))], SD),
    "SD typed as SE in one arm": (
        [("a mean", 44.0, of(60, se=15.0)), ("b mean", 50.0, of(60, sd=15.2))],
        SD,
    ),
    "mean of another order": (
        [("a mean", 512.0, of(60, sd=15.0)), ("b mean", 42.7, of(60, sd=14.0))],
        SD,
    ),
    "a change beside a final value": (
        [
            *(("a mean", -17.0, at(3, 60, sd=4.0, measured="change")),),
            *(("b mean", 47.0, at(3, 60, sd=14.0, measured="final")),),
        ],
        [],
    ),
    "SE of a logarithm": ([(LN_HR, -0.45, {"se": 0.17, "p_value": "0.010"})], []),
    "SE of a logarithm with its decimal point shifted": (
        [(LN_HR, -0.45, {"se": 0.017, "p_value": "0.010"})],
        [("error", "SE against the rest")],
    ),
    "SE of a logarithm beside the p of another test": (
        [(LN_HR, -0.45, {"se": 0.17, "p_value": "0.005"})],
        [],
    ),
    "SE of a logarithm off by a third": (
        [(LN_HR, -0.45, {"se": 0.17, "p_value": "0.0005"})],
        [("warning", "SE against the rest")],
    ),
    "SE of the ratio in its own row": (
        [("a/b hazard-ratio", 0.64, {"se": 0.109, "p_value": "0.010"})],
        [],
    ),
    "SE of survival": ([("a survival", 0.727, at(12, 122, se=0.041))], []),
    "SE of survival with its decimal point shifted": (
        [("a survival", 0.727, at(12, 122, se=0.0041))],
        WIDTH,
    ),
    "SE of survival beside those at risk": (
        [("a survival", 0.385, at(24, 125, se=0.047)), ("a at-risk", 36, at(24))],
        [],
    ),
    "half an interval as SE of survival": (
        [("a survival", 0.385, at(24, 125, se=0.092)), ("a at-risk", 36, at(24))],
        WIDTH,
    ),
    "hazard ratio beside deaths": ([*DEATHS, (HR, 0.50, ends(0.36, 0.71) | RCT)], []),
    "hazard ratio turned beside deaths": (
        [*DEATHS, (HR, 2.00, ends(1.41, 2.78) | RCT)],
        [("warning", "direction")],
    ),
    "hazard ratio of arms followed for other times": (
        [*DEATHS, (HR, 2.00, ends(1.41, 2.78, adjusted="no"))],
        [],
    ),
    "a weak hazard ratio beside deaths": (
        [DEATHS[0], ("b events", 70, of(99)), (HR, 1.06, ends(0.76, 1.48) | RCT)],
        [],
    ),
    "as many deaths as the curve and those at risk": (
        [("a events", 75, of(90)), ("a survival", 0.2, at(36, 90)), ("a at-risk", 3, at(36))],
        [],
    ),
    "more deaths than the curve and those at risk": (
        [("a events", 79, of(90)), ("a survival", 0.2, at(36, 90)), ("a at-risk", 3, at(36))],
        [("error", "deaths against survival")],
    ),
    "comparison of the patients of one arm": (
        [*COUNTS, ("a/b odds-ratio", 0.58, of(50))],
        [("warning", "patients")],
    ),
    "comparison of ten times its patients": (
        [*COUNTS, ("a/b odds-ratio", 0.58, of(990))],
        [("warning", "patients")],
    ),
    "comparison of both arms": ([*COUNTS, ("a/b odds-ratio", 0.58, of(99))], []),
    "comparison of some of both arms": ([*COUNTS, ("a/b odds-ratio", 0.58, of(90))], []),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_raised_of_a_few_printed_numbers(name):
    cells, expected = CASES[name]
    assert raised(table(*cells)) == expected


@pytest.mark.parametrize(("comparability", "told"), [("randomised", True), ("matched", False)])
def test_crude_ratios_of_a_randomised_study_are_held_to_its_deaths(comparability, told):
    rows = table(*DEATHS, (HR, 2.00, ends(1.41, 2.78)))
    assert raised(rows, comparability=comparability) == [("warning", "direction")] * told


@pytest.mark.parametrize(("n", "expected"), [(99, []), (990, [("warning", "patients")]), (150, [])])
def test_a_study_is_not_ten_times_its_arms(n, expected):
    assert raised(table(*COUNTS), n=n) == expected


def in_columns(study):
    """The study with its SDs and SEs in columns beside their means."""
    means = {(r["outcome"], r["arm"], r["time"]): r for r in study.rows if r["statistic"] == "mean"}
    kept = []
    for r in study.rows:
        mean = means.get((r["outcome"], r["arm"], r["time"]))
        if r["statistic"] in ("sd", "se") and mean:
            mean[r["statistic"]] = r["value"]
        else:
            kept.append(r)
    study.rows = kept
    return study


@pytest.mark.parametrize("kind", ["means", "medians", "mixed"])
def test_made_up_studies_with_sds_in_columns_raise_nothing(kind):
    for seed in range(60_000, 60_012):
        found = problems([in_columns(Study(seed, kind))])
        assert found.empty, found.to_dict("records")


@pytest.mark.parametrize("name", ["se_as_sd_in_both", "sd_as_se", "sd_point_shifted"])
def test_slips_of_sds_in_columns_are_found(name):
    found = []
    for seed in range(61_000, 61_200):
        study = Study(seed)
        if SLIPS[name](study):
            found.append(found_in(in_columns(study)) != "")
    assert sum(found) >= 0.9 * len(found) >= 2


def of_two(*cells):
    """What is raised of two studies that print the same of one arm."""
    both = pd.concat([table(*cells), table(*cells, study="t", first=20)])
    return {p.check for _, p in each(check(both, pd.DataFrame({"study_id": ["s", "t"]})))}


def test_percentages_of_counts_make_two_studies_no_more_alike():
    one = ("a events", 10, of(20))
    more = ("a proportion", 0.5, of(20, ci_low=0.272, ci_high=0.728))
    assert of_two(one, more) == set()
    assert of_two(("a events", 17, of(43)), ("a events", 23, at(12, 43))) == {"one study twice"}
