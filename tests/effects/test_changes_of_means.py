"""Changes since the beginning whose SD is not printed, from the SDs of both values."""

import pytest

from effects.test_vocabulary import one, told

# Cochrane Handbook 6.5.2.8: 129 patients, 15.2 (6.4) and 16.2 (7.1), change 1.0 (4.5): r 0.78; 135
# patients, 15.7 (7.0) and 17.2 (6.9), change 1.5 (4.2): r = 0.82.
VALUES = [
    "a mean 15.2 time=0 n=129 sd=6.4",
    "a mean 16.2 time=12 n=129 sd=7.1",
    "b mean 15.7 time=0 n=135 sd=7.0",
    "b mean 17.2 time=12 n=135 sd=6.9",
]
CHANGES = [
    "a mean 1.0 time=12 n=129 measured=change",
    "b mean 1.5 time=12 n=135 measured=change",
]
R = ["a correlation 0.7826", "b correlation 0.8175 time=12"]


def without_means(rows):
    """The rows with their SDs alone, as where the text prints changes and a figure the SDs."""
    cells = [row.split() for row in rows]
    return [f"{c[0]} sd {c[5][3:]} {c[3]} {c[4]}" for c in cells]


def test_the_sd_of_a_change_from_both_sds_and_their_correlation(tmp_path):
    rows = [*without_means(VALUES), *CHANGES, *R]
    effect = one(tmp_path, rows, "MD", "score", time=12)
    assert (effect.route, effect.grade) == ("D5", "approximate")
    assert effect.yi == pytest.approx(-0.5)
    assert effect.vi == pytest.approx(4.5**2 / 129 + 4.2**2 / 135, rel=1e-3)
    assert "SD of the change of a from those of both values, correlated by 0.7826" in effect.assumed
    assert "Handbook 10.5.2" in one(tmp_path, rows, "SMD", "score", time=12).assumed
    for r in (R[:1], ["a correlation 0.8 time=24", "b correlation 0.8 part=men"]):
        why = told(tmp_path, [*rows[:-2], *r], "MD", "score", time=12)[1]["reason"].iloc[0]
        assert "no correlation of the two" in why
    assert "no correlation of the two (that in row 9 is of no time of men, not at 12)" in why
    early = [f"{row} time=0" for row in R]
    why = told(tmp_path, [*rows[:-2], *early], "MD", "score", time=12)[1]["reason"].iloc[0]
    assert "no correlation of the two (that in row 8 is at 0, not at 12)" in why


def test_final_values_come_before_changes_unless_the_protocol_names_the_route(tmp_path):
    rows = [*VALUES, *R]
    assert one(tmp_path, rows, "MD", "score", time=12).route == "D"
    asked = one(tmp_path, rows, "MD", "score", time=12, routes=["D5"])
    assert (asked.route, asked.yi) == ("D5", pytest.approx(-0.5))
    assert asked.vi == pytest.approx(4.5**2 / 129 + 4.2**2 / 135, rel=1e-3)
    mixed = one(tmp_path, [*VALUES, *CHANGES, *R], "MD", "score", time=12, routes=["D5"])
    assert mixed.vi == pytest.approx(asked.vi)


def test_a_correlation_is_borrowed_on_request_only(tmp_path):
    said = [
        row.replace("measured", f"sd={sd} measured")
        for row, sd in zip(CHANGES, (4.5, 4.2), strict=True)
    ]
    other = [f"{row} study_id=o" for row in [*VALUES, *said]]
    lacking = [*without_means(VALUES), *CHANGES]
    _, unusable, _ = told(tmp_path, [*other, *lacking], "MD", "score", time=12)
    assert "no correlation of the two" in unusable["reason"].iloc[0]
    effects, _, _ = told(tmp_path, [*other, *lacking], "MD", "score", time=12, routes=["D5r"])
    own = effects.set_index("study_id").loc["s"]
    assert (own.route, own.grade) == ("D5r", "rough")
    assert own.vi == pytest.approx(4.5**2 / 129 + 4.2**2 / 135, rel=1e-6)
    assert "borrowed: that of 1 other studies together" in own.assumed


@pytest.mark.parametrize("r", ["1", "-1", "0.4"])
def test_any_correlation_gives_an_error_or_a_reason(tmp_path, r):
    rows = [f"{arm} sd 5 time={t} n=30" for arm in "ab" for t in (0, 12)]
    rows += [f"{arm} mean {m} time=12 n=30 measured=change" for arm, m in (("a", 1), ("b", 2))]
    rows += [f"{arm} correlation {r}" for arm in "ab"]
    effects, unusable, _ = told(tmp_path, rows, "MD", "score", time=12)
    if r == "0.4":
        assert effects.vi.iloc[0] == pytest.approx(2 * 50 * 0.6 / 30)
    else:
        assert (
            f"a correlation of {r} gives its SD 5 and 5 no SD of change"
            in (unusable["reason"].iloc[0])
        )


@pytest.mark.parametrize("word", ["measured=change", "part=men"])
def test_sds_are_borrowed_of_the_same_measurement_and_of_whole_studies(tmp_path, word):
    others = [
        f"{arm} mean 10 n={n} sd={sd} study_id={study}{f' {word}' * (study == 's2')}"
        for study, n, sd in (("s1", 21, 3), ("s2", 41, 4))
        for arm in "ab"
    ]
    lacking = ["a mean 12 n=30", "b mean 15 n=30"]
    for rows, sd in ((lacking, 3), ([f"{row} {word}" for row in lacking], 3 + ("change" in word))):
        effects, *_ = told(tmp_path, [*others, *rows], "MD", "score", routes=["D4"])
        own = effects[effects["study_id"] == "s"].iloc[0]
        assert own.vi == pytest.approx(2 * sd**2 / 30)
        assert "borrowed: that of 1 other studies" in own.assumed
