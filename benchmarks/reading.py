"""Memory and time of reading and linking one export of very many records with their abstracts.

`python benchmarks/reading.py` makes an RIS file of 100,000 records, a fifth of them copies, with
abstracts of 200 words (180 MB), reads and links it in a process of its own, and prints processor
time and the peak of that process after each step.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import synthetic_reviews

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
WORDS = 200


def write(path: Path, records: int) -> None:
    """Write an RIS file of that many records, every fifth a copy of an earlier one without DOI."""
    chance = random.Random(records)
    parts = synthetic_reviews.SYLLABLES
    words = ["".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(40_000)]
    papers = []
    for number in range(records):
        if number % 5 == 4:
            papers.append({**chance.choice(papers), "doi": ""})
            continue
        paper = synthetic_reviews.paper(chance, words, number)
        paper["abstract"] = " ".join(chance.choices(words, k=WORDS)).capitalize() + "."
        papers.append(paper)
    synthetic_reviews.ris(path, papers)


def measure(path: Path) -> None:
    """Read and link as `deduplicate` does, and print a row a step."""
    from livingmeta.screening.duplicates import records
    from livingmeta.screening.readers import export

    def told(what: str, begun: float) -> float:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {what} | {time.process_time() - begun:.1f} s | {peak:.0f} MB |", flush=True)
        return time.process_time()

    begun = told("imports", 0.0)
    read, _ = export.read(path, texts=False)
    begun = told(f"{len(read):,} records read", begun)
    copies = read.assign(file=path.name, source="Embase")
    del read
    linked, further, *_ = records.assemble(copies)
    told(f"linked: {len(linked):,} and {len(further):,} copies", begun)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--file", type=Path, help="where the export is made and kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = asked.file or Path(temporary) / "export.ris"
        if not path.exists():
            write(path, asked.records)
        print(f"| {path.stat().st_size / 1e6:.0f} MB | processor | peak so far |\n|---|---|---|")
        sys.stdout.flush()
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(path,))
        process.start()
        process.join()
        sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
