"""Run a review under other Pythons, and see that every result is the same to the byte.

    python benchmarks/identical.py other/bin/python [further/bin/python ...] [--review folder]

Each is a Python in which requirements.txt is installed. All run side by side in folders of their
own, the others in another time zone, with another locale, hash seed and number of cores. Exits with
an error, and the names, if one file differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import digests, house, review  # noqa: E402

OTHER = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "42"}


def run(python: str, home: Path, folder: Path, cores: int, env: dict[str, str]) -> dict[str, str]:
    """Run the review in `folder`; digests of its results."""
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
    return digests(folder)


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
