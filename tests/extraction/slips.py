"""Slips of an extractor or of a paper, put into made-up studies.

Each takes a study and makes its slip in rows chosen by chance; it returns whether the study prints
what the slip needs. `docs/checks.md` lists the kinds.
"""

from collections.abc import Callable

from extraction import slips_of_arms, slips_of_two
from extraction.made_up_studies import Study, problems
from livingmeta.tables import TableError

NO_SLIP = {"other_level", "with_p", "beside_p", "some_p"}  # what those modules use themselves
SLIPS: dict[str, Callable[[Study], object]] = {
    name: slip
    for module in (slips_of_arms, slips_of_two)
    for name, slip in vars(module).items()
    if getattr(slip, "__module__", "") == module.__name__ and name not in NO_SLIP
}


def found_in(study: Study) -> str:
    """`refused` where a row is no row, `raised` where the checks tell of the study, else ""."""
    try:
        return "" if problems([study]).empty else "raised"
    except TableError:
        return "refused"
