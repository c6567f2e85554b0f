"""The databases that a protocol can name, and the client of a service, at its public address or
where the environment says."""

from collections.abc import Callable, Mapping
from typing import Any

from livingmeta.living.search import clinical_trials, europe_pmc, openalex, pubmed, semantic_scholar
from livingmeta.living.search.fetch import Client

# By their key in the protocol.
SERVICES = {
    "pubmed": pubmed,
    "europe-pmc": europe_pmc,
    "clinicaltrials": clinical_trials,
    "openalex": openalex,
    "semantic-scholar": semantic_scholar,
}


def named(asked: Mapping[str, Any]) -> list[str]:
    """The keys of the databases for which the protocol's key `search`, `asked`, has a query."""
    return [key for key in SERVICES if str(asked.get(key) or "").strip()]


def client(module: Any, say: Callable[[str], None], environment: Mapping[str, str]) -> Client:
    """`module`: of this folder, one that asks a service. LIVINGMETA_<its name> in the environment
    gives another address than the public one."""
    name = module.__name__.rpartition(".")[2].upper()
    found: Client = module.client(
        environment.get(f"LIVINGMETA_{name}") or module.BASE, environment, say
    )
    return found
