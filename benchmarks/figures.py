"""Our figures of the 13 BCG trials beside metafor's, as pictures to look at.

`python benchmarks/figures.py` runs `examples/bcg`, has R draw the same with metafor, if there is R,
and writes `results/benchmarks/figures/side_by_side.html`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TO = ROOT / "results" / "benchmarks" / "figures"
PAIRS = {
    "forest-tuberculosis-rr": "metafor-forest",
    "funnel-tuberculosis-rr": "metafor-funnel",
}


def main():
    TO.mkdir(parents=True, exist_ok=True)
    bcg = ROOT / "examples" / "bcg"
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(bcg)]
    subprocess.run([*command, "--quiet", "all"], check=True, cwd=ROOT)
    if shutil.which("Rscript"):
        script = Path(__file__).with_name("figures.R")
        subprocess.run(["Rscript", "--quiet", str(script), str(TO)], check=True)
    rows = []
    for ours, theirs in PAIRS.items():
        shutil.copy(bcg / "results" / "figures" / f"{ours}.svg", TO)
        rows.append(
            f'<h2>{ours}</h2><div><img src="{ours}.svg" alt="livingmeta">'
            f'<img src="{theirs}.svg" alt="metafor"></div>'
        )
    style = "img{width:48%;vertical-align:top;margin:0 1%}body{font:1rem sans-serif}"
    page = f"<!doctype html><meta charset=utf-8><style>{style}</style>{''.join(rows)}"
    (TO / "side_by_side.html").write_text(page, "utf-8")
    print(TO / "side_by_side.html")


if __name__ == "__main__":
    main()
