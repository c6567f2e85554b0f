"""How much reading the screening queue saves, and whether its stopping statement can be trusted.

`python benchmarks/screening.py FOLDER` replays finished reviews: files `<review>.csv.gz` with
`title, abstract, label_final` (1 for what the review included in the end). A reader who knows the
answers reads in the order of the queue, which learns again after every fiftieth part of the
records. There is no protocol: until the first included record turns up, records come in a random
order, one for each seed. Printed are medians over the seeds, for the reviews on which the queue's
settings were chosen and for those held back.

Work saved over sampling at 95% recall: the share of records not read when 95% of the relevant
ones have been found, less 5% (Cohen et al., J Am Med Inform Assoc 2006;13:206-19).
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from livingmeta.screening import queue, stopping

# ASReview 3.0.8 with its default model (elas_u4), no priors, one seed, on a machine of two cores:
# work saved over sampling at 95% recall, and seconds.
ASREVIEW = {
    "ADHD": (0.666, 19),
    "Bannach-Brown_2019": (0.415, 63),
    "CalciumChannelBlockers": (0.414, 20),
    "Donners_2021": (0.516, 4),
    "Estrogens": (0.404, 5),
    "Jeyaraman_2020": (0.631, 21),
    "Muthu_2022": (0.757, 4),
    "Nagtegaal_2019": (0.716, 95),
    "Oud_2018": (0.810, 13),
    "ProtonPumpInhibitors": (0.405, 25),
    "Triptans": (0.539, 9),
    "UrinaryIncontinence": (0.393, 6),
    "van_der_Valk_2021": (0.456, 10),
}
CHOSEN_ON = ["ADHD", "Oud_2018", "Triptans", "UrinaryIncontinence", "van_der_Valk_2021"]


def replay(of: queue.Corpus, relevant: np.ndarray, seed: int, step: int) -> np.ndarray:
    """The order in which all records are read, learning again after every `step` of them."""
    n = len(relevant)
    labels = np.full(n, -1)
    chance = np.random.default_rng(seed).permutation(n)
    place = np.argsort(chance)  # decides between records that score alike
    order: list[int] = []
    while len(order) < n:
        learnt = queue.weigh(of, labels)
        score = queue.scores(of, learnt)
        unread = np.flatnonzero(labels < 0)
        ranked = unread[np.lexsort((place[unread], -score[unread]))]
        batch = ranked[:step]
        if learnt is None:
            first = np.flatnonzero(relevant[ranked])
            batch = ranked[: first[0] + 1 if len(first) else n]
        labels[batch] = relevant[batch]
        order += batch.tolist()
        if relevant[order].sum() == relevant.sum():  # what follows is all alike: no need to learn
            rest = np.flatnonzero(labels < 0)
            order += rest[np.lexsort((place[rest], -score[rest]))].tolist()
    return np.array(order)


def read_for(found: np.ndarray, share: float) -> int:
    """Records read when `share` of the relevant ones has been found."""
    return int(np.argmax(found >= np.ceil(share * found[-1] - 1e-9))) + 1


def stop(kept: np.ndarray, step: int) -> dict:
    """The stopping statement, asked for after every `step` records, against the truth.

    `read`: when it first says that enough was read; `recall`: what was true then; `held`: whether
    the bound on the unseen ones was right then; `always`: whether it was right at every time;
    `targets`: by recall aimed at, the share read when it first says enough, and the recall then.
    """
    n, total = len(kept), int(kept.sum())
    targets: dict[float, tuple[float, float]] = {}
    out = {
        "targets": targets,
        "read": n,
        "recall": 1.0,
        "held": True,
        "always": True,
        "expected": 0.0,
        "unseen": 0,
    }
    enough = False
    for read in [*range(step, n, step), n]:
        said = stopping.statement(kept[:read], n - read)
        unseen = total - said["found"]
        right = unseen <= said["unseen_at_most"]
        out["always"] &= right
        for aim in said["targets"]:
            if aim["enough"]:
                targets.setdefault(aim["recall"], (read / n, said["found"] / total))
        if said["enough"] and not enough:
            enough = True
            recall = said["found"] / total
            out.update(read=read, recall=recall, held=right and recall >= 0.95)
            out.update(expected=said["unseen_expected"], unseen=unseen)
    return out


def measure(path: Path, seeds: int, share: float) -> tuple[dict, list[dict]]:
    """One review: a row of medians, and the stopping statements of every run."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    relevant = (table["label_final"] == "1").to_numpy()
    step = max(1, round(len(table) * share))
    start = time.perf_counter()
    of = queue.corpus((table["title"] + "\n" + table["abstract"]).tolist())
    prepared = time.perf_counter() - start
    runs, stops = [], []
    for seed in range(seeds):
        start = time.perf_counter()
        order = replay(of, relevant, seed, step)
        spent = time.perf_counter() - start + prepared
        found = np.cumsum(relevant[order])
        n95 = read_for(found, 0.95)
        saved = 1 - n95 / len(found) - 0.05
        runs.append((saved, n95, read_for(found, 1.0), spent))
        stops.append(stop(relevant[order], step))
    saved, n95, n100, spent = np.median(np.array(runs), axis=0)
    row = {"review": path.name.split(".")[0], "records": len(table), "relevant": relevant.sum()}
    row |= {"saved": saved, "read for 95%": int(n95), "for all": int(n100), "seconds": spent}
    row |= {"stopped at": int(np.median([s["read"] for s in stops]))}
    row |= {"recall then": min(s["recall"] for s in stops)}
    return row, stops


def show(rows: list[dict], what: str) -> None:
    """A summary line of some reviews beside ASReview's figures."""
    known = [row for row in rows if row["review"] in ASREVIEW]
    if not known:
        return
    theirs = [ASREVIEW[row["review"]] for row in known]
    gain = np.array([row["saved"] - saved for row, (saved, _) in zip(known, theirs, strict=True)])
    ours, spent = (float(np.mean([row[k] for row in known])) for k in ("saved", "seconds"))
    print(
        f"{what}: {len(known)} reviews, saved {ours:.3f} (ASReview {ours - gain.mean():.3f}), more "
        f"on {int((gain > 0).sum())}; {spent * len(known):.1f} s "
        f"(ASReview {sum(s for _, s in theirs)} s)"
    )


def main():
    """Print a table with one review a row, and the summaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.02, help="learn after this share is read")
    parser.add_argument("--reviews", nargs="*", default=None)
    asked = parser.parse_args()
    paths = sorted(asked.folder.glob("*.csv.gz"))
    paths = [p for p in paths if asked.reviews is None or p.name.split(".")[0] in asked.reviews]
    rows, stops = [], []
    for path in paths:
        row, more = measure(path, asked.seeds, asked.share)
        if not rows:
            print("|", " | ".join([*row, "ASReview"]), "|\n" + "|---" * (len(row) + 1) + "|")
        cells = [f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()]
        theirs = ASREVIEW.get(row["review"], ("",))[0]
        print("|", " | ".join([*cells, f"{theirs}"]), "|", flush=True)
        rows.append(row)
        stops += more
    print()
    show([row for row in rows if row["review"] in CHOSEN_ON], "settings chosen on these")
    show([row for row in rows if row["review"] not in CHOSEN_ON], "held back")
    show(rows, "all")
    print(f"\n{len(stops)} runs of the stopping statement:")
    for key, words in (
        ("held", "95% recall when it said so"),
        ("always", "bound right throughout"),
    ):
        print(f"  {words}: {np.mean([s[key] for s in stops]):.3f}")
    for aim in stopping.RECALLS:
        read, recall = np.array([s["targets"][aim] for s in stops]).T
        print(
            f"  {aim:.0%} aimed at: {read.mean():.1%} read, reached in "
            f"{np.mean(recall >= aim):.1%} of runs, lowest recall {recall.min():.1%}"
        )
    unseen = [(s["expected"], s["unseen"]) for s in stops]
    print("  unseen then, expected and true (means): {:.2f}, {:.2f}".format(*np.mean(unseen, 0)))


if __name__ == "__main__":
    main()
