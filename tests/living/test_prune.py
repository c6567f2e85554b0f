"""What earlier runs left behind, and what a failed run says at its end."""

from livingmeta.living import prune


def test_only_figures_that_the_review_has_no_more_are_named(tmp_path):
    wanted = [f"results/figures/{name}.svg" for name in ("flow", "forest-os-1y", "funnel-os-1y")]
    for name in ("flow", "forest-os-1y", "forest-gone", "information-os-1y", "curves"):
        (tmp_path / f"{name}.svg").write_text("<svg/>")
    (tmp_path / "mine.txt").write_text("not ours")
    gone = prune.vanished(tmp_path, wanted)
    assert [path.stem for path in gone] == ["curves", "forest-gone", "information-os-1y"]
    assert prune.vanished(tmp_path / "nowhere", []) == []


def test_the_summary_lists_what_the_logs_call_wrong(tmp_path):
    (tmp_path / "extract.log").write_text("12 rows\nWRONG: a.csv, row 2: 166\nWRONG: b\n")
    (tmp_path / "pool.log").write_text("fine\n")
    said = prune.summary(tmp_path)
    assert "2 things need mending" in said
    assert "* a.csv, row 2: 166" in said
    (tmp_path / "extract.done").touch()
    assert prune.summary(tmp_path) == ""
    (tmp_path / "extract.done").unlink()
    (tmp_path / "extract.log").write_text("fine\n")
    assert prune.summary(tmp_path) == ""
