"""The model or the method that is the result of a synthesis, and what led to it."""

from typing import TYPE_CHECKING

import numpy as np

from livingmeta.analyses import Method, Model
from livingmeta.pooling import alternatives, guards, rare_events
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

SINGLE = "single study"  # the model of one study: none


def automatic(y: np.ndarray, v: np.ndarray) -> Model:
    """The model that their number alone gives the effects `y` with variances `v`, (k,) each."""
    if y.size < 3:
        return guards.choose(y.size, 0.0)
    return guards.choose(y.size, fit(y, v).tau2)


def decide(s: "Synthesis", rare: rare_events.Rare | None) -> Model | Method:
    """The result of a synthesis.Synthesis, with the decisions that led to it; `rare`: what rare
    events lead to, if they are."""
    y, v = s.effects()
    rail = guards.rail(y.size)
    by_number = automatic(y, v)
    if y.size == 1:
        s.decide(SINGLE, rail.rule)
        return by_number
    of_rare = rare.result if rare else None
    of_auto: Model | Method = of_rare or by_number
    primary = _feasible(s, of_auto) if s.pinned else of_auto
    if s.pinned and primary != of_auto:
        s.decide(
            primary.name,
            "model-pinned",
            pinned=primary.name,
            automatic=of_auto.name,
            k=y.size,
        )
    elif rail.rule and (of_rare is None if y.size > 2 else not apart(s)):
        s.decide(primary.name, rail.rule)
    if apart(s):
        both = fit(y, v, tau2="DL")
        pinned = bool(s.pinned)
        s.decide(primary.name, "opposite-studies", i2=both.i2, q=both.q, p=both.q_p, pinned=pinned)
    if rare:
        s.decide(
            primary.name,
            "rare-events",
            result=of_auto.name,
            measure=s.measure,
            events=rare.events,
            patients=rare.patients,
            tau2=rare.tau2,
        )
    by_rail = s.pinned is None and of_rare is None
    if by_rail and by_number != rail.primary:
        s.decide(primary.name, "no-heterogeneity", result=primary.name)
    # Bias tests are not asked for by the protocol: the rail's own row says that they are left out.
    if not by_rail and not guards.allowed(y.size, "bias tests"):
        s.decide(primary.name, "bias-tests-held-back", reason=rail.held_back["bias tests"])
    if not guards.allowed(y.size, "prediction interval"):
        reason = rail.held_back["prediction interval"]
        s.decide(primary.name, "prediction-held-back", reason=reason)
    elif guards.prediction_in_appendix(y.size) and s.pinned and not common(primary):
        s.decide(primary.name, "prediction-in-appendix")
    return primary


def _feasible(s: "Synthesis", otherwise: Model | Method) -> Model | Method:
    """What the protocol pins, or `otherwise` where these studies do not allow it."""
    pinned, why = s.pinned, ""
    if isinstance(pinned, Method):
        try:
            alternatives.row(s, pinned)
        except PoolingError as error:
            why = str(error)
    elif pinned:
        y, v = s.effects()
        if intervals.without_width(
            pinned.interval, fit(y, v, tau2=pinned.tau2, interval=pinned.interval).se, v
        ):
            why = "the effects are equal, and an interval by their scatter would have no width"
    if pinned and why:
        said = {"method": pinned.name, "error": why, "result": otherwise.name}
        s.decide(pinned.name, "pinned-not-done", **said)
        return otherwise
    return pinned or otherwise


def apart(s: "Synthesis") -> bool:
    """Whether a synthesis is of two studies whose intervals exclude each other: such have no
    average that describes either (Cochrane Handbook 10.10.3)."""
    y, v = s.effects()
    if y.size != 2:
        return False
    reach = intervals.quantile(s.level) * np.sqrt(v)
    return bool(abs(y[0] - y[1]) > reach.sum())


def common(result: Model | Method) -> bool:
    """Whether it assumes one effect in all studies, and so predicts nothing of a further one."""
    if isinstance(result, Model):
        return result.tau2 == "FE"
    return result.method in ("mantel-haenszel", "peto")


def of_part(s: "Synthesis", primary: Model | Method, of: np.ndarray) -> Model | Method:
    """What pools the studies in the mask `of` as the result does all: the pinned one and a method
    of counts as it is, else by the rail of their number."""
    y, v = s.effects(of)
    if y.size > 1 and (s.pinned or isinstance(primary, Method)):
        return primary
    return automatic(y, v)
