"""Speed of pooling beside statsmodels and metafor, in one run on one machine.

    PYTHONPATH=workflow/scripts python benchmarks/pooling.py

The same simulated meta-analyses go to everyone: 10 studies each, true effect 0.3, tau² 0.1,
sampling variances like those of small trials. Peers that are slow are timed on fewer and scaled
up to 10,000, which the table says. metafor is left out where Rscript or metafor is missing.
Every time is the best of several runs.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from livingmeta.pooling.engines import likelihood
from livingmeta.pooling.engines.inputs import check_rows
from livingmeta.pooling.engines.models import COLUMNS, fit, fit_many
from livingmeta.pooling.gosh import gosh

MANY, K = 10_000, 10
METAFOR = """
suppressMessages(library(metafor))
d <- as.matrix(read.csv(commandArgs(TRUE)[1], header = FALSE))
n <- as.integer(commandArgs(TRUE)[2]); method <- commandArgs(TRUE)[3]
test <- commandArgs(TRUE)[4]; k <- ncol(d) / 2; failed <- 0
start <- proc.time()[3]
for (i in seq_len(n)) {
  f <- tryCatch(suppressWarnings(
    rma(d[i, 1:k], d[i, k + 1:k], method = method, test = test)), error = function(e) NULL)
  if (is.null(f)) failed <- failed + 1 else p <- predict(f)
}
cat(proc.time()[3] - start, failed)
"""


def simulate():
    """yi and vi (MANY, K)."""
    rng = np.random.default_rng(1)
    v = np.clip(0.25 * rng.chisquare(1, (MANY, K)), 0.009, 0.6)
    return 0.3 + rng.normal(size=v.shape) * np.sqrt(v + 0.1), v


def best(function, times=10):
    """Seconds of the fastest of several calls."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def metafor(y, v, method, test, n):
    """Seconds for MANY fits, scaled from n, and the share that did not converge; or None."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "d.csv", Path(folder) / "d.R"
        np.savetxt(table, np.hstack([y[:n], v[:n]]), delimiter=",")
        script.write_text(METAFOR)
        run = subprocess.run(
            ["Rscript", script, table, str(n), method, test], capture_output=True, text=True
        )
    if run.returncode:
        return None
    seconds, failed = run.stdout.split()
    return float(seconds) * MANY / n, int(failed) / n


def statsmodels_loop(y, v, method, n):
    """Seconds for MANY fits with combine_effects, scaled from n."""
    from statsmodels.stats.meta_analysis import combine_effects

    def loop():
        for i in range(n):
            combine_effects(y[i], v[i], method_re=method, use_t=True)

    return best(loop, 2) * MANY / n


def import_seconds():
    """Seconds that the import adds to a bare interpreter, best of several."""

    def start(code):
        command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]
        return best(lambda: subprocess.run(command, check=True), 7)

    return start("import livingmeta.pooling.engines.models") - start("pass")


def certified(y, v):
    """How many of the rows have a point of a fine grid that is likelier than the tau² found."""
    rows = check_rows(y, v)
    found = fit_many(y, v).tau2
    at = likelihood.terms(found[:, None], rows)
    height = -(at.q + at.D)[:, 0]
    lower = 0
    for t in [0.0, *np.geomspace(1e-4, 20, 400)]:
        f = likelihood.terms(np.full((MANY, 1), t), rows)
        lower += int((-(f.q + f.D)[:, 0] > height + 1e-9).sum())
    return lower


def main():
    y, v = simulate()
    lines = []

    def line(what, seconds, bar, peer="", peer_seconds=None):
        ratio = f"{peer_seconds / seconds:,.0f} x" if peer_seconds else ""
        theirs = f"{peer_seconds:.3g} s" if peer_seconds else ""
        lines.append((what, f"{seconds:.3g} s", bar, peer, theirs, ratio))

    ours = best(lambda: fit_many(y, v, interval="hksj"))
    theirs = metafor(y, v, "REML", "knha", 500)
    what = "10,000 REML + HKSJ + prediction interval, k = 10"
    if theirs:
        name = f"metafor (500 scaled; {theirs[1]:.1%} not converged)"
        line(what, ours, "0.3 s", name, theirs[0])
    else:
        line(what, ours, "0.3 s")
    full = fit_many(y, v, interval="hksj")
    line(
        "the same with every column (Q-profile, I² and H² limits, p)",
        ours + best(lambda: [getattr(full, name) for name in COLUMNS], 1), "-",
    )  # fmt: skip
    peer = statsmodels_loop(y, v, "dl", 1000)
    ours = best(lambda: fit_many(y, v, tau2="DL"))
    line("10,000 DL", ours, "0.01 s", "statsmodels' loop (1,000 scaled)", peer)
    peer = statsmodels_loop(y, v, "pm", 500)
    ours = best(lambda: fit_many(y, v, tau2="PM", interval="hksj"))
    line("10,000 PM + HKSJ", ours, "-", "statsmodels' loop (500 scaled)", peer)

    def each(n=50, **model):
        return best(lambda: [fit(y[i], v[i], **model) for i in range(n)], 40) / n

    theirs = metafor(y, v, "REML", "knha", 500)
    one = theirs and theirs[0] / MANY
    line("one REML + HKSJ fit", each(interval="hksj"), "0.0002 s", "metafor" if one else "", one)
    peer = statsmodels_loop(y, v, "pm", 500) / MANY
    line("one PM fit", each(tau2="PM"), "0.0002 s", "statsmodels", peer)
    line("one DL fit", each(tau2="DL"), "0.0002 s")
    line("import livingmeta.pooling.engines.models", import_seconds(), "0.3 s")
    effects, variances = y[:3].ravel()[:25], v[:3].ravel()[:25]
    line(
        "GOSH, 1,000,000 subsets of 25 studies (DL)",
        best(lambda: gosh(effects, variances), 1),
        "5 s",
    )

    print("| what | ours | bar | peer | peer's | ratio |\n|---|---|---|---|---|---|")
    for cells in lines:
        print("| " + " | ".join(cells) + " |")
    print(f"\nOf 10,000 REML fits, {certified(y, v)} are below a point of a 401-point grid.")


if __name__ == "__main__":
    main()
