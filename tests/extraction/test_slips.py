"""Each check of printed numbers on both sides of its threshold, and on made-up studies.

`benchmarks/slips.py` asks the same of thousands of studies.
"""

import numpy as np
import pandas as pd
import pytest

from extraction.made_up_studies import KINDS, Study, problems
from extraction.slips import SLIPS, found_in
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check


def table(*cells, first=2, study="s", outcome="o"):
    """Rows of results/extraction/outcomes.csv: `arm statistic value`, and by name what else."""
    blank = dict.fromkeys(("time", "n", "ci_low", "ci_high"), np.nan)
    blank |= {"ci_level": 95.0, "p_value": "", "adjusted": "", "note": "", "study_id": study}
    rows = []
    for at, (words, value, more) in enumerate(cells, first):
        arm, statistic = words.split()
        rows.append(
            blank
            | {"outcome": outcome, "arm": arm, "statistic": statistic, "value": value, "row": at}
            | more
        )
    return pd.DataFrame(rows)


def raised(rows, unit="months", **about):
    """(severity, check) of each problem but notes."""
    studies = pd.DataFrame([{"study_id": "s", "status": "included", "records": "a"} | about])
    found = each(check(rows, studies, unit))
    return [(p.severity, p.check) for _, p in found if p.severity != "note"]


def ends(low, high, **more):
    return {"ci_low": low, "ci_high": high} | more


def at(time, n=np.nan, **more):
    return {"time": time, "n": n} | more


def of(n, **more):
    return {"n": n} | more


HR = "a/b hazard-ratio"
BOTH_ALIVE = (("a survival", 0.7, at(24, 20)), ("b survival", 0.65, at(24, 20)))
COUNTS = (("a events", 10, of(50)), ("b events", 20, of(50)))
MEANS = (
    *(("a mean", 20.0, of(40)), ("a sd", 6.0, of(40))),
    *(("b mean", 24.0, of(41)), ("b sd", 6.4, of(41))),
)
EXPECTED = (
    *(("a log-rank-observed", 30, {}), ("a log-rank-expected", 40.0, {})),
    *(("b log-rank-observed", 45, {}), ("b log-rank-expected", 35.0, {})),
)

# What is printed, and what is raised; where two lines differ in one number, the second fits.
CASES = {
    "survival at 0": ([("a survival", 0.9, at(0, 30))], [("error", "survival at 0")]),
    "more at risk than alive": (
        [("a survival", 0.7, at(24, 50)), ("a at-risk", 40, at(24))],
        [("error", "at risk against survival")],
    ),
    "as many at risk as alive": (
        [("a survival", 0.7, at(24, 50)), ("a at-risk", 36, at(24))],
        [],
    ),
    "more at risk than of those before": (
        [
            *(("a survival", 0.8, at(12, 100)), ("a at-risk", 40, at(12))),
            *(("a survival", 0.4, at(24, 100)), ("a at-risk", 30, at(24))),
        ],
        [("error", "at risk against survival")],
    ),
    "too few deaths for those at risk": (
        [("a survival", 0.6, at(24, 100)), ("a at-risk", 50, at(24)), ("a events", 20, of(100))],
        [("error", "deaths against survival")],
    ),
    "deaths enough": (
        [("a survival", 0.6, at(24, 100)), ("a at-risk", 50, at(24)), ("a events", 33, of(100))],
        [],
    ),
    # var(ln S) = (ln(0.7/0.5)/3.92)^2 asks for (ln 0.6)^2 / 0.0074 = 35 deaths.
    "too few deaths for an interval": (
        [("a survival", 0.6, at(24, 100, **ends(0.5, 0.7))), ("a events", 20, of(100))],
        [("warning", "deaths against survival")],
    ),
    "more than half dead and no median": (
        [("a survival", 0.6, at(24, 100)), ("a median", np.nan, {}), ("a events", 60, of(100))],
        [("error", "median not reached")],
    ),
    "one arm in years": (
        [
            *(("a survival", 0.7, at(1, 50)), ("a survival", 0.5, at(2, 50))),
            *(("b survival", 0.6, at(12, 50)), ("b survival", 0.4, at(24, 50))),
        ],
        [("warning", "unit of time")] * 2,
    ),
    "one time in years": (
        [("a survival", 0.7, at(1, 50)), ("a survival", 0.5, at(24, 50))],
        [("warning", "unit of time")],
    ),
    "restricted mean above its time": (
        [("a rmst", 25.0, at(24, 50))],
        [("error", "restricted mean")],
    ),
    "restricted mean below what survivors lived": (
        [("a rmst", 11.0, at(24, 50)), ("a survival", 0.5, at(24, 50))],
        [("error", "restricted mean")],
    ),
    "survival off the middle": (
        [("a survival", 0.72, at(24, 60, **ends(0.5, 0.74)))],
        [("error", "interval not symmetric")],
    ),
    "difference off the middle": (
        [("a/b mean-difference", -4.0, ends(-6.8, -2.2))],
        [("warning", "interval not symmetric")],
    ),
    "SE of a ratio as Stata prints it": (
        [(HR, 0.5, {"p_value": "0.021"}), ("a/b se", 0.15, {})],
        [("warning", "SE of the ratio")],
    ),
    "SE of the logarithm": ([(HR, 0.5, {"p_value": "0.021"}), ("a/b se", 0.3, {})], []),
    "SE of nothing": (
        [(HR, 0.5, ends(0.28, 0.9)), ("a/b se", 0.9, {})],
        [("error", "SE against the rest")],
    ),
    "SE smaller than the events allow": (
        [(HR, 0.5, {}), ("a/b se", 0.1, {}), *COUNTS],
        [("warning", "SE against the rest")],
    ),
    "interval of a table at another level": (
        [*COUNTS, ("a/b odds-ratio", 0.38, ends(0.17, 0.81))],
        [("warning", "interval against counts")],
    ),
    "interval of a table": ([*COUNTS, ("a/b odds-ratio", 0.38, ends(0.15, 0.92))], []),
    "one-sided p of counts": (
        [*COUNTS, ("a/b odds-ratio", 0.38, {"p_value": "0.015"})],
        [("warning", "p against counts")],
    ),
    "p of counts, corrected": ([*COUNTS, ("a/b odds-ratio", 0.38, {"p_value": "0.049"})], []),
    "p of counts, exact": ([*COUNTS, ("a/b odds-ratio", 0.38, {"p_value": "0.047"})], []),
    "p of means": (
        [*MEANS, ("a/b mean-difference", -4.0, {"p_value": "0.5"})],
        [("warning", "p against means")],
    ),
    "p of means that fits": ([*MEANS, ("a/b mean-difference", -4.0, {"p_value": "0.005"})], []),
    "p of survival that hardly differs": (
        [*BOTH_ALIVE, ("a/b log-rank-p", np.nan, {"p_value": "<0.0001"})],
        [("warning", "p against survival")],
    ),
    "p of survival": ([*BOTH_ALIVE, ("a/b log-rank-p", np.nan, {"p_value": "0.4"})], []),
    "log-rank p against the hazard ratio": (
        [(HR, 0.5, ends(0.3, 0.83)), ("a/b log-rank-p", np.nan, {"p_value": "0.4"})],
        [("warning", "p against hazard ratio")],
    ),
    "hazard ratio and p against events": (
        [(HR, 0.5, {"p_value": "0.00001"}), *COUNTS],
        [("warning", "p against events")],
    ),
    "observed are not the events": (
        [*EXPECTED, ("a events", 31, of(80))],
        [("error", "observed against events")],
    ),
    "variance above a quarter": (
        [*EXPECTED, ("a/b log-rank-variance", 20.0, {})],
        [("error", "log-rank variance")],
    ),
    "p against observed and expected": (
        [*EXPECTED, ("a/b log-rank-p", np.nan, {"p_value": "0.3"})],
        [("error", "p against log-rank")],
    ),
    "hazard ratio against observed and expected": (
        [*EXPECTED, (HR, 0.9, {})],
        [("warning", "hazard ratio against log-rank")],
    ),
    "observed and expected": (
        [
            *(*EXPECTED, (HR, 0.58, {}), ("a/b log-rank-variance", 18.2, {})),
            ("a/b log-rank-p", np.nan, {"p_value": "0.02"}),
        ],
        [],
    ),
    "n of the other arm": (
        [
            *(("a survival", 0.7, at(12, 45)), ("a survival", 0.6, at(24, 60))),
            *(("a events", 20, of(45)), ("b survival", 0.6, at(12, 60))),
        ],
        [("warning", "patients of a row")],
    ),
    "n of a mean and its SD": (
        [("a mean", 20.0, of(45)), ("a sd", 6.0, of(54))],
        [("warning", "patients of a row")],
    ),
    "n at two times": ([("a mean", 20.0, at(3, 45)), ("a mean", 19.0, at(12, 40))], []),
    "at risk at the start": (
        [("a survival", 0.7, at(12, 54)), ("a at-risk", 45, at(0))],
        [("warning", "at risk at 0")],
    ),
    "interval of a percentage": (
        [("a proportion", 0.5, of(40, **ends(0.45, 0.55)))],
        [("warning", "interval against n")],
    ),
    "interval of a percentage that fits": (
        [("a proportion", 0.5, of(40, **ends(0.34, 0.66)))],
        [],
    ),
    "interval of a rate": (
        [("a rate", 0.01, ends(0.0095, 0.0105)), ("a events", 20, of(100))],
        [("warning", "interval against n")],
    ),
    "SD of 0": ([("a mean", 5.0, of(9)), ("a sd", 0, of(9))], [("error", "SD of 0")]),
    "quartiles out of order": (
        [("a q1", 9.0, {}), ("a median", 7.0, {}), ("a q3", 12.0, {})],
        [("error", "order of quartiles")],
    ),
    "mean above the maximum": (
        [("a mean", 19.0, {}), ("a maximum", 12.0, {})],
        [("error", "order of quartiles")],
    ),
    "SD above half the range": (
        [("a sd", 9.0, of(30)), ("a minimum", 2.0, {}), ("a maximum", 12.0, {})],
        [("error", "SD against range")],
    ),
    "SD of one time of three": (
        [
            *(("a mean", 20.0, at(0, 49)), ("a sd", 7.0, at(0, 49))),
            *(("a mean", 19.0, at(3, 49)), ("a sd", 1.0, at(3, 49))),
            *(("a mean", 18.0, at(6, 49)), ("a sd", 6.8, at(6, 49))),
        ],
        [("warning", "SD")],
    ),
    "an SE that is an SD": (
        [
            *(("a mean", 20.0, of(40)), ("a se", 1.0, of(40))),
            *(("b mean", 21.0, of(40)), ("b se", 6.3, of(40))),
        ],
        [("warning", "SD")],
    ),
    "means five SDs apart": (
        [
            *(("a mean", 20.0, of(4)), ("a sd", 1.0, of(4))),
            *(("b mean", 25.0, of(4)), ("b sd", 0.9, of(4))),
        ],
        [("warning", "SD")],
    ),
    "standardised difference": (
        [*MEANS, ("a/b standardised-mean-difference", -0.25, {})],
        [("warning", "difference against means")],
    ),
    "standardised difference that fits": (
        [*MEANS, ("a/b standardised-mean-difference", -0.64, {})],
        [],
    ),
    "difference of restricted means": (
        [("a rmst", 20.3, at(24)), ("b rmst", 18.1, at(24)), ("a/b rmst-difference", 3.4, at(24))],
        [("error", "difference against means")],
    ),
    "person-time that nobody lived": (
        [("a person-time", 900.0, of(20)), ("a maximum-followup", 36.0, {})],
        [("error", "person-time")],
    ),
    "rate": (
        [("a person-time", 900.0, of(20)), ("a events", 18, of(20)), ("a rate", 0.053, {})],
        [("warning", "rate")],
    ),
    "rate per hundred years without its unit": (
        [("a person-time", 900.0, of(20)), ("a events", 18, of(20)), ("a rate", 24.0, {})],
        [("warning", "rate")],
    ),
    "least follow-up above the longest": (
        [("a minimum-followup", 40.0, {}), ("a maximum-followup", 36.0, {})],
        [("error", "follow-up")],
    ),
    "lost before the least follow-up": (
        [
            *(("a survival", 0.8, at(12, 100)), ("a at-risk", 50, at(12))),
            ("a minimum-followup", 24.0, {}),
        ],
        [("warning", "follow-up")],
    ),
    "at risk after the longest follow-up": (
        [("a at-risk", 3, at(48)), ("a maximum-followup", 36.0, {})],
        [("error", "beyond follow-up")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_raised_of_a_few_printed_numbers(name):
    cells, expected = CASES[name]
    assert raised(table(*cells)) == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"n": 100}, [("error", "patients of both arms")]),
        ({"n": 137}, [("warning", "patients of both arms")]),
        ({"n": 140}, []),
        ({"n": 100, "allocation": "crossover"}, []),
        ({"n": ""}, []),
    ],
)
def test_two_arms_are_no_more_than_the_study(about, expected):
    rows = table(("a survival", 0.7, at(24, 80)), ("b survival", 0.6, at(24, 60)))
    assert raised(rows, **about) == expected


@pytest.mark.parametrize(
    ("about", "unit", "expected"),
    [
        ({"followup_months": 40}, "months", [("error", "follow-up")]),
        ({"followup_months": 30}, "months", []),
        ({"followup_months": 30}, "years", []),
        ({"followup_months": 500}, "years", [("error", "follow-up")]),
        ({"enrolled_from": "May 2019", "year": 2020}, "months", [("warning", "calendar")]),
        ({"enrolled_from": "2016-05", "year": 2020}, "months", []),
        ({"enrolled_from": "2012", "enrolled_to": "2010", "year": 2020}, "months", "ends"),
    ],
)
def test_follow_up_fits_the_study_and_the_calendar(about, unit, expected):
    rows = table(("a survival", 0.7, at(30, 80)), ("a maximum-followup", 36.0, {}))
    expected = [("error", "calendar")] if expected == "ends" else expected
    assert raised(rows, unit, **about) == expected


def test_matched_patients_are_not_held_to_all():
    rows = table(
        *(("a survival", 0.5, at(12, 100)), ("a survival", 0.7, at(24, 40, adjusted="matched"))),
        *(("a/b hazard-ratio", 0.4, ends(0.2, 0.8, adjusted="matched")),),
    )
    assert raised(rows) == []


def two_studies(trial="", reports=("a", "a")):
    """Two comparisons with one control group."""
    rows = []
    for number, (study, mean) in enumerate((("s", 20.1), ("t", 18.3))):
        cells = [("a mean", mean, of(50 - number)), ("a sd", 6.2 + number, of(50 - number))]
        cells += [("b mean", 25.0, of(51)), ("b sd", 7.0, of(51))]
        rows.append(table(*cells, study=study, first=2 + 4 * number))
    about = pd.DataFrame(
        {"study_id": ["s", "t"], "status": "included", "records": reports, "trial": trial}
    )
    found = each(check(pd.concat(rows), about))
    return [(study, p.check, list(p.rows)) for study, p in found if p.severity != "note"]


def test_one_control_group_in_two_studies_is_raised_with_its_rows():
    shared = [("t", "one arm in two studies", [4, 5, 8, 9])]
    assert two_studies() == shared
    assert two_studies("trial 1", ("a", "b")) == shared
    assert two_studies(reports=("a", "b")) == []  # 25, 7 and 51 may well be chance


def test_one_report_of_two_studies_is_asked_about_unless_their_trials_are_told():
    both = pd.concat([table(*COUNTS), table(*MEANS, study="t", first=9, outcome="p")])
    about = pd.DataFrame({"study_id": ["s", "t"], "records": ["x y", "y"], "trial": ["", ""]})
    found = each(check(both, about))
    assert [(study, p.check) for study, p in found] == [("t", "one report in two studies")]
    assert each(check(both, about.assign(trial=["1", "2"]))) == []


def test_an_se_among_the_sds_of_other_studies():
    rows = []
    for number, sd in enumerate((6.1, 6.5, 5.9, 7.0, 6.3, 0.9)):
        cells = [("a mean", 20.0 + number, of(50)), ("a sd", sd, of(50))]
        rows.append(table(*cells, study=f"s{number}", first=2 + 2 * number))
    found = each(check(pd.concat(rows), pd.DataFrame({"study_id": ["s0"]})))
    assert [(study, list(p.rows)) for study, p in found] == [("s5", [13])]
    assert "As SE of 50 it would fit" in found[0][1].message


@pytest.mark.parametrize("kind", KINDS)
def test_made_up_studies_raise_nothing(kind):
    for seed in range(40_000, 40_012):
        found = problems([Study(seed, kind)])
        assert found.empty, found.to_dict("records")


def test_nine_in_ten_of_the_slips_are_found():
    made, missed = 0, []
    for number, (name, slip) in enumerate(SLIPS.items()):
        seed, mine = 50_000 + 100 * number, 0
        while mine < 3:
            study = Study(seed)
            seed += 1
            if slip(study):
                mine += 1
                if not found_in(study):
                    missed.append((name, seed - 1))
        made += mine
    assert made == 3 * len(SLIPS)
    assert len(missed) <= 0.1 * made, missed
