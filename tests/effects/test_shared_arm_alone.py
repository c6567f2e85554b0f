"""A synthesis of one arm that comparisons of one trial share: its patients once, where asked."""

import pytest
from test_shared_control import of_counts, run


@pytest.mark.parametrize("how", ["settle", "join", "share"])
def test_a_synthesis_of_the_shared_arm_alone_takes_it_once_where_asked(how):
    effects, unusable, *_ = run(of_counts(), how, "PLO", arms=["control"])
    once = [] if how == "settle" else ["a-2"]
    assert effects["study_id"].tolist() == [s for s in ("a-1", "a-2", "b") if s not in once]
    assert unusable["study_id"].tolist() == once
    # The other arms are of other patients, and all numbers alike are two trials or one twice.
    assert len(run(of_counts(), how, "PLO", arms=["drug"])[0]) == 3
    twins = [row | {"study_id": study} for study in ("a-1", "a-2") for row in of_counts()[:2]]
    assert len(run(twins, how, "PLO", arms=["control"])[0]) == 2
