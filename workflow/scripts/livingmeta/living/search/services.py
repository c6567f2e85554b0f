"""The client of a service, at its public address or where the environment says."""

from collections.abc import Callable, Mapping
from typing import Any

from livingmeta.living.search.fetch import Client


def client(module: Any, say: Callable[[str], None], environment: Mapping[str, str]) -> Client:
    """`module`: of this folder, one that asks a service. LIVINGMETA_<its name> in the environment
    gives another address than the public one."""
    name = module.__name__.rpartition(".")[2].upper()
    found: Client = module.client(
        environment.get(f"LIVINGMETA_{name}") or module.BASE, environment, say
    )
    return found
