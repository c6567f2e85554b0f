"""Arms that the protocol makes of others (`arms.<name>.joins`): what of it cannot be.

On the ground, since the protocol is refused where patients would be compared with themselves.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def amiss(
    arms: Mapping[str, Mapping[str, Any]],
    syntheses: Mapping[str, Mapping[str, Any]],
    unknown: Callable[[str, Any], str],
) -> Iterator[str]:
    """What is wrong with arms that are made of others, and with syntheses of them, in sentences.

    `arms`, `syntheses`: those of a completed protocol; `unknown`: says that there is no arm of a
    name, and which are.
    """
    for name, arm in arms.items():
        where = f"arms.{name}.joins"
        if len(arm["joins"]) == 1:
            yield f"{where}: {arm['joins'][0]} alone; name two arms or more, or leave joins out."
        for part in arm["joins"]:
            if part not in arms:
                yield f"{where}: {unknown(part, arms)}"
            elif part == name or arms[part]["joins"]:
                yield f"{where}: {part} is made of others itself; name arms that studies print."
    for name, synthesis in syntheses.items():
        compared = synthesis["arms"]
        made_of = [{arm, *arms[arm]["joins"]} for arm in compared if arm in arms]
        if len(made_of) == 2 and (both := made_of[0] & made_of[1]):
            yield (
                f"syntheses.{name}.arms: {' and '.join(compared)} have the patients of {min(both)} "
                "in common; compare arms that share none (arms.<name>.joins)."
            )
