"""The page on which a figure is digitised: one file, opened in any browser without a network.

It is made of the screening page's parts and knows which studies, arms and outcomes there are. What
it downloads is a file of points for the folder of curves (`figure` reads where they come from) and
rows of outcomes.csv.
"""

from collections.abc import Mapping

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
) -> str:
    """The page as HTML. `studies`: `study_id, label` of extraction/studies; `outcomes`, `arms`: the
    protocol's, of which those of kind survival and those that are made of no others are offered;
    `time_unit`: the protocol's, taken until another is chosen."""
    content = {
        "review": key(f"{title}\ndigitise"),
        "time_unit": time_unit,
        "studies": [[s, label] for s, label in studies[["study_id", "label"]].to_numpy().tolist()],
        "outcomes": [[k, one.label] for k, one in outcomes.items() if one.kind == "survival"],
        "arms": [[key, arm.label] for key, arm in arms.items() if not arm.joins],
    }
    return template("digitise.html.jinja").render(
        title=title,
        units=tables.schema("data/outcomes")["columns"]["time_unit"]["allowed"],
        content=script_safe(content),
    )
