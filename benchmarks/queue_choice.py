"""Would another model make a better screening queue? Chosen by leaving one review out.

`python benchmarks/queue_choice.py FOLDER` replays the finished reviews of `screening.py` with
other features and models. For each review the setting that saves most on all the others is taken,
and what it saves on this one is counted: so no review has a say in what is tried on it. Printed are
the mean of these (work saved over sampling at 95% recall) with a bootstrap interval over reviews,
the review that fares worst, and the same of today's queue.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from livingmeta.screening import queue, vectors

Score = Callable[[np.ndarray], np.ndarray | None]
TODAY = "as it is"


def linear(
    of: Any, labels: np.ndarray, *, unread=queue.UNREAD, cost=queue.COST, balance=1.0, svm=False
) -> np.ndarray | None:
    """What a linear model says of all records; None where it can learn nothing yet."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    y = labels == 1
    if not y.any() or y.all():
        return None
    weight = np.where(labels < 0, unread, 1.0)
    weight[y] *= balance * weight[~y].sum() / weight[y].sum()
    weight *= len(weight) / weight.sum()
    if svm:
        model = LinearSVC(C=cost, random_state=0, max_iter=1000)
    else:
        model = LogisticRegression(
            C=cost, solver="liblinear", dual=True, random_state=0, max_iter=1000
        )
    model.fit(of, y, sample_weight=weight)
    return of @ model.coef_[0] + model.intercept_[0]


def bayes(of: Any, labels: np.ndarray) -> np.ndarray | None:
    """The same of naive Bayes."""
    from sklearn.naive_bayes import MultinomialNB

    y = labels == 1
    if not y.any() or y.all():
        return None
    model = MultinomialNB(alpha=0.1, fit_prior=False)
    model.fit(of, y, sample_weight=np.where(labels < 0, queue.UNREAD, 1.0))
    return np.diff(model.predict_log_proba(of), axis=1)[:, 0]


def settings(table: pd.DataFrame) -> Iterator[tuple[str, Score]]:
    """What is tried on a review, by name."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = (table["title"] + "\n" + table["abstract"]).tolist()
    words = queue.corpus(texts).matrix
    yield TODAY, lambda labels: linear(words, labels)
    for unread in (0.15, 0.3, 0.4, 1.0):
        yield f"unread {unread}", lambda labels, u=unread: linear(words, labels, unread=u)
    for cost in (1.0, 10.0):
        yield f"C {cost:g}", lambda labels, c=cost: linear(words, labels, cost=c)
    yield "included weigh less", lambda labels: linear(words, labels, balance=0.3)
    yield "SVM", lambda labels: linear(words, labels, cost=0.3, svm=True)
    yield "naive Bayes", lambda labels: bayes(words, labels)
    twice = queue.corpus((table["title"] + "\n" + pd.Series(texts)).tolist()).matrix
    yield "title twice", lambda labels: linear(twice, labels)
    yield "title twice, unread 0.3", lambda labels: linear(twice, labels, unread=0.3)
    known = vectors.LETTERS
    for letters in (5, 8, 12):
        vectors.LETTERS = letters
        cut = queue.corpus(texts).matrix
        yield f"{letters} letters", lambda labels, m=cut: linear(m, labels)
    vectors.LETTERS = known
    topics = TruncatedSVD(100, random_state=0).fit_transform(words)
    topics /= np.linalg.norm(topics, axis=1, keepdims=True) + 1e-12
    both = hstack([words, csr_matrix(0.7 * topics)]).tocsr()
    yield "words and topics", lambda labels: linear(both, labels)
    runs = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(4, 5), sublinear_tf=True, min_df=3, max_df=0.9
    ).fit_transform(texts)
    yield "runs of letters", lambda labels: linear(runs, labels)


def saved(score: Score, relevant: np.ndarray, seed: int) -> float:
    """Work saved over sampling at 95% recall, learning again after every fiftieth part."""
    n = len(relevant)
    step, labels = max(1, round(n / 50)), np.full(n, -1)
    place = np.argsort(np.random.default_rng(seed).permutation(n))
    wanted = int(np.ceil(0.95 * relevant.sum() - 1e-9))
    order: list[int] = []
    while relevant[order].sum() < wanted:
        said = score(labels)
        unread = np.flatnonzero(labels < 0)
        ranks = np.zeros(n) if said is None else -np.round(said, 6)
        batch = unread[np.lexsort((place[unread], ranks[unread]))]
        batch = batch[: np.argmax(relevant[batch]) + 1 if said is None else step]
        labels[batch] = relevant[batch]
        order += batch.tolist()
    read = np.flatnonzero(relevant[order])[wanted - 1] + 1
    return float(1 - read / n - 0.05)


def main() -> None:
    """Print what each setting saves, and what choosing among them would."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # an order needs no last digit
    found: dict[str, dict[str, float]] = {}
    for path in sorted(asked.folder.glob("*.csv.gz")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        relevant = (table["label_final"] == "1").to_numpy()
        for name, score in settings(table):
            runs = [saved(score, relevant, seed) for seed in range(asked.seeds)]
            found.setdefault(name, {})[path.name.split(".")[0]] = float(np.mean(runs))
    every = pd.DataFrame(found)
    print(every.mean().sort_values(ascending=False).round(4).to_string(), "\n")
    chosen = {review: every.drop(index=review).mean().idxmax() for review in every.index}
    left_out = pd.Series({review: every.loc[review, name] for review, name in chosen.items()})
    for words, of in (
        ("chosen on the others", left_out),
        (TODAY, every[TODAY]),
        ("difference", left_out - every[TODAY]),
    ):
        draws = np.random.default_rng(0).integers(0, len(of), (10_000, len(of)))
        low, high = np.percentile(of.to_numpy()[draws].mean(axis=1), [2.5, 97.5])
        print(
            f"{words}: {of.mean():.3f} ({low:.3f} to {high:.3f}); "
            f"worst {of.idxmin()} {of.min():.3f}"
        )
    print(
        "chosen:",
        ", ".join(f"{name} ({n})" for name, n in pd.Series(chosen).value_counts().items()),
    )


if __name__ == "__main__":
    main()
