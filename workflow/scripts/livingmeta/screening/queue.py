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
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from livingmeta.errors import InternalError
from livingmeta.screening.decisions import STAGES, Resolution
from livingmeta.screening.terms import EMPTY, LETTERS, WORD

COLUMNS = ["record_id", "rank", "score", "words", "why"]
# Chosen on five of the thirteen benchmark reviews, the other eight held back (docs/screening.md).
UNREAD = 0.7  # how much an unread record counts, beside an excluded one
COST = 3.0  # inverse strength of the ridge penalty, liblinear's C
SHOWN = 5  # words shown for a record
FEW = 50  # below this many records, a word that stands in one of them counts too


@dataclass(frozen=True)
class Corpus:
    """Records as vectors: `matrix` (records, words), the protocol's `query` (1, words) and
    `words`, how each column is shown."""

    matrix: Any  # sparse, of scipy
    query: Any
    words: list[str]


def _stems(text: str) -> list[str]:
    """The words of a text as they count, and its pairs of neighbouring words."""
    single = [word[:LETTERS] for word in WORD.findall(text.lower())]
    return single + [f"{a} {b}" for a, b in pairwise(single)]


def corpus(texts: Sequence[str], terms: Iterable[str] = ()) -> Corpus:
    """Weigh the words of `texts` (title and abstract of each record) by TF-IDF.

    `terms`: the protocol's own texts. Words in nearly all records, or in one alone, say nothing
    and are left out. Rows have length 1, or 0 where a record has no word that counts.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = list(texts)
    few = len(texts) < FEW
    vectors = TfidfVectorizer(
        analyzer=_stems, sublinear_tf=True, min_df=1 if few else 2, max_df=1.0 if few else 0.95
    )
    try:
        matrix = vectors.fit_transform(texts)
    except ValueError:  # no record has a title or an abstract, or none has a word that counts
        return Corpus(csr_matrix((len(texts), 0)), csr_matrix((1, 0)), [])
    asked = [word for text in terms for word in WORD.findall(text.lower()) if word not in EMPTY]
    query = vectors.transform([" ".join(asked)])
    return Corpus(matrix, query, _shown(texts, vectors.get_feature_names_out()))


def _shown(texts: Sequence[str], stems: Iterable[str]) -> list[str]:
    """Each stem as the whole word that stands for it most often."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(set(WORD.findall(text.lower())))
    whole: dict[str, str] = {}
    for word, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0])):
        whole.setdefault(word[:LETTERS], word)
    return [" ".join(whole[part] for part in name.split(" ")) for name in stems]


def weigh(of: Corpus, labels: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Weight of each word and the intercept, from `labels`: 1 included, 0 excluded, -1 unread.

    None where nothing can be learnt: no record included and no word of the protocol among them,
    or no other record to tell it from.
    """
    from scipy.sparse import vstack
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    labels = np.asarray(labels)
    asked = of.query.nnz > 0
    y = np.concatenate([labels == 1, [True]]) if asked else labels == 1
    if not y.any() or y.all() or not of.words:
        return None
    weight = np.where(labels < 0, UNREAD, 1.0)
    others = weight[labels != 1].sum()
    weight = np.concatenate([weight, [1.0]]) if asked else weight
    weight[y] *= others / weight[y].sum()  # both sides count alike
    weight *= len(weight) / weight.sum()
    # ASSUME liblinear's dual solver: with its seed fixed the same records give the same weights.
    model = LogisticRegression(C=COST, solver="liblinear", dual=True, random_state=0, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an order needs no last digit
        model.fit(vstack([of.matrix, of.query]) if asked else of.matrix, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def scores(of: Corpus, learnt: tuple[np.ndarray, float] | None) -> np.ndarray:
    """How much speaks for each record, 0 to 1: it makes an order and is no probability."""
    if learnt is None:
        return np.zeros(of.matrix.shape[0])
    return np.round(expit(of.matrix @ learnt[0] + learnt[1]), 6)


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
    texts = (records["title"].fillna("") + "\n" + records["abstract"].fillna("")).tolist()
    of = corpus(texts, terms)
    learnt = weigh(of, labels)
    score = scores(of, learnt)
    at = np.flatnonzero(open_)
    at = at[np.argsort(-score[at], kind="stable")]
    return pd.DataFrame(
        {
            "record_id": records["record_id"].to_numpy(dtype=object)[at],
            "rank": np.arange(1, len(at) + 1),
            "score": score[at],
            "words": _spoke(of, learnt, at),
            "why": _basis(of, learnt, labels),
        },
        columns=COLUMNS,
    )


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
        later = (resolution.excluded, resolution.awaiting, resolution.conflicts)
        settled["include"] += [record for table in later for record in ids(table, second)]
    said = [(record, decision) for decision, some in settled.items() for record in some]
    open_ = resolution.awaiting.loc[
        resolution.awaiting["stage"] == stage, ["record_id", "title", "state"]
    ]
    known = records[records["record_id"].isin({*open_["record_id"], *(r for r, _ in said)})]
    order = rank(known, pd.DataFrame(said, columns=["record_id", "decision"]), terms=terms)
    return order.merge(open_, on="record_id", validate="1:1").assign(stage=stage)


def _spoke(of: Corpus, learnt: tuple[np.ndarray, float] | None, at: np.ndarray) -> list[str]:
    """The words that spoke most for each of the records `at`."""
    if learnt is None:
        return [""] * len(at)
    gains = of.matrix.tocsr()[at].multiply(learnt[0][None, :]).tocsr()
    out = []
    for start, end in pairwise(gains.indptr):
        gain, column = gains.data[start:end], gains.indices[start:end]
        best = np.lexsort((column, -np.round(gain, 9)))[: 4 * SHOWN]
        chosen: list[str] = []
        for word in (of.words[column[j]] for j in best if gain[j] > 0):
            parts = set(word.split())
            if not parts & EMPTY and not any(parts & set(c.split()) for c in chosen):
                chosen.append(word)
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
