"""What figures are drawn of: the made-up review, its protocol as the library reads it; and they."""

import pytest

from livingmeta.plan import Protocol
from made_up_review import made_up_figures, made_up_tables, protocol


@pytest.fixture(scope="module")
def plan():
    return Protocol.of(protocol())


@pytest.fixture(scope="module")
def found():
    return made_up_tables(protocol())


@pytest.fixture(scope="session")
def drawings():
    return made_up_figures(protocol(), made_up_tables(protocol()))
