"""Both reviews on a real SLURM of one node: the same bytes as on this machine alone."""

import os

import pytest

import slurm
from running import ROOT, digests, review, run

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.environ.get("CI_SLURM") != "1", reason="only with CI_SLURM=1"),
    pytest.mark.skipif(bool(slurm.missing()), reason=f"not installed: {slurm.missing()}"),
]
# Seconds, and not the minutes that a busy cluster is asked at.
SOON = ("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2")
PROFILE = ("--profile", str(ROOT / "profiles" / "slurm"), "--slurm-status-command", "squeue", *SOON)


@pytest.mark.parametrize("source", [ROOT, ROOT / "examples" / "bcg"], ids=["hcc", "bcg"])
def test_a_cluster_gives_the_bytes_of_one_machine(source, tmp_path):
    here = review(tmp_path / "here", source)
    there = review(tmp_path / "there", source)
    run(ROOT, here)
    with slurm.cluster(tmp_path / "slurm") as env:
        done = run(ROOT, there, *PROFILE, "--latency-wait", "5", **env)
        again = run(ROOT, there, *PROFILE, **env)
    assert "package is done" in done.text
    assert "Nothing to be done" in again.text
    left_out = ("logs/",)
    ours, theirs = (
        {k: v for k, v in digests(folder).items() if not k.startswith(left_out)}
        for folder in (here, there)
    )
    assert theirs == ours
    jobs = (tmp_path / "slurm" / "slurmctld.log").read_text()
    assert jobs.count("sched: Allocate JobId=") + jobs.count("backfill: Started") >= 12
