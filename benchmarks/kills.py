"""Kill runs of a review at random moments, and see that the next run mends it to the byte.

    python benchmarks/kills.py [--kills 50]

The test of the same kind in tests/test_cut_short.py, with more kills: it says what is asked of
each. Exits with an error as soon as one result is half-written or differs in the end.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

TEST = "tests/test_cut_short.py::" + (
    "test_killed_at_random_moments_nothing_is_half_written_and_the_rest_is_done_later"
)


def main(kills: int) -> int:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", TEST],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"LIVINGMETA_KILLS": str(kills)},
        check=False,
    )
    held = "all mended" if done.returncode == 0 else "NOT all mended"
    print(f"{kills} kills in {time.monotonic() - start:.0f} s: {held}")
    return done.returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    sys.exit(main(parser.parse_args().kills))
