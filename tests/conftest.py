"""What holds for all tests."""

import os
import sys
from functools import partial

import pytest
from hypothesis import settings

from running import finished

# No test asserts a time, and machines are busy.
settings.register_profile("livingmeta", deadline=None)
settings.load_profile("livingmeta")

# Each stage of each run is a process of its own: all of them would compile the library anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """`finished_run(folder, source=SMALL)`: `folder` becomes a copy of a review that was run from
    nothing to its end, once for all tests of all workers; what that run said."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return partial(finished, shared / "finished")
