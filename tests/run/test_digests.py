"""Digests: what a rule depends on is found by reading its code."""

import os
from pathlib import Path

import pytest

from livingmeta.run import digests

SCRIPTS = sorted(path.name for path in digests.SCRIPTS.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_sources_found_are_those_that_an_import_loads(script):
    """The reading of imports against Python's own: nothing that runs is missed."""
    import subprocess
    import sys

    program = (
        f"import sys; sys.path.insert(0, {str(digests.SCRIPTS)!r}); "
        f"import {script.removesuffix('.py')}; "
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('livingmeta')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    found = {str(path) for path in digests.sources(script)}
    assert loaded <= found


def test_a_rule_depends_on_its_own_stage_and_not_on_others():
    found = digests.code("deduplicate.py")
    assert "scripts/livingmeta/screening/readers/export.py" in found
    assert "schemas/data/searches.yaml" in found
    assert "schemas/lists.yaml" in found  # by way of the schemas that name its lists
    assert not [name for name in found if "/pooling/" in name or "/report/" in name]
    assert not [name for name in digests.code("pool.py") if "/screening/" in name]
    assert not [name for name in digests.code("pool.py") if "/report/" in name]


def test_digests_are_of_content(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("same")
    two.write_text("same")
    assert digests.digest(one) == digests.digest(two)
    two.write_text("other")
    assert digests.digest(one) != digests.digest(two)


def test_files_leave_out_what_systems_leave_behind(tmp_path):
    left = (".DS_Store", "~$a.csv", "Thumbs.db", "desktop.ini", "Icon\r", "__MACOSX/a.csv")
    left += ("b.ris:Zone.Identifier", "a.csv~", "#a.csv#")
    for name in ("b.ris", "a.csv", "sub/c.nbib", *left):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    names = [name.removeprefix(tmp_path.as_posix() + "/") for name in digests.files(tmp_path)]
    assert names == ["a.csv", "b.ris", "sub/c.nbib"]
    assert digests.files(tmp_path / "nowhere") == []
    assert digests.files(tmp_path / "a.csv") == [(tmp_path / "a.csv").as_posix()]
    (tmp_path / ".Trash").mkdir()
    (tmp_path / ".Trash/d.csv").write_text("x")
    assert len(digests.files(tmp_path)) == 3


def test_linked_files_and_folders_are_followed(tmp_path):
    shared, raw = tmp_path / "shared", tmp_path / "raw"
    (shared / "below").mkdir(parents=True)
    (shared / "below/a.csv").write_text("x")
    raw.mkdir()
    (raw / "batch").symlink_to(shared)
    (raw / "b.csv").symlink_to(shared / "below/a.csv")
    assert [Path(name).relative_to(raw).as_posix() for name in digests.files(raw)] == [
        "b.csv",
        "batch/below/a.csv",
    ]
    (tmp_path / "linked").symlink_to(raw)
    assert len(digests.files(tmp_path / "linked")) == 2


@pytest.mark.parametrize("target", [".", "..", "../.."])
def test_a_link_back_to_a_folder_it_lies_in_is_refused(tmp_path, target):
    (tmp_path / "raw/curves").mkdir(parents=True)
    (tmp_path / "raw/curves/again").symlink_to(target)
    with pytest.raises(digests.FilesError, match=r"again.* is a link back"):
        digests.files(tmp_path / "raw/curves")


def test_a_link_to_what_is_not_there_is_refused_and_not_passed_over(tmp_path):
    for name in ("drive", "a.csv"):
        (tmp_path / name).symlink_to(tmp_path / "away" / name)
        with pytest.raises(digests.FilesError, match=f"{name} is a link to .*away"):
            digests.files(tmp_path)
        (tmp_path / name).unlink()


def test_what_may_not_be_read_is_named(tmp_path, monkeypatch):
    """As the system tells it: one who runs this may be allowed everything."""
    (tmp_path / "searches").mkdir()
    (tmp_path / "searches/a.ris").write_text("x")
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, _: Path(path).suffix != ".ris")
        with pytest.raises(digests.FilesError, match=r"searches/a\.ris cannot be read"):
            digests.files(tmp_path)

    def shut(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", shut)
    with pytest.raises(digests.FilesError, match="cannot be opened"):
        digests.files(tmp_path)


@pytest.mark.parametrize("near", ["Outcomes.csv", "outcomes.csv.txt", "OUTCOMES.xlsx"])
def test_a_table_under_nearly_its_name_is_named(tmp_path, near):
    (tmp_path / near).write_text("x")
    if (tmp_path / "outcomes.csv").exists():
        pytest.skip("capitals are small letters on this disk")
    with pytest.raises(digests.FilesError, match=r"is there: save it as outcomes\.csv") as caught:
        digests.table(str(tmp_path / "outcomes.csv"))
    assert near in str(caught.value)


def test_a_table_that_never_was_there_is_none_and_one_that_is_gone_is_named(tmp_path):
    path, other = str(tmp_path / "outcomes.csv"), str(tmp_path / "studies.csv")
    assert digests.table(path, {other}) == []
    with pytest.raises(digests.FilesError, match="is gone, and an earlier run"):
        digests.table(path, {path})
    Path(path).write_text("x")
    assert digests.table(path, {path}) == [path]


def test_a_folder_that_never_was_there_is_empty_and_one_that_is_gone_is_named(tmp_path):
    folder = str(tmp_path / "searches")
    assert digests.folder(folder, {str(tmp_path / "searches.csv")}) == []
    with pytest.raises(digests.FilesError, match="is gone, and an earlier run"):
        digests.folder(folder, {f"{folder}/a.ris"})


def test_of_a_folder_that_is_kept_no_file_may_go(tmp_path):
    folder = (tmp_path / "registered").as_posix()
    assert digests.kept(folder, {"data/raw/studies.csv"}) == []
    (tmp_path / "registered").mkdir()
    (tmp_path / "registered/b.json").write_text("{}")
    assert digests.kept(folder, {f"{folder}/b.json"}) == [f"{folder}/b.json"]
    with pytest.raises(digests.FilesError, match=r"registered/a\.json: gone"):
        digests.kept(folder, {f"{folder}/a.json", f"{folder}/b.json"})
