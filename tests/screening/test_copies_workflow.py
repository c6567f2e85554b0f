"""Copies of records through the workflow, with a file name that would part a joined cell."""

import csv
import json
from collections import Counter

import pytest

from running import ROOT, review, run

pytestmark = pytest.mark.heavy

NAMES = {"plain": "pubmed.nbib", "odd": "pub; med; 1.nbib"}


def rows(folder, name):
    with (folder / "results" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The small review twice, one export found by searching citations and named in two ways."""
    found = {}
    for which, name in NAMES.items():
        folder = review(tmp_path_factory.mktemp(which) / "review")
        searches = folder / "data/raw/searches"
        (searches / "first/pubmed.nbib").rename(searches / "first" / name)
        lines = (searches / "searches.csv").read_text().splitlines()
        lines = [
            line.replace("first/pubmed.nbib", f"first/{name}")
            + (",citation searching" if "pubmed" in line else ",")
            for line in lines
        ]
        lines[0] = lines[0] + "source" if lines[0].endswith(",") else lines[0] + ",source"
        (searches / "searches.csv").write_text("\n".join([*lines, ""]))
        run(ROOT, folder, "compare", "rank")
        found[which] = folder
    return found


def test_a_name_with_semicolons_is_counted_like_any_other(both):
    flows = [
        json.loads((folder / "results/screening/flow.json").read_text()) for folder in both.values()
    ]
    assert flows[0] == flows[1]
    other = flows[0]["via"]["other_methods"]
    assert other["identified"]["records"] == 4
    # Records that the databases found as well are theirs.
    assert other["records"] < 4
    for name in ("living/records", "screening/records", "screening/queue"):
        assert rows(both["plain"], name) == rows(both["odd"], name), name
    stopping = [(f / "results/screening/stopping.json").read_bytes() for f in both.values()]
    assert stopping[0] == stopping[1]


@pytest.mark.parametrize("which", NAMES)
def test_each_copy_has_its_record_and_its_place(both, which):
    copies = rows(both[which], "screening/copies")
    read = {row["file"]: int(row["read"]) for row in rows(both[which], "screening/searches")}
    assert f"first/{NAMES[which]}" in read
    assert Counter(row["file"] for row in copies) == read
    records = {
        row["record_id"]: int(row["copies"]) for row in rows(both[which], "screening/records")
    }
    assert Counter(row["record_id"] for row in copies) == records
    further = {
        row["record_id"]: row["duplicate_of"] for row in rows(both[which], "screening/duplicates")
    }
    assert further
    owner = {row["copy"]: row["record_id"] for row in copies}
    assert all(owner[copy] == record for copy, record in further.items())
    assert all(row["copy"].startswith(f"{row['file']}:{row['line']}") for row in copies)
