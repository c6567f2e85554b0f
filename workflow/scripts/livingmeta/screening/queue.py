"""The order in which to screen: records like those included so far come first.

A logistic regression on the words and pairs of words of title and abstract (TF-IDF) is fitted to
the decisions so far. The protocol's own text counts as one more included record, so there is an
order before anybody has decided anything. Records that nobody has read yet count as weak
exclusions: most of them will be, and the words that they share are then no longer mistaken for
marks of inclusion (the idea of presumptive non-relevance in Cormack & Grossman's
autonomous active learning, SIGIR 2015). Nothing is ever excluded here; the last in the queue is
still in the queue.
"""

import warnings
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from livingmeta.errors import InternalError
from livingmeta.formulas.special import expit
from livingmeta.screening import vectors
from livingmeta.screening.decisions import PLACES, STAGES, Resolution
from livingmeta.screening.terms import EMPTY, WORD

COLUMNS = ["record_id", "rank", "score", "words", "why"]
# Chosen on five of the thirteen benchmark reviews, the other eight held back (docs/screening.md).
UNREAD = 0.7  # how much an unread record counts, beside an excluded one
COST = 3.0  # inverse strength of the ridge penalty, liblinear's C
SHOWN = 5  # words shown for a record
MANY = 20_000  # beyond this many records, the order is learnt from as many of them
AT_ONCE = 2000  # records that are scored in one go


@dataclass(frozen=True)
class Corpus:
    """Records as vectors: `matrix` (records, words), the protocol's `query` (1, words), and what
    the columns stand for."""

    matrix: Any  # sparse, of scipy
    query: Any
    vocabulary: vectors.Vocabulary


def corpus(texts: Sequence[str], terms: Iterable[str] = ()) -> Corpus:
    """Weigh the words of `texts` (title and abstract of each record) as `vectors.learn` does.

    `terms`: the protocol's own texts.
    """
    vocabulary, matrix = vectors.learn(list(texts))
    asked = [word for text in terms for word in WORD.findall(text.lower()) if word not in EMPTY]
    return Corpus(matrix, vectors.vectors(vocabulary, [" ".join(asked)]), vocabulary)


def weigh(
    of: Corpus, labels: np.ndarray, stand_for: np.ndarray | None = None
) -> tuple[np.ndarray, float] | None:
    """Weight of each word and the intercept, from `labels`: 1 included, 0 excluded, -1 unread.

    `stand_for`: how many records each record stands for, 1 unless told. None where nothing can be
    learnt: no record included and no word of the protocol among them, or no other record to tell
    it from.
    """
    from scipy.sparse import vstack
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    labels = np.asarray(labels)
    asked = of.query.nnz > 0
    y = np.concatenate([labels == 1, [True]]) if asked else labels == 1
    if not y.any() or y.all() or not of.matrix.shape[1]:
        return None
    stand_for = np.ones(len(labels)) if stand_for is None else stand_for
    weight = np.where(labels < 0, UNREAD, 1.0) * stand_for
    others = weight[labels != 1].sum()
    weight = np.concatenate([weight, [1.0]]) if asked else weight
    weight[y] *= others / weight[y].sum()  # both sides count alike
    weight *= (stand_for.sum() + asked) / weight.sum()
    # ASSUME liblinear's dual solver: with its seed fixed the same records give the same weights.
    model = LogisticRegression(C=COST, solver="liblinear", dual=True, random_state=0, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an order needs no last digit
        model.fit(vstack([of.matrix, of.query]) if asked else of.matrix, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def scores(of: Corpus, learnt: tuple[np.ndarray, float] | None) -> np.ndarray:
    """How much speaks for each record, 0 to 1: it makes an order and is no probability."""
    return _score(of.matrix, learnt)


def _score(matrix: Any, learnt: tuple[np.ndarray, float] | None) -> np.ndarray:
    if learnt is None:
        return np.zeros(matrix.shape[0])
    return np.round(expit(matrix @ learnt[0] + learnt[1]), 6)


def teachers(ids: Iterable[str], labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The records to learn from, as their places in `ids`, and how many each stands for.

    All of them up to `MANY`. Beyond that, a share of the included, the excluded and the unread: a
    third of `MANY` each, and more of one where another has fewer, drawn by a checksum of their
    `ids`, so that the same records are drawn again in the next run.
    """
    if len(labels) <= MANY:
        return np.arange(len(labels)), np.ones(len(labels))
    chance = np.array([zlib.crc32(i.encode()) for i in ids], dtype=np.int64)
    groups = sorted((np.flatnonzero(labels == kind) for kind in (1, 0, -1)), key=len)
    stand_for, room = np.zeros(len(labels)), MANY
    for left, group in zip((3, 2, 1), groups, strict=True):
        drawn = group[np.argsort(chance[group], kind="stable")[: room // left]]
        stand_for[drawn] = len(group) / max(1, len(drawn))
        room -= len(drawn)
    taught = np.flatnonzero(stand_for)
    return taught, stand_for[taught]


def rank(
    records: pd.DataFrame, decisions: pd.DataFrame, *, terms: Iterable[str] = ()
) -> pd.DataFrame:
    """The records that nobody has decided on, most promising first.

    `records`: `record_id, title, abstract`. `decisions`: `record_id, decision`, one row a settled
    record; `include` and `exclude` teach, any other takes the record out of the queue untaught.
    `terms`: the protocol's texts on who is let in. Returns the columns `COLUMNS`: `rank` from 1,
    `words` that spoke most for the record, `why`, what the order rests on. Records that score
    alike stand in the order of their `record_id`, so the order of the rows of `records` is of no
    consequence. Raises InternalError for a decision on a record that is not there.
    """
    records = records.sort_values("record_id", ignore_index=True)
    said = dict(zip(decisions["record_id"], decisions["decision"], strict=True))
    unknown = sorted(set(said) - set(records["record_id"]))
    if unknown:
        raise InternalError(f"decisions on records that are not among the records: {unknown[:5]}")
    code = {"include": 1, "exclude": 0}
    labels = np.array([code.get(said.get(r, ""), -1) for r in records["record_id"]], dtype=int)
    open_ = np.array([r not in said for r in records["record_id"]], dtype=bool)
    told = records[["title", "abstract"]].fillna("")
    taught, stand_for = teachers(records["record_id"], labels)
    of = corpus(_texts(told.iloc[taught]), terms)
    learnt = weigh(of, labels[taught], stand_for)
    at = np.flatnonzero(open_)
    score, words = np.zeros(len(at)), np.full(len(at), "", dtype=object)
    for first in range(0, len(at), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        if len(taught) == len(records):
            matrix = of.matrix[at[some]]
        else:
            matrix = vectors.vectors(of.vocabulary, _texts(told.iloc[at[some]]))
        score[some] = _score(matrix, learnt)
        words[some] = _spoke(of, learnt, matrix)
    order = np.argsort(-score, kind="stable")
    return pd.DataFrame(
        {
            "record_id": records["record_id"].to_numpy(dtype=object)[at[order]],
            "rank": np.arange(1, len(at) + 1),
            "score": score[order],
            "words": words[order],
            "why": _basis(of, learnt, labels),
        },
        columns=COLUMNS,
    )


def _texts(told: pd.DataFrame) -> list[str]:
    """Title and abstract of each record in one."""
    return (told["title"] + "\n" + told["abstract"]).tolist()


def at(
    records: pd.DataFrame, resolution: Resolution, stage: str, terms: Iterable[str] = ()
) -> pd.DataFrame:
    """The queue of one stage: the columns of `rank` with `title`, `state` and `stage`.

    It learns from what is settled at that stage. One vote of the two that a record needs teaches
    nothing yet: the order would give it away to the second reviewer. Conflicts wait for the
    consensus and not for the queue.
    """
    first, second = STAGES

    def ids(table, of=None):
        return (table if of is None else table[table["stage"] == of])["record_id"].tolist()

    settled = {"exclude": ids(resolution.excluded, stage), "include": ids(resolution.included)}
    if stage == first:
        later = (getattr(resolution, place) for place in PLACES[1:])
        settled["include"] += [record for table in later for record in ids(table, second)]
    said = [(record, decision) for decision, some in settled.items() for record in some]
    open_ = resolution.awaiting.loc[
        resolution.awaiting["stage"] == stage, ["record_id", "title", "state"]
    ]
    known = records[records["record_id"].isin({*open_["record_id"], *(r for r, _ in said)})]
    order = rank(known, pd.DataFrame(said, columns=["record_id", "decision"]), terms=terms)
    return order.merge(open_, on="record_id", validate="1:1").assign(stage=stage)


def _spoke(of: Corpus, learnt: tuple[np.ndarray, float] | None, matrix: Any) -> list[str]:
    """The words that spoke most for each of the records whose vectors `matrix` holds."""
    if learnt is None:
        return [""] * matrix.shape[0]
    gain = matrix.data * learnt[0][matrix.indices]
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    row, column, gain = (part[gain > 0] for part in (row, matrix.indices, gain))
    # By row and by gain; of words that gain alike the first by name, for so the columns stand.
    order = np.argsort(row * 10**12 - np.rint(gain * 1e9).astype(np.int64), kind="stable")
    starts = np.searchsorted(row, np.arange(matrix.shape[0]))
    first = np.arange(len(row)) - starts[row] < 4 * SHOWN
    best = of.vocabulary.names(column[order[first]])
    ends = np.searchsorted(row[first], np.arange(matrix.shape[0] + 1))
    out = []
    for start, end in pairwise(ends.tolist()):
        chosen: list[str] = []
        said = set(EMPTY)
        for word in best[start:end]:
            parts = word.split(" ")
            if said.isdisjoint(parts):
                chosen.append(word)
                said.update(parts)
        out.append("; ".join(chosen[:SHOWN]))
    return out


def _basis(of: Corpus, learnt: tuple[np.ndarray, float] | None, labels: np.ndarray) -> str:
    """What the order rests on, in a few words."""
    included, excluded = int((labels == 1).sum()), int((labels == 0).sum())
    asked = of.query.nnz > 0
    if learnt is None:
        return "no order yet: nothing is included, and no word of the protocol is in the records"
    if included + excluded == 0:
        return "like the words of the protocol"
    learned = f"like the {included} included, unlike the {excluded} excluded so far"
    if included == 0:
        learned = f"unlike the {excluded} excluded so far"
    return f"{learned}, and like the words of the protocol" if asked else learned
