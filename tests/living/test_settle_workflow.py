"""What waits for people, through the whole workflow: list, closing words and page say the same."""

import csv

import pytest

from running import ROOT, run, snakemake

pytestmark = pytest.mark.heavy

OUTCOMES = "data/raw/extraction/outcomes.csv"


@pytest.fixture(scope="module")
def done(finished_run, tmp_path_factory):
    """The small review with things to settle, run as far as its page; and what the run said."""
    folder = tmp_path_factory.mktemp("settle")
    finished_run(folder)
    searches = folder / "data/raw/searches/searches.csv"
    text = searches.read_text()
    assert ",5," in text
    searches.write_text(text.replace(",5,", ",9,", 1))
    printed = folder / OUTCOMES
    lines = printed.read_text().splitlines()
    again = next(line for line in lines if "76.5" in line)
    lines.append(again.replace("76.5", "67.5"))
    printed.write_text("\n".join([*lines, ""]))
    studies = folder / "data/raw/extraction/studies.csv"
    lines = studies.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("costa-2017")]
    assert len(kept) == len(lines) - 1
    studies.write_text("\n".join([*kept, ""]))
    printed.write_text(
        "\n".join(x for x in printed.read_text().splitlines() if "costa-2017" not in x) + "\n"
    )
    (folder / "data/raw/extraction/risk-of-bias.csv").write_text("study_id\n")
    return folder, run(ROOT, folder, "render").text


def listed(folder):
    with (folder / "results/to_settle.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_waits_is_listed_with_its_place_and_cure(done):
    folder, _ = done
    rows = listed(folder)
    where = {row["kind"]: (row["study_id"] or row["record"], row["file"]) for row in rows}
    assert where["hits-unlike-records"][1].startswith("data/raw/searches/")
    assert where["unread-file"] == ("", "data/raw/extraction/risk-of-bias.csv")
    assert where["printed-twice"][1] == OUTCOMES
    assert where["report-without-study"][0].startswith("doi:")
    assert where["study-without-effect"] == ("eriksen-2019", OUTCOMES)
    twice = next(row for row in rows if row["kind"] == "printed-twice")
    lines = (folder / OUTCOMES).read_text().splitlines()
    first, second = (lines[int(row) - 1] for row in twice["rows"].split(", "))
    assert first.replace("76.5", "67.5") == second


def test_closing_words_and_page_tell_each_kind_of_the_list(done):
    folder, said = done
    page = (folder / "results/report.html").read_text()
    kinds = {row["kind"] for row in listed(folder)}
    assert all(f'id="to-settle-{kind}"' in page for kind in kinds)
    for words in (
        "1  export that does not hold the hits of its search",
        "1  file or folder that nobody reads",
        "1  included report without a study",
        "1  cell with two values",
        "1  included study without an effect",
    ):
        assert words in said
        assert words[3:] in page
    assert "Nothing waits" not in said + page


def test_a_run_of_some_stages_reads_no_older_list(done):
    folder, _ = done
    raw = folder / "data/raw/extraction/risk-of-bias.csv"
    content = raw.read_bytes()
    raw.unlink()
    said = run(ROOT, folder, "screen").text
    assert "nobody reads" not in said
    assert "Nothing waits" not in said
    assert "told at the end of a whole run" in said
    printed = folder / OUTCOMES
    whole = printed.read_text()
    printed.write_text(whole.replace("survival,76.5,", "survival,176.5,"))
    failed = snakemake(ROOT, folder, "render")
    assert failed.returncode == 1
    assert "nobody reads" not in failed.text
    assert "Nothing waits" not in failed.text
    printed.write_text(whole)
    raw.write_bytes(content)
