"""What earlier runs left behind."""

from livingmeta.run import prune


def test_only_figures_that_the_review_has_no_more_are_named(tmp_path):
    wanted = [f"results/figures/{name}.svg" for name in ("flow", "forest-os-1y", "funnel-os-1y")]
    for name in ("flow", "forest-os-1y", "forest-gone", "information-os-1y", "curves"):
        (tmp_path / f"{name}.svg").write_text("<svg/>")
    (tmp_path / "mine.txt").write_text("not ours")
    gone = prune.vanished(tmp_path, wanted)
    assert [path.stem for path in gone] == ["curves", "forest-gone", "information-os-1y"]
    assert prune.vanished(tmp_path / "nowhere", []) == []
