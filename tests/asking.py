"""Syntheses, outcomes and arms as stages get them, from the few keys that a test names."""

from collections.abc import Mapping
from typing import Any

from livingmeta import plan, protocol


def synthesis(**keys: Any) -> plan.Synthesis:
    """One with these keys of the protocol; the schema's defaults for the others."""
    return syntheses({"x": keys})["x"]


def syntheses(given: Mapping[str, Mapping[str, Any]]) -> dict[str, plan.Synthesis]:
    """The same for several, by name."""
    return plan.syntheses(protocol.with_defaults({"syntheses": dict(given)})["syntheses"])


def outcome(**keys: Any) -> plan.Outcome:
    """An outcome with these keys of the protocol; the schema's defaults for the others."""
    return outcomes({"x": keys})["x"]


def outcomes(given: Mapping[str, Mapping[str, Any]]) -> dict[str, plan.Outcome]:
    """The same for several, by name."""
    return plan.outcomes(protocol.with_defaults({"outcomes": dict(given)})["outcomes"])


def arms(**labels: str) -> dict[str, plan.Arm]:
    """Arms by name, with these labels."""
    return plan.arms(
        {name: {"label": label, "description": "", "joins": []} for name, label in labels.items()}
    )


def review(**keys: Any) -> plan.Review:
    """The review with these keys of the protocol; the schema's defaults for the others."""
    return plan.Review.of(protocol.with_defaults({"review": keys})["review"])


def screening(**keys: Any) -> plan.Screening:
    """How records are screened, likewise."""
    return plan.Screening.of(protocol.with_defaults({"screening": keys})["screening"])
