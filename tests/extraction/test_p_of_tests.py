"""t, F and chi-squared against p, and t and F against the difference that they are of."""

import pytest

from extraction.test_slips import ends, of, raised, table

SIZES = (("a mean", 20.0, of(50)), ("b mean", 23.0, of(50)))
T, F, MD = "a/b t", "a/b f", "a/b mean-difference"
CHI, LOG_RANK = "a/b log-rank-chi2", "a/b log-rank-p"
P_OF, T_OF = ("warning", "p against its test"), ("warning", "t against its difference")
NONE = float("nan")


def p(said, **more):
    return {"p_value": said} | more


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(T, 3.05, p("0.003"))], []),
        ([(T, -3.05, p("0.003"))], []),
        ([(T, 9.0, p("0.003"))], [P_OF]),  # an F
        ([(F, 9.3, p("0.003"))], []),
        ([(F, 3.0, p("0.003"))], [P_OF]),  # a t
        ([(T, 3.0, p("<0.01"))], []),
        ([(T, 1.2, p("<0.01"))], [P_OF]),
        ([(T, 3.0, {}), (MD, -3.0, ends(-5.0, -1.0))], []),
        ([(T, 0.3, {}), (MD, -3.0, ends(-5.0, -1.0))], [T_OF]),
        ([(T, 0.3, {}), (MD, -3.1, {"se": 1.03})], [T_OF]),
        ([(T, 3.0, {}), (MD, -3.1, {"se": 1.03})], []),
        ([(T, 3.0, {}), (MD, -3.0, ends(-5.0, -1.0, adjusted="multivariable"))], []),
        ([(T, 0.3, {}), (MD, -3.0, p("0.003"))], [T_OF]),
        ([(T, 3.0, {}), (MD, -3.0, p("0.003"))], []),
        ([(F, 9.0, {}), (MD, -3.1, {"se": 1.03})], []),
        ([(F, 3.0, {}), (MD, -3.1, {"se": 1.03})], [T_OF]),
    ],
)
def test_t_is_that_of_its_p_and_of_its_difference(rows, told):
    assert [found for found in raised(table(*SIZES, *rows)) if found in (P_OF, T_OF)] == told


@pytest.mark.parametrize(
    ("t", "difference", "means", "told"),
    [
        (-2.2, 4.0, (), [T_OF]),  # the sign was left out
        (-2.2, -4.0, (), []),
        (2.2, -4.0, (), []),  # papers leave that of t out
        (-2.2, 4.0, SIZES, []),  # the means tell the sign
    ],
)
def test_a_negative_t_is_of_a_negative_difference(t, difference, means, told):
    rows = table((T, t, of(100)), (MD, difference, of(100)), *means)
    assert [found for found in raised(rows) if found == T_OF] == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(CHI, 5.4, p("0.02"))], []),
        ([(CHI, 2.2, p("0.02"))], [P_OF]),
        ([(CHI, 2.2, p("0.14"))], []),
        ([(CHI, 2.2, {}), (LOG_RANK, 0.028, {})], [P_OF]),  # its root
        ([(CHI, 4.8, {}), (LOG_RANK, 0.028, {})], []),
        ([(CHI, 4.8, {}), (LOG_RANK, 0.05, {})], []),  # with strata
    ],
)
def test_chi_squared_of_a_log_rank_test_is_that_of_its_p(rows, told):
    assert raised(table(*rows)) == told


@pytest.mark.parametrize(
    ("died", "said", "told"),
    [
        ((60, 62), 0.00001, 1),
        ((60, 62), 0.01, 0),  # curves that part and meet again
        ((60, 80), 0.86, 1),
        ((60, 80), 0.0002, 0),
        ((95, 98), 0.00001, 0),  # all die at last
        ((60, 62), 0.86, 0),
    ],
)
def test_p_of_curves_against_the_deaths_of_a_trial(died, said, told):
    deaths = [(f"{arm} events", many, of(100)) for arm, many in zip("ab", died, strict=True)]
    rows = table(*deaths, (LOG_RANK, said, {}))
    assert [c for _, c in raised(rows, design="RCT")].count("p against events") == told
    assert raised(rows, design="retrospective cohort") == []  # followed for other times
