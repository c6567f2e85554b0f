"""Texts as vectors: their words, and pairs of neighbouring words, weighed by TF-IDF.

What scikit-learn's TfidfVectorizer gives (`sublinear_tf`: the fourth mention of a word adds less
than the second; rows of length 1), counted on numbers instead of strings, so that 100,000 records
can be counted: a pair of words is never made as text. A test holds the two together.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from livingmeta.screening.terms import LETTERS

FEW = 50  # below this many records, a word that stands in one of them counts too
COMMON = 0.95  # a word in more than this share of the records says nothing
AT_ONCE = 2000  # texts that are counted in one go
# Words are the runs of terms.WORD, but cut out as bytes, which takes half the time.
_BETWEEN = re.compile(r"[^\w\x00-\x7f]")
_BLANKED = bytes(
    b if b > 127 or chr(b).isalnum() or b == ord("_") else ord(" ") for b in range(256)
)


@dataclass(frozen=True)
class Vocabulary:
    """The words that count, a column of vectors each, in the order of their names.

    `stems`: the place of each stem among all, sorted, from 1. `keys`: by column, the place of the
    first word times `base`, and that of the second where it is a pair. `idf`: by column, how much
    it weighs. `whole`: by place of the stem, the whole word that stands for it most often.
    """

    stems: dict[str, int]
    keys: pd.Index
    idf: np.ndarray
    whole: list[str]

    @property
    def base(self) -> int:
        """A number above the place of every stem."""
        return len(self.stems) + 1

    def names(self, columns: np.ndarray) -> list[str]:
        """How columns are shown: the whole word, or the two of a pair."""
        first, second = np.divmod(self.keys.to_numpy()[columns], self.base)
        return [
            f"{self.whole[a]} {self.whole[b]}" if b else self.whole[a]
            for a, b in zip(first.tolist(), second.tolist(), strict=True)
        ]


# Of some texts, how many they are; then the row of each word that stands in one of them, its key,
# and how often it stands there.
_Counts = tuple[int, np.ndarray, np.ndarray, np.ndarray]


def learn(texts: Sequence[str]) -> tuple[Vocabulary, Any]:
    """The words of `texts` that count, and `texts` as vectors (a sparse matrix, a row each).

    Words in nearly all texts, or in one alone, say nothing and are left out. A row has length 0
    where a text has no word that counts.
    """
    from scipy.sparse import vstack

    number = _Numbers()
    words, lengths = _looked_up(texts, number)
    names = number.words
    stems = {stem: i for i, stem in enumerate(sorted({name[:LETTERS] for name in names}), 1)}
    places = np.array([stems[name[:LETTERS]] for name in names], dtype=np.int64)
    places = places.astype(np.int32)[words]
    # Counted twice, here and for the vectors: that is quicker than it would be to keep them all.
    counted = _counted(places, lengths, len(stems) + 1)
    keys, standing = _distinct(np.concatenate([key for *_, key, _ in counted]))
    few = len(texts) < FEW
    known = (standing >= (1 if few else 2)) & (standing <= len(texts) * (1.0 if few else COMMON))
    idf = np.log((len(texts) + 1) / (standing[known] + 1)) + 1
    whole = _whole(names, stems, words, lengths)
    vocabulary = Vocabulary(stems, pd.Index(keys[known]), idf, whole)
    counted = _counted(places, lengths, vocabulary.base)
    return vocabulary, vstack([_weighed(vocabulary, some) for some in counted], format="csr")


def vectors(vocabulary: Vocabulary, texts: Sequence[str]) -> Any:
    """`texts` as vectors (a sparse matrix, a row each) over the words of `vocabulary`."""
    from scipy.sparse import vstack

    places, lengths = _looked_up(texts, _Places(vocabulary.stems))
    counted = _counted(places, lengths, vocabulary.base)
    return vstack([_weighed(vocabulary, some) for some in counted], format="csr")


class _Numbers(dict[bytes, int]):
    """`words` by number, in the order in which they come; -1 for a single letter, which is none."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def __missing__(self, raw: bytes) -> int:
        word, number = raw.decode(), len(self.words)
        if len(word) < 2:
            number = -1
        else:
            self.words.append(word)
        self[raw] = number
        return number


class _Places(dict[bytes, int]):
    """Words by the place of their stem, 0 for a stem that is not among the known ones."""

    def __init__(self, stems: dict[str, int]) -> None:
        super().__init__()
        self.stems = stems

    def __missing__(self, raw: bytes) -> int:
        word = raw.decode()
        place = self.stems.get(word[:LETTERS], 0) if len(word) > 1 else -1
        if place:  # unknown words are not kept: there is no end of them
            self[raw] = place
        return place


def _looked_up(texts: Iterable[str], number: Mapping[bytes, int]) -> tuple[np.ndarray, np.ndarray]:
    """The number of each word of all texts, one text after the other, and how many words each
    text has."""
    words, lengths = array("i"), array("i")
    of = number.__getitem__
    for text in texts:
        before, text = len(words), text.lower()
        if not text.isascii():
            text = _BETWEEN.sub(" ", text)
        words.extend(map(of, text.encode("utf-8", "replace").translate(_BLANKED).split()))
        lengths.append(len(words) - before)
    found = np.asarray(words, dtype=np.int32)
    row = np.repeat(np.arange(len(lengths), dtype=np.int32), np.asarray(lengths, dtype=np.int64))
    return found[found >= 0], np.bincount(row[found >= 0], minlength=len(lengths))


def _parts(words: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Some texts at a time: how many, and the row and the number of each of their words."""
    ends = np.concatenate([[0], np.cumsum(lengths)])
    for first in range(0, max(1, len(lengths)), AT_ONCE):
        some = lengths[first : first + AT_ONCE]
        mine = words[ends[first] : ends[first + len(some)]].astype(np.int64)
        yield len(some), np.repeat(np.arange(len(some)), some), mine


def _counted(places: np.ndarray, lengths: np.ndarray, base: int) -> Iterator[_Counts]:
    """How often each word, and each pair of neighbours, stands in each text; `places`: of the stem
    of each word, 0 where it is not known."""
    for size, row, place in _parts(places, lengths):
        known = place > 0
        pair = known[1:] & known[:-1] & (row[1:] == row[:-1])
        key = np.concatenate([place[known] * base, (place[:-1] * base + place[1:])[pair]])
        at = np.concatenate([row[known], row[1:][pair]])
        found, times = _distinct(at * base**2 + key)
        at, key = np.divmod(found, base**2)
        yield size, at, key, times


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones of some numbers, sorted, and how often each stands there. The array that
    is given is sorted in its place: np.unique would take three times its memory."""
    values.sort()
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    return values[starts], np.diff(starts, append=len(values))


def _weighed(vocabulary: Vocabulary, counted: _Counts) -> Any:
    """Counts as vectors of length 1."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    size, row, key, times = counted
    column = vocabulary.keys.get_indexer(pd.Index(key))
    known = column >= 0
    row, column, times = row[known], column[known], times[known]
    data = (np.log(times) + 1) * vocabulary.idf[column]
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=size))])
    shape = size, len(vocabulary.keys)
    matrix = csr_matrix((data, column.astype(np.int32), starts.astype(np.int32)), shape=shape)
    return normalize(matrix, copy=False) if shape[1] and size else matrix


def _whole(
    names: list[str], stems: dict[str, int], words: np.ndarray, lengths: np.ndarray
) -> list[str]:
    """By the place of a stem, the whole word of it that stands in most texts."""
    seen = np.zeros(len(names), dtype=np.int64)
    for _, row, word in _parts(words, lengths):
        each, _ = _distinct(row * len(names) + word)
        seen += np.bincount(each % max(1, len(names)), minlength=len(names))
    whole = [""] * (len(stems) + 1)
    for i in sorted(range(len(names)), key=lambda i: (-seen[i], names[i])):
        place = stems[names[i][:LETTERS]]
        whole[place] = whole[place] or names[i]
    return whole
