"""Do the readers lose anything, and how fast are they?

    PYTHONPATH=workflow/scripts python benchmarks/readers.py FOLDER [--mutations 10000] [--size N]

FOLDER holds real exports in any subfolders. Files that share a name but for the suffix are one list
in several formats and must agree on title, first author, year and DOI. Then damaged versions of the
files are read (cut, lines lost, doubled, glued, shuffled bytes): reading may refuse a file with a
ReadError but must not crash, and each title line that is still whole must stand in exactly one
record or reject. At last, made-up RIS of the given size is read.
"""

import argparse
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from livingmeta.screening import normalise
from livingmeta.screening.readers import export

_LINES = ["", "1.", "Record #1 of 2", "some text", "ER  - ", "TY  - JOUR"]
_TITLE = re.compile(r"^(?:TI|T1|%T) {0,2}-? ?.{25,}$", re.MULTILINE)


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def inventory(folder: Path) -> None:
    """What each file gave."""
    formats: Counter[str] = Counter()
    records = rejects = 0
    refused = []
    for path in files(folder):
        try:
            read, rejected = export.read(path)
        except export.ReadError as error:
            refused.append(str(error).replace(f"{path}", path.name))
            continue
        formats[read.attrs["format"]] += 1
        records += len(read)
        rejects += len(rejected)
    print(f"{len(files(folder))} files: {records} records, {rejects} rejects, {dict(formats)}")
    for reason in refused:
        print(f"  refused: {reason[:110]}")


def agreement(folder: Path) -> None:
    """Lists that stand there in several formats, against each other."""
    lists = defaultdict(list)
    for path in files(folder):
        lists[path.with_suffix("")].append(path)
    agree = differ = 0
    for name, paths in sorted(lists.items()):
        tables = {}
        for path in paths:
            try:
                tables[path.suffix] = export.read(path)[0]
            except export.ReadError:
                continue
        if len(tables) < 2:
            continue
        largest = max(tables, key=lambda suffix: len(tables[suffix]))
        whole = {_identity(row) for row in tables[largest].to_dict("records")}
        for suffix, table in tables.items():
            ours = [_identity(row) for row in table.to_dict("records")]
            odd = [row for row in ours if row not in whole]
            agree += not odd
            differ += bool(odd)
            if odd or len(table) != len(tables[largest]):
                print(
                    f"  {name.name}{suffix}: {len(table)} of {len(tables[largest])} records, "
                    f"{len(odd)} differ"
                )
            for row in odd[:2]:
                near = min(whole, key=lambda w: sum(a != b for a, b in zip(w, row, strict=True)))
                print(f"      {row}\n      {near}")
    print(f"{agree} files agree with the same list in another format, {differ} do not")


def _identity(row: dict[str, str]) -> tuple[str, str, str, str]:
    title = normalise.title_key(row["title"])
    return title, normalise.family_name(row["authors"]), row["year"], row["doi"]


def damaged(text: str, draw: random.Random) -> str:
    """A text with one to three kinds of damage."""
    for _ in range(draw.randrange(1, 4)):
        lines = text.split("\n")
        at, how = draw.randrange(len(lines)), draw.randrange(7)
        if how == 0:
            text = text[: draw.randrange(len(text) + 1)]
        elif how == 1:
            text = "\n".join(lines[:at] + lines[at + draw.randrange(1, 9) :])
        elif how == 2:
            text = "\n".join([*lines[:at], *lines[at : at + 5], *lines[at:]])
        elif how == 3 and at + 1 < len(lines):
            lines[at] += lines.pop(at + 1)
            text = "\n".join(lines)
        elif how == 4:
            place = draw.randrange(len(text) + 1)
            noise = "".join(draw.choice('\n"{}<>&%@\x00\ufeff -;,:äTYER') for _ in range(6))
            text = text[:place] + noise + text[place:]
        elif how == 5:
            lines.insert(at, draw.choice(_LINES))
            text = "\n".join(lines)
        else:
            other = draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
            text = "\n".join(lines)
    return text


def fuzz(folder: Path, rounds: int, seed: int = 1) -> tuple[Counter, list[str]]:
    """Outcomes of reading damaged files, and what went wrong."""
    draw = random.Random(seed)
    texts = [
        p.read_text(encoding="utf-8-sig", errors="replace")[:40_000]
        for p in files(folder)
        if p.stat().st_size > 100
    ]
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "export"
        for number in range(rounds):
            text = damaged(draw.choice(texts), draw)
            path.write_bytes(text.encode(draw.choice(["utf-8", "utf-8", "utf-16"]), "replace"))
            try:
                records, rejects = export.read(path)
            except export.ReadError:
                outcomes["refused"] += 1
                continue
            except Exception as error:
                outcomes["crashed"] += 1
                wrong.append(f"{number}: {error!r}")
                continue
            outcomes["read"] += 1
            if records.attrs["format"] not in ("RIS", "Web of Science", "EndNote"):
                continue
            raw = Counter(
                line for part in (*records["raw"], *rejects["raw"]) for line in part.split("\n")
            )
            there = Counter(line for line in text.replace("\ufeff", "").split("\n"))
            for found in _TITLE.finditer(text.replace("\ufeff", "")):
                line = found.group()
                if raw[line] != there[line]:
                    outcomes["title lost"] += 1
                    wrong.append(f"{number} ({records.attrs['format']}): {line[:70]!r}")
                    break
    return outcomes, wrong


def speed(size: int) -> None:
    record = (
        "TY  - JOUR\nAU  - Kim, Kyung\nAU  - Seong, Jinsil\nAU  - Lee, J\n"
        "TI  - Local therapy of lung metastases from liver cancer: study {n}\n"
        "JF  - Journal of Examples\nPY  - 2021\nVL  - 8\n"
        "IS  - 2\nSP  - 101\nEP  - 109\nDO  - 10.1000/ex.{n}\nLA  - eng\nKW  - liver\nKW  - lung\n"
        f"AB  - {'Some words of an abstract. ' * 8}\nER  - \n\n"
    )
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "large.ris"
        path.write_text("".join(record.replace("{n}", str(n)) for n in range(size)))
        wall, processor = time.perf_counter(), time.process_time()
        records, _ = export.read(path)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        print(
            f"{len(records)} RIS records, {path.stat().st_size / 1e6:.0f} MB: "
            f"{wall:.1f} s ({processor:.1f} s of processor)"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=100_000)
    options = parser.parse_args()
    inventory(options.folder)
    agreement(options.folder)
    outcomes, wrong = fuzz(options.folder, options.mutations)
    print(f"{options.mutations} damaged files: {dict(outcomes)}")
    for line in wrong[:15]:
        print(f"  {line}")
    speed(options.size)


if __name__ == "__main__":
    main()
