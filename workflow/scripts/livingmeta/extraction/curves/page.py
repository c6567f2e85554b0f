"""The page on which a figure is digitised: one file, opened in any browser without a network.

It is made of the screening page's parts and knows which studies, arms and outcomes there are. What
it downloads is a file of points for the folder of curves (`figure` reads where they come from) and
rows of outcomes.csv.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.plan import Arm, Outcome
from livingmeta.screening.page import key, script_safe, template


def render(
    studies: pd.DataFrame,
    *,
    title: str,
    outcomes: Mapping[str, Outcome],
    arms: Mapping[str, Arm],
    time_unit: str,
    pages: Sequence[Mapping[str, Any]] = (),
    told: Sequence[str] = (),
) -> str:
    """The page as HTML. `studies`: `study_id, label` of extraction/studies; `outcomes`, `arms`: the
    protocol's; curves are of those of kind survival, means and medians of continuous ones, and arms
    made of others are not offered; `time_unit`: the protocol's, taken until another is chosen;
    `pages`: those of held PDFs that it offers, and `told` of those that it does not, as
    quotes.held_pages gives them."""
    content = {
        "review": key(f"{title}\ndigitise"),
        "time_unit": time_unit,
        "studies": [[s, label] for s, label in studies[["study_id", "label"]].to_numpy().tolist()],
        "outcomes": [[k, one.label] for k, one in outcomes.items() if one.kind == "survival"],
        "measured": [[k, one.label] for k, one in outcomes.items() if one.kind == "continuous"],
        "pages": list(pages),
        "arms": [[name, arm.label] for name, arm in arms.items() if not arm.joins],
    }
    return template("digitise.html.jinja").render(
        title=title,
        units=tables.schema("data/outcomes")["columns"]["time_unit"]["allowed"],
        content=script_safe(content),
        told=told,
    )
