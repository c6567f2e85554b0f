"""How long two people's extraction takes to compare, and its page to make.

    PYTHONPATH=workflow/scripts python benchmarks/readings.py [STUDIES] [CELLS]

makes up STUDIES studies (500) of CELLS numbers each (10), every number read by two, one in ten of
them differently, and studies.csv by both; prints seconds of this process for each part.
"""

import sys
import time

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.extraction import agreement, study_readings
from livingmeta.extraction.desk import cases, page


def outcomes(studies: int, cells: int) -> pd.DataFrame:
    """Rows as results/extraction/outcomes.csv has them, each number twice."""
    draw = np.random.default_rng(1)
    rows = []
    for study in range(studies):
        for cell in range(cells):
            value = float(draw.integers(10, 60))
            for who, off in (("kim", 0), ("ann", int(draw.random() < 0.1))):
                row = {
                    "study_id": f"study-{study}",
                    "outcome": "os",
                    "arm": "a",
                    "time": 6.0 * cell,
                }
                row |= {"statistic": "events", "value": value + off, "n": 80, "extractor": who}
                row |= {"source": f"p. {cell}", "printed": f"{value + off:g}"}
                rows.append(row | {"row": len(rows) + 2})
    blank = tables.empty("extraction/outcomes")
    found = pd.concat([blank, pd.DataFrame(rows)], ignore_index=True)
    texts = [c for c, rule in tables.schema("extraction/outcomes")["columns"].items()
             if rule["type"] == "string" and c in found]  # fmt: skip
    found[texts] = found[texts].fillna("")
    return found


def studies_of(who: str, many: int) -> pd.DataFrame:
    """One person's studies.csv."""
    table = pd.DataFrame({"study_id": [f"study-{i}" for i in range(many)]})
    table["records"] = "doi:10.1/" + table["study_id"]
    table["label"], table["year"] = table["study_id"], pd.array([2015] * many, dtype="Int64")
    table["design"] = ["RCT" if i % 20 or who == "kim" else "cohort" for i in range(many)]
    table["row"] = range(2, many + 2)
    return table


def main() -> None:
    """Time each part once."""
    many, cells = (int(a) for a in (sys.argv[1:] + ["500", "10"][len(sys.argv) - 1 :]))
    made = outcomes(many, cells)
    begun = time.process_time()

    def told(what: str) -> None:
        nonlocal begun
        print(f"{what}: {time.process_time() - begun:.2f} s")
        begun = time.process_time()

    two = agreement.compare(made)
    told(f"{len(made)} rows of {many} studies compared, {len(two.readings)} cells")
    found = cases.of_numbers(made, made, tables.empty("extraction/problems"))
    told(f"{len(found['cases'])} cases laid side by side")
    merged = study_readings.merge([(who, studies_of(who, many)) for who in ("kim", "ann")])
    told(f"{len(merged.fields)} fields of studies compared")
    text = page.render(found, *[tables.empty("extraction/quotes")] * 2, title="Made up")
    told(f"the page made, {len(text) / 1e6:.1f} MB")
    one = made[made["extractor"] == "kim"]
    begun = time.process_time()
    alone = cases.of_numbers(one, one, tables.empty("extraction/problems"))
    page.render(alone, *[tables.empty("extraction/quotes")] * 2, title="Made up")
    told("the page where one person alone has read")


if __name__ == "__main__":
    main()
