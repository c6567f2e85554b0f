"""What today's code makes of drawn curves, exports and decisions: rows of codes and numbers."""

import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd

from frozen import draws
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas import individual_data
from livingmeta.screening import agreement, decisions, flow, stopping
from livingmeta.screening.duplicates import links as duplicates
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export
from screening.test_damaged_exports import SETS, _damaged, _export


def curves() -> Iterator[dict]:
    """Patients found again in curves clicked finely or coarsely, with much beside them or not."""
    for seed in range(45):
        rng = Random(f"curve {seed}")
        n, every = rng.choice([9, 25, 60, 150]), rng.choice([3, 6, 12, 100])
        death = [rng.expovariate(0.06) for _ in range(n)]
        leaves = [rng.uniform(2, 48) for _ in range(n)]
        time = np.minimum(death, leaves)
        data = {"time": time, "event": np.array(death) <= np.array(leaves)}
        km = individual_data.kaplan_meier(data)
        kept = sorted(
            rng.sample(range(km.time.size), max(2, int(km.time.size * rng.uniform(0.3, 1))))
        )
        clicked = [round(km.survival[i] + rng.gauss(0, 0.003), rng.choice([2, 3])) for i in kept]
        risk_time = np.arange(0, time.max(), every)
        at_risk = [int((time >= t).sum()) for t in risk_time]
        events = int(data["event"].sum()) + rng.choice([0, 0, 1, 3]) if rng.random() < 0.5 else None
        clicks = [0.0, *[round(km.time[i], 1) for i in kept]], [1.0, *clicked]
        try:
            found = rebuild(*clicks, risk_time, at_risk, events)
        except ValueError as error:
            yield {"seed": f"curve {seed}", "error": type(error).__name__}
            continue
        middle, low, high = individual_data.median(found.data)
        mean = individual_data.restricted_mean(found.data, min(10.0, float(km.time[kept[-1]])))
        yield {
            "seed": f"curve {seed}",
            "grade": found.grade,
            "warnings": str(len(found.warnings)),
            "events": found.events,
            "rmse": found.rmse,
            "largest": found.largest_error,
            "median": middle,
            "low": low,
            "high": high,
            "mean": mean.value,
            "variance": mean.variance,
            "sum": float(found.data["time"].sum()),
            "later": float(found.data["time"].max()),
        }


def exports() -> Iterator[dict]:
    """How many records damaged exports hold, where they start, and what they say, as a checksum."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        for name in sorted(SETS):
            for seed in range(9):
                rng = Random(f"{name} {seed}")
                whole = _export(name, range(100, 104))
                path.write_text(_damaged(whole, rng) if seed else whole, encoding="utf-8")
                about = {"format": name, "seed": str(seed)}
                try:
                    read, rejects = export.read(path)
                except export.ReadError:
                    yield about | {"error": "refused"}
                    continue
                said = read.drop(columns=["file", "raw"]).astype(str).to_csv(index=False)
                lines = " ".join(map(str, rejects["line"]))
                yield (
                    about
                    | {"records": str(len(read)), "rejected": lines}
                    | {"checksum": f"{zlib.crc32(said.encode()):08x}"}
                )


def links() -> Iterator[dict]:
    """Which drawn records are copies of one another, which pairs are doubtful, what is merged."""
    for seed in range(14):
        drawn = pd.DataFrame(draws.records(Random(seed), 40))
        found, doubtful = duplicates.find(drawn)
        for table, made in (("same", found), ("doubtful", doubtful)):
            for row in made.to_dict("records"):
                about = {
                    n: row[n] for n in ("record_id", "duplicate_of", "rule", "score") if n in row
                }
                yield {"seed": str(seed), "table": table} | about


def votes() -> Iterator[dict]:
    """What drawn decisions come to: outcomes, agreement, what may lie unseen."""
    for seed in range(10):
        rng = Random(f"votes {seed}")
        rows = draws.records(rng, 25)
        for i, row in enumerate(rows):
            row |= {"file": f"{'ab'[i % 2]}.ris", "source": "ab"[i % 2], "line": i, "raw": ""}
        copies = pd.DataFrame(rows).drop(columns="record_id")
        full = copies.reindex(columns=[*export.RECORD_COLUMNS, "source"], fill_value="")
        whole, same, _, every = records.assemble(
            full.assign(file=copies["file"], line=copies["line"])
        )
        cast = []
        for record in whole["record_id"]:
            for stage in ("title-abstract", "full-text")[: rng.choice([0, 1, 1, 2])]:
                for reviewer in ("kim", "lee", "roe")[: rng.choice([1, 2, 2, 3])]:
                    decision = rng.choice(["include", "include", "include", "exclude", "unsure"])
                    reason = "" if decision != "exclude" or stage[0] == "t" else "wrong-design"
                    day = f"2026-01-{rng.randint(1, 28):02d}"
                    cast.append((record, stage, reviewer, decision, reason, day))
                    if rng.random() < 0.1:
                        cast.append((record, stage, reviewer, "include", "", f"2026-02-{day[-2:]}"))
        names = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
        found = decisions.resolve(
            whole, pd.DataFrame(cast, columns=names), reviewers=2, reasons=["wrong-design"]
        )
        about = {"seed": f"votes {seed}"}
        yield about | {"included": " ".join(found.included["record_id"])}
        for row in found.excluded.to_dict("records"):
            yield about | {n: row[n] for n in ("record_id", "stage", "reason")}
        for row in found.awaiting.to_dict("records"):
            yield about | {n: row[n] for n in ("record_id", "stage", "state")}
        for row in found.conflicts.to_dict("records"):
            yield about | {n: row[n] for n in ("record_id", "stage", "votes")}
        for stage, measured in agreement.measure(found.original).items():
            for one in [*measured.get("pairs", []), measured.get("ac1"), measured.get("alpha")]:
                numbers = {n: v for n, v in (one or {}).items() if isinstance(v, int | float)}
                yield about | {"stage": stage} | numbers
        searches = pd.DataFrame(
            {"file": ["a.ris", "b.ris"], "database": ["PubMed", "Embase"], "source": ""}
        )
        counted = copies["file"].value_counts()
        searches["searched_on"] = ["2026-01-01", "2026-01-20"]
        searches["read"], searches["rejected"] = [int(counted[f]) for f in searches["file"]], 0
        for name, value in flat(flow.count(searches, whole, same, every, found)):
            yield about | {"box": name, "count": value}
        seen = stopping.observed(every, found, searches)
        for confidence in (0.8, 0.95):
            said = stopping.statement(**seen, confidence=confidence)
            kept = {n: v for n, v in said.items() if isinstance(v, int | float)}
            yield about | {"confidence": str(confidence)} | kept


def flat(tree: dict, above: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a nested dict, with the names on the way to it."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{above}{name}", value
