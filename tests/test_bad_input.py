"""Bad input ends in one clear message and leaves earlier results as they were.

Each case breaks one thing in a review that has been run once. The message must name the file and
what is wrong; no result may change; and the next run must not take the old results for new ones.
"""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from running import ROOT, digests, planned, review, run, snakemake

RAW = "data/raw/"
OUTCOMES = RAW + "extraction/outcomes.csv"
STUDIES = RAW + "extraction/studies.csv"
DECISIONS = RAW + "screening/decisions.csv"
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "bad_input.yaml").read_text())


@pytest.fixture
def broken(finished_run, tmp_path):
    """A copy of the finished review, results and all, to break."""
    finished_run(tmp_path / "review")
    return tmp_path / "review"


def marked(case: dict):
    """A case as a parameter; those that repeat what smaller tests try are heavy."""
    marks = [pytest.mark.heavy] if case.get("heavy") else []
    return pytest.param(case, id=case["name"], marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_bad_input_is_named_and_earlier_results_stay(broken, case):
    before = {k: v for k, v in digests(broken).items() if not k.startswith("logs/")}
    path = broken / case["file"]
    if "replace" in case:
        content = path.read_text()
        assert case["replace"] in content, "the small review changed: mend this case"
        path.write_text(content.replace(case["replace"], case["by"], 1))
    elif "append" in case:
        path.write_text(path.read_text() + case["append"])
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case["content"].encode(case.get("encoding", "utf-8")))
    done = snakemake(ROOT, broken)
    assert done.returncode != 0, done.text
    for words in case["says"]:
        assert words in done.text, f"{words!r} is not said in:\n{done.text}"
    assert "Traceback" not in done.text
    after = {k: v for k, v in digests(broken).items() if not k.startswith("logs/")}
    assert after == before
    if not case["file"].startswith("config/"):
        assert planned(ROOT, broken), "the next run would take the old results for current ones"


def test_old_results_are_not_passed_off_as_new_ones(broken):
    path = broken / OUTCOMES
    path.write_text(path.read_text().replace("survival,62.5,40", "survival,60,40"))
    before = digests(broken)
    done = snakemake(ROOT, broken, "--touch")
    assert done.returncode != 0
    assert "--touch would pass old results off as new ones" in done.text
    assert digests(broken) == before
    assert "extract" in planned(ROOT, broken)


@pytest.mark.parametrize(
    "given", ["--config", pytest.param("--configfile", marks=pytest.mark.heavy)]
)
def test_a_protocol_laid_over_by_the_command_is_refused(tmp_path, given):
    """No archive would hold it, and the next run would take its results for those of the file."""
    folder, over = review(tmp_path / "review"), tmp_path / "over.yaml"
    over.write_text("syntheses: {survival-1y: {model: {tau2: DL}}}")
    done = snakemake(ROOT, folder, given, {"--config": "review={}"}.get(given, str(over)))
    assert done.returncode != 0
    assert not (folder / "results").exists()
    assert f"gives {'review' if given == '--config' else 'syntheses'}, which" in done.text
    assert "Write into config/config.yaml what is to count" in done.text


@pytest.mark.heavy
def test_the_protocol_itself_may_be_named_on_the_command_line(tmp_path):
    folder = review(tmp_path / "review")
    run(ROOT, folder, "--dry-run", "--configfile", str(folder / "config/config.yaml"))


@pytest.mark.heavy
def test_a_linked_folder_is_read_and_one_that_leads_nowhere_stops_the_run(tmp_path):
    folder = review(tmp_path / "review")
    first, away = folder / "data/raw/searches/first", tmp_path / "drive"
    run(ROOT, folder, "deduplicate")
    before = (folder / "results/screening/records.csv").read_bytes()
    first.rename(away)
    first.symlink_to(away)
    run(ROOT, folder, "deduplicate")
    assert (folder / "results/screening/records.csv").read_bytes() == before
    away.rename(tmp_path / "disconnected")
    done = snakemake(ROOT, folder, "deduplicate")
    assert done.returncode != 0
    assert "data/raw/searches/first is a link to" in done.text


@pytest.mark.heavy
def test_a_file_that_is_not_utf8_is_read_with_a_note(broken):
    path = broken / STUDIES
    path.write_bytes(path.read_text().replace("Ahn 2015", "Åhn 2015").encode("cp1252"))
    run(ROOT, broken, "extract")
    assert "read as Windows-1252" in (broken / "results/logs/extract.log").read_text()
    assert "Åhn 2015" in (broken / "results/extraction/studies.csv").read_text(encoding="utf-8")


@pytest.mark.heavy
def test_decisions_on_what_no_export_holds_are_kept_and_reported(broken):
    """A record that has vanished, and a slip of the hand: the run goes on, and counts stay."""
    counts = (broken / "results/screening/flow.json").read_text()
    before = (broken / DECISIONS).read_text()
    gone = "doi:10.5555/gone,title-abstract,ab,include,,2025-02-03,\n"
    slip = "doi:10.5555/tm.13,title-abstract,cd,exclude,,2025-02-03,\n"
    (broken / DECISIONS).write_text(before + gone + slip)
    run(ROOT, broken)
    assert (broken / "results/screening/flow.json").read_text() == counts
    kept = pd.read_csv(broken / "results/screening/unmatched.csv", keep_default_na=False)
    assert kept["record"].tolist() == ["doi:10.5555/gone", "doi:10.5555/tm.13"]
    assert kept["perhaps"].tolist() == ["", "doi:10.5555/tm.1"]
    log = (broken / "results/logs/screen.log").read_text()
    assert "'doi:10.5555/gone'; no export holds this record. The decision is kept" in log
    assert "doi:10.5555/gone" in (broken / "results/report.html").read_text()


@pytest.mark.heavy
def test_a_synthesis_without_a_usable_study_is_reported_and_the_run_goes_on(broken):
    path = broken / "config" / "config.yaml"
    path.write_text(path.read_text().replace("time: 12", "time: 600"))
    run(ROOT, broken)
    unusable = (broken / "results/effects/unusable.csv").read_text()
    assert unusable.count("survival-1y,") == 5
    assert "survival-1y" not in (broken / "results/pooling/pooled.csv").read_text()
    assert "survival-1y" in (broken / "results/pooling/decisions.csv").read_text()
    assert "No study" in (broken / "results/report.html").read_text()


@pytest.mark.heavy
def test_after_mending_the_results_are_those_of_an_undisturbed_run(broken):
    before = digests(broken)
    path = broken / OUTCOMES
    content = path.read_text()
    path.write_text(content.replace("survival,62.5,", "survival,162.5,"))
    assert snakemake(ROOT, broken).returncode != 0
    path.write_text(content)
    run(ROOT, broken)
    assert digests(broken) == before
    assert planned(ROOT, broken) == []
