"""What two extractors differ on gives no effect, and is not called absent."""

from effects.test_several_values import printed, run, survival


def test_what_two_extractors_differ_on_is_printed_though_nothing_else_is():
    """Nor would settling it give an effect: the other arm is not there."""
    read = [survival("a", value, extractor=name) for name, value in (("ann", 0.7), ("kim", 0.8))]
    _, unusable, _, _ = run(printed(*read))
    (reason,) = unusable["reason"]
    assert "nothing printed" not in reason
    assert reason.startswith("survival of a on os at 24 is to be settled: 0.7")
    assert reason.endswith("nothing of b")
