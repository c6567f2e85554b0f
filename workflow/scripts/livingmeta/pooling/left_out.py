"""The result without some of its effects: the derived ones, and others by grade or route.

An effect whose mean, SD or survival was not printed but derived counts in the result, and the
result without it stands beside, whether or not the protocol asks for it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from livingmeta.analyses import LeftOut, Model
from livingmeta.effects.routes import DERIVED
from livingmeta.pooling import guards
from livingmeta.pooling.engines.models import fit

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis


def rows(s: "Synthesis", primary: Model, make: Callable[..., list[dict]]) -> list[dict]:
    """Rows of pooled.csv for a synthesis.Synthesis, each without the effects that one analysis
    leaves out; `make(s, models, of=mask)` makes them. What leaves none is a decision."""
    found = []
    for name, out in asked(s, primary.name):
        if out.all():
            s.decide(primary.name, "none-left", analysis=name, k=len(out))
            continue
        model = _model(s, primary, ~out)
        row = make(s, [model], of=~out)[0]
        found.append(row | {"model": f"{model.name} {name}", "primary": False})
    return found


def asked(s: "Synthesis", primary: str) -> Iterator[tuple[str, np.ndarray]]:
    """The id of each analysis and the mask of what it leaves out, where that is anything;
    `primary`: the id of the model of the result."""
    route = s.studies.get("route")
    if route is not None and route.isin(DERIVED).any():
        out = route.isin(DERIVED).to_numpy(bool)
        studies = list(s.studies["study_id"][out])
        s.decide(primary, "derived-effects", studies=studies, k=len(out))
        yield LeftOut(derived=True).name, out
    for further in s.left_out:
        out = np.zeros(len(s.studies), bool)
        for column, values in {"grade": further.grade, "route": further.route}.items():
            if column in s.studies:
                out |= s.studies[column].isin(values).to_numpy(bool)
        if out.any():
            yield further.name, out


def _model(s: "Synthesis", primary: Model, of: np.ndarray) -> Model:
    """As the protocol pins, else by the rail of the number of studies that stay."""
    y, v = s.effects(of)
    if y.size > 1 and s.pinned:
        return primary
    return guards.choose(y.size, fit(y, v).tau2 if y.size > 2 else 0.0)
