"""Run a review under other Pythons, and see that every result is the same to the byte.

    python benchmarks/identical.py other/bin/python [further/bin/python ...] [--review folder]

Each is a Python in which requirements.txt is installed. All run side by side in folders of their
own, the others in another time zone, with another locale, hash seed and number of cores. Exits with
an error, and the names, if one file differs; the reports, which name the versions of Python and its
libraries that computed them, are compared without that sentence, those in other formats left out.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import digests, house, review  # noqa: E402

VERSIONS = re.compile(r"Computed with Python [^<]*? and pandas [\d.]+")
NAME_VERSIONS = {
    "report.html",
    "report.json",
    "report.docx",
    "report.pdf",
    "supplement.docx",
    "supplement.pdf",
    "package/ro-crate.zip",
}
OTHER = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "42"}


def run(python: str, home: Path, folder: Path, cores: int, env: dict[str, str]) -> dict[str, str]:
    """Run the review in `folder`; its results in a form to compare, by name."""
    command = [python, "-m", "snakemake", "--cores", str(cores), "--quiet", "all"]
    command += ["--snakefile", str(home / "Snakefile"), "--directory", str(folder)]
    subprocess.run(
        command,
        cwd=home,
        env=os.environ | env,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    page = (folder / "results/report.html").read_text(encoding="utf-8")
    found = {name: made for name, made in digests(folder).items() if name not in NAME_VERSIONS}
    return found | {"report.html": VERSIONS.sub("", page)}


def main(pythons: list[str], source: Path) -> int:
    different = 0
    with tempfile.TemporaryDirectory() as scratch:
        home = house(Path(scratch) / "house")
        first = run(sys.executable, home, review(Path(scratch) / "first", source), 1, {})
        for number, python in enumerate(pythons):
            folder = review(Path(scratch) / f"other-{number}", source)
            found = run(python, home, folder, 4, OTHER)
            names = {*first, *found}
            apart = sorted(name for name in names if first.get(name) != found.get(name))
            different += len(apart)
            version = subprocess.check_output([python, "--version"], text=True).strip()
            print(f"{version}: {len(names)} files, {len(apart)} differ", *apart, sep="\n  ")
    return int(different > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="+")
    parser.add_argument("--review", type=Path, default=ROOT / "tests/reviews/small")
    given = parser.parse_args()
    sys.exit(main(given.pythons, given.review))
