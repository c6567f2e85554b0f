"""How many slips the checks of printed numbers find, and how often they raise what is clean.

    python benchmarks/slips.py slips [EACH] [FIRST]     each kind of slip in EACH made-up studies
    python benchmarks/slips.py clean [STUDIES] [FIRST]  made-up studies without a slip
    python benchmarks/slips.py reviews [COUNT] [FIRST]  made-up reviews of studies with means
    python benchmarks/slips.py trials FOLDER [TIMES]    149 published trials, as a paper prints them

Prints tables in Markdown; docs/checks.md holds them. Studies from the seed FIRST on; FOLDER has
kmdata/*.csv.gz (`time, event, arm`); TIMES: other rounding and other numbers printed each time.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from extraction.made_up_curves import compared, curve
from extraction.made_up_studies import Study, problems
from extraction.slips import SLIPS, found_in
from livingmeta.extraction.checks.run import check

MONTHS = 60.0  # that the longest follow-up of a published trial is stretched to


def slips(each=20, first=100_000):
    """Share of the slips of each kind that are raised, or refused where the row is read."""
    print("| slip | found | of them refused |\n|---|---|---|")
    total = Counter()
    for name, slip in SLIPS.items():
        mine, seed = Counter(), first
        while mine["made"] < each and seed < first + 200 * each:
            study = Study(seed)
            seed += 1
            if slip(study):
                mine["made"] += 1
                mine[found_in(study)] += 1
        told = mine["raised"] + mine["refused"]
        print(f"| {name.replace('_', ' ')} | {told} of {mine['made']} | {mine['refused']} |")
        total += mine
    told = total["raised"] + total["refused"]
    print(f"\n{told} of {total['made']} slips of {len(SLIPS)} kinds found")


def clean(studies=300, first=200_000):
    """What is raised on studies whose numbers are all of the same patients."""
    raised, kinds = Counter(), Counter()
    for seed in range(first, first + studies):
        study = Study(seed)
        found = set(problems([study])["check"])
        raised.update(found)
        kinds[study.kind] += bool(found)
    told(sum(kinds.values()), studies, raised)


def reviews(count=1000, first=1):
    """What is raised where several studies print means and SDs of one scale, none with a slip: of
    normal and of skewed values, of values about nought, and of changes which nobody marked."""
    raised, found = Counter(), 0
    for seed in range(first, first + count):
        rows = means_of_studies(np.random.default_rng(seed), KINDS[seed % len(KINDS)])
        studies = pd.DataFrame({"study_id": rows["study_id"].unique()})
        checks = set(check(rows, studies, in_units=["pain"])["check"])
        raised.update(checks)
        found += bool(checks)
    told(found, count, raised, "reviews")


KINDS = ("normal", "skewed", "about nought", "changes")


def means_of_studies(rng, kind):
    """Rows of outcomes.csv: in each study two arms' means and SDs of 10 to 200 patients; levels and
    SDs vary between studies by a third and a quarter."""
    level = rng.uniform(5, 80)
    spread, rows = level * rng.uniform(0.15, 0.6), []
    for number in range(rng.integers(2, 12)):
        mean, sd = level * np.exp(rng.normal(0, 0.35)), spread * np.exp(rng.normal(0, 0.25))
        mean = {"about nought": rng.normal(0, 0.5) * sd, "changes": -0.4 * sd}.get(kind, mean)
        n, effect = int(rng.integers(10, 200)), rng.normal(-0.3, 0.15) * sd
        for arm, more in (("a", effect), ("b", 0.0)):
            if kind == "skewed":
                shape = (mean / (2 * sd)) ** 2
                values = rng.gamma(shape, mean / shape, n)
            else:
                values = rng.normal(mean + more, sd, n)
            row = {"study_id": f"s{number}", "outcome": "pain", "arm": arm, "statistic": "mean"}
            row |= {"value": round(float(values.mean()), 2), "n": n, "ci_level": 95.0}
            rows.append(row | {"sd": round(float(values.std(ddof=1)), 2), "row": len(rows) + 2})
    return pd.DataFrame(rows)


def trials(folder, times=3):
    """The same on the patients of published trials, whose curves cross and whose hazards vary."""
    raised, count, studies = Counter(), 0, 0
    for number, path in enumerate(sorted((Path(folder) / "kmdata").glob("*.csv.gz"))):
        for time in range(times):
            study = Study(1000 * number + time, "nothing")
            published(study, pd.read_csv(path))
            found = set(problems([study])["check"])
            raised.update(found)
            count += bool(found)
            studies += 1
    told(count, studies, raised)


def published(study, table):
    """What a paper may print of a trial's patients."""
    patients = {}
    longest = table["time"].max()
    for arm, (_, rows) in zip(("local", "control"), table.groupby("arm"), strict=False):
        times = rows["time"].to_numpy() / longest * MONTHS
        patients[arm] = {"time": times, "event": rows["event"].to_numpy()}
    study.about["n"] = sum(len(data["time"]) for data in patients.values())
    study.choose_style()
    for arm, data in patients.items():
        curve(study, "overall-survival", arm, data, len(data["time"]))
    compared(study, patients)
    study.named()


def told(count, studies, raised, what="studies"):
    print(f"{count} of {studies} clean {what} raised")
    for kind, number in raised.most_common():
        print(f"  {kind}: {number}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or [""]
    commands = {"slips": slips, "clean": clean, "reviews": reviews, "trials": trials}
    if command not in commands:
        sys.exit(__doc__)
    np.seterr(all="ignore")
    commands[command](*(int(x) if x.isdigit() else x for x in rest))
