"""Kaplan-Meier, median, Cox, log-rank and restricted mean against textbook, R and statsmodels."""

from math import log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.formulas import individual_data
from livingmeta.formulas.individual_data import IndividualDataError

# Freireich et al. 1963: weeks in remission on 6-mercaptopurine and on placebo.
DRUG = {
    "time": [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    "event": [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
}
PLACEBO = {
    "time": [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23],
    "event": [1] * 21,
}


def test_survival_of_the_6mp_trial():
    km = individual_data.kaplan_meier(DRUG)
    assert km.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert km.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert km.se == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert km.at(5.9) == (1.0, 0.0)
    assert km.at(12)[0] == pytest.approx(0.753, abs=5e-4)


@pytest.mark.parametrize(
    ("scale", "drug", "placebo"),
    # R 4.2 survfit, conf.type = log, log-log, plain.
    [
        ("log", (23, 16, nan), (8, 4, 12)),
        ("log-log", (23, 13, nan), (8, 4, 11)),
        ("plain", (23, 13, nan), (8, 4, 11)),
    ],
)
def test_medians_as_in_r(scale, drug, placebo):
    assert individual_data.median(DRUG, scale=scale) == pytest.approx(drug, nan_ok=True)
    assert individual_data.median(PLACEBO, scale=scale) == pytest.approx(placebo)


def test_cox_log_rank_and_restricted_mean_as_in_r():
    fitted = individual_data.cox(DRUG, PLACEBO)
    assert fitted.value == pytest.approx(-1.57212514883, abs=1e-10)
    assert fitted.variance == pytest.approx(0.1700710528, abs=1e-9)
    test = individual_data.log_rank(DRUG, PLACEBO)
    assert (test.observed, test.expected) == (9, pytest.approx(19.2505, abs=1e-4))
    assert test.variance == pytest.approx(6.256961, abs=1e-6)
    for data, mean, se in ((DRUG, 17.91, 1.55), (PLACEBO, 8.67, 1.38)):
        found = individual_data.restricted_mean(data, 23)
        assert found.value == pytest.approx(mean, abs=0.005)
        assert found.variance**0.5 == pytest.approx(se, abs=0.005)


def simulated(seed, n, ties):
    rng = np.random.default_rng(seed)
    arms = []
    for hazard in (0.03, 0.06):
        death, leaves = rng.exponential(1 / hazard, n), rng.uniform(5, 40, n)
        time = np.minimum(death, leaves)
        time = np.ceil(time / 3) if ties else time
        arms.append({"time": time, "event": (death <= leaves).astype(int)})
    return arms


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [12, 80])
def test_cox_as_in_statsmodels(n, ties):
    from statsmodels.duration.hazard_regression import PHReg

    research, control = simulated(n, n, ties)
    time = np.concatenate([research["time"], control["time"]])
    event = np.concatenate([research["event"], control["event"]])
    group = np.repeat([1.0, 0.0], n)
    theirs = PHReg(time, group[:, None], status=event, ties="efron").fit()
    ours = individual_data.cox(research, control)
    assert ours.value == pytest.approx(theirs.params[0], abs=1e-6)
    assert ours.variance == pytest.approx(theirs.bse[0] ** 2, rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(12, 40), st.booleans())
def test_turning_the_arms_round_and_changing_the_unit(seed, n, ties):
    research, control = simulated(seed, n, ties)
    fitted = individual_data.cox(research, control)
    turned = individual_data.cox(control, research)
    assert fitted.value == pytest.approx(-turned.value, abs=1e-7)
    in_days = [{"time": a["time"] * 30.4, "event": a["event"]} for a in (research, control)]
    assert individual_data.cox(*in_days) == pytest.approx(fitted)
    km = individual_data.kaplan_meier(research)
    assert (np.diff(km.survival) < 0).all()
    # Greenwood is at least the binomial error on everybody, since some have left.
    inside = (km.survival > 0) & (km.survival < 1)
    binomial = np.sqrt(km.survival * (1 - km.survival) / n)
    assert (km.se[inside] >= binomial[inside] - 1e-12).all()


def test_without_censoring_the_restricted_mean_is_the_mean():
    data = {"time": [1.0, 2.0, 4.0, 9.0], "event": [1, 1, 1, 1]}
    found = individual_data.restricted_mean(data, 9)
    assert found.value == pytest.approx(4.0)
    assert found.variance == pytest.approx(np.var(data["time"]) / 4)
    assert individual_data.restricted_mean(data, 3).value == pytest.approx((1 + 2 + 3 + 3) / 4)


def test_a_flat_piece_at_one_half_has_its_middle_as_median():
    assert individual_data.median({"time": [1, 2, 5, 8], "event": [1, 1, 1, 1]})[0] == 3.5


def test_exponential_survival_against_its_formula():
    # Quantiles of an exponential distribution: the curve is exp(-t/10) within 1/n.
    n = 2000
    data = {"time": -10 * np.log1p(-(np.arange(n) + 0.5) / n), "event": np.ones(n, int)}
    assert individual_data.kaplan_meier(data).at(10)[0] == pytest.approx(np.exp(-1), abs=1 / n)
    assert individual_data.median(data)[0] == pytest.approx(10 * log(2), abs=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: individual_data.kaplan_meier({"time": [], "event": []}), "no patients"),
        (lambda: individual_data.kaplan_meier({"time": [1, -2], "event": [1, 0]}), "0 or more"),
        (lambda: individual_data.kaplan_meier({"time": [1, 2], "event": [1, 2]}), "event must be"),
        (lambda: individual_data.restricted_mean(DRUG, 40), "beyond the last follow-up"),
        (lambda: individual_data.cox({"time": [3, 4], "event": [0, 0]}, PLACEBO), "research arm"),
        (
            lambda: individual_data.cox(
                {"time": [50, 60], "event": [1, 1]}, {"time": [1, 2], "event": [1, 1]}
            ),
            "no estimate",
        ),
        (lambda: individual_data.median(DRUG, scale="cubic"), "unknown scale"),
    ],
)
def test_refused_with_the_reason(call, words):
    with pytest.raises(IndividualDataError, match=words):
        call()
