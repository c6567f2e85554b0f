"""A SLURM of one node on this machine's loopback, for tests; from Debian's packages."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo")
CONF = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SrunPortRange=60001-63000
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=3600
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=one Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Programs, some in sbin, and the plugin (`make slurm`) that are not installed here."""
    programs = [name for name in PROGRAMS if not shutil.which(name, path=_path())]
    return programs + ["make slurm"] * (find_spec("snakemake_executor_plugin_slurm") is None)


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


@contextmanager
def cluster(folder: Path):
    """Environment variables under which SLURM's commands speak to a cluster that lives until the
    end of the block; its keys, logs and state are in `folder`. Needs to be root."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    host, ports = socket.gethostname().split(".")[0], _free_ports(2)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    conf = folder / "slurm.conf"
    conf.write_text(
        CONF.format(host=host, ports=ports, folder=folder, cores=os.cpu_count(), memory=memory)
    )
    # A job starts its step without SLURM_CONF, for clusters have theirs in /etc.
    srun = folder / "bin" / "srun"
    srun.parent.mkdir()
    there = shutil.which("srun", path=_path())
    srun.write_text(f'#!/bin/sh\nSLURM_CONF="{conf}" exec "{there}" "$@"\n')
    srun.chmod(0o755)
    env = {"SLURM_CONF": str(conf), "PATH": f"{srun.parent}:{_path()}"}
    munge = {"socket": "socket", "key-file": "key", "pid-file": "pid"}
    munge |= {"log-file": "log", "seed-file": "seed"}
    named = [f"--{option}={folder}/munge.{end}" for option, end in munge.items()]
    daemons = (
        ["munged", "--foreground", "--force", *named],
        ["slurmctld", "-D", "-f", str(conf)],
        ["slurmd", "-D", "-f", str(conf), "-N", host],
    )
    with ExitStack() as stack:
        for command in daemons:
            said = stack.enter_context(open(folder / f"{command[0]}.out", "w"))
            one = subprocess.Popen(command, env=os.environ | env, stdout=said, stderr=said)
            stack.callback(one.wait)
            stack.callback(one.terminate)
            time.sleep(1)
        _until_idle(os.environ | env, folder)
        yield env


def _until_idle(env, folder, seconds=30):
    for _ in range(seconds):
        told = subprocess.run(
            ["sinfo", "-h", "-o", "%t"], env=env, capture_output=True, text=True, check=False
        )
        if told.stdout.strip() == "idle":
            return
        time.sleep(1)
    logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.out")))
    raise AssertionError(f"the cluster does not answer: {told.stdout}{told.stderr}\n{logs}")
