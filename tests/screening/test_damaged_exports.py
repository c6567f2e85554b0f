"""Damaged exports: no crash, and no title that is still whole gets lost or merged in silence."""

import random
import re
from collections import Counter

import pytest

from livingmeta.screening import readers

SETS = {
    "RIS": ("TY  - JOUR\nAU  - Kim, K\nTI  - {title}\nJF  - J Ex\nSP  - {n}\nDO  - 10.1000/{n}\n"
            "AB  - Some text\nof two lines.\nER  - \n\n"),
    "PubMed": ("PMID- {n}\nOWN - NLM\nDP  - 2020\nTI  - {title}\nPG  - {n}-9\nFAU - Kim, Kyung\n"
               "AB  - Some text\n      of two lines.\nSO  - J Ex {n}\n\n"),
    "Web of Science": "PT J\nAU Kim, K\n   Li, J\nTI {title}\nSO J E\nBP {n}\nDI 10.1/{n}\nER\n\n",
    "EndNote": "%0 Journal Article\n%A Kim, K\n%T {title}\n%J J Ex\n%P {n}-{n}9\n%X Some text\n\n",
}  # fmt: skip
NOISE = ["", "1.", "Record #1 of 9", "some text", "ER  - ", "TY  - JOUR", "\ufeff", "IL-6 was low"]
TITLE = re.compile(r"^(?:TI  - |TI |%T )(Title number \d+ of a study in many words)$", re.MULTILINE)


def _damaged(text, draw):
    for _ in range(draw.randrange(1, 4)):
        lines = text.split("\n")
        at, how = draw.randrange(len(lines)), draw.randrange(6)
        if how == 0:
            text = text[: draw.randrange(20, len(text) + 1)]
            continue
        if how == 1:
            del lines[at : at + draw.randrange(1, 6)]
        elif how == 2:
            lines[at:at] = lines[at : at + 5]
        elif how == 3 and at + 1 < len(lines):
            lines[at] += lines.pop(at + 1)
        elif how == 4:
            lines.insert(at, draw.choice(NOISE))
        else:
            lines[at] = "".join(draw.choice('ab <>&"{}@%-;,: ä') for _ in range(9))
        text = "\n".join(lines)
        if len(text) < 30:
            break
    return text


def _check(seeds, path):
    for seed in seeds:
        draw = random.Random(seed)
        name = draw.choice(sorted(SETS))
        text = "".join(
            SETS[name].format(n=n, title=f"Title number {n} of a study in many words")
            for n in range(101, 106)
        )
        text = _damaged(text, draw)
        path.write_bytes(text.encode(draw.choice(["utf-8", "utf-16"])))
        try:
            records, rejects = readers.read(path)
        except readers.ReadError:
            assert not TITLE.search(text) or len(text) < 400, (seed, text)
            continue
        there = Counter(TITLE.findall(text))
        kept = Counter(t for raw in (*records["raw"], *rejects["raw"]) for t in TITLE.findall(raw))
        assert kept == there, (seed, name)
        for raw, title in zip(records["raw"], records["title"], strict=True):
            distinct = set(TITLE.findall(raw))
            assert len(distinct) < 2 or all(t in title for t in distinct), (seed, name)


def test_damaged_exports(tmp_path):
    _check(range(400), tmp_path / "export")


@pytest.mark.heavy
def test_ten_thousand_damaged_exports(tmp_path):
    _check(range(1_000, 11_000), tmp_path / "export")
