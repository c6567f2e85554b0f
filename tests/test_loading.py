"""What each stage loads: a spared one next to nothing, another only what it needs."""

import ast
import subprocess
import sys

import pytest

from marked import heavy_but
from running import ROOT, STAGES, WAITS_FOR

SCRIPTS = ROOT / "workflow" / "scripts"


# It reads what people brought, so it runs only where something in it is other than before.
NEVER_SPARED = "deduplicate"
HEAVY = {"numpy", "pandas", "scipy", "yaml", "matplotlib", "sklearn", "jinja2", "docx", "typst"}


@pytest.mark.parametrize("rule", sorted(set(WAITS_FOR) - {NEVER_SPARED}))
def test_a_stage_that_is_spared_loads_nothing_that_it_would_have_worked_with(rule):
    """Most of a small job's time goes to what it loads, and a spared one needs its record alone."""
    program = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import {rule}; "
        f"print(*sorted({HEAVY!r} & {{*sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


# What a stage needs beyond NumPy and pandas, whatever the review. SciPy takes as long to load as a
# small stage to work, so what needs it seldom imports it where it is needed.
NEEDS = {
    "deduplicate": set(),
    "screen": set(),
    "rank": {"jinja2"},
    "extract": set(),
    "verify": {"jinja2"},
    "digitise": {"jinja2"},
    "harmonise": set(),
    "pool": {"scipy"},
    "confirm": {"scipy"},
    "appraise": set(),
    "compare": {"scipy"},
    "settle": set(),
    "draw": {"matplotlib"},
    "accumulate": {"matplotlib"},
    "render": {"jinja2"},
    "typeset": {"docx", "typst"},
    "export": {"scipy", "typst"},  # the calls of metafor rest on the methods of pooling
    "package": set(),
}


@pytest.mark.parametrize("rule", heavy_but(["screen", "render"], NEEDS))
def test_a_stage_loads_only_what_it_needs(rule):
    tree = ast.parse((SCRIPTS / f"{rule}.py").read_text())
    imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    program = "; ".join(
        [
            f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})",
            *imports,
            f"print(*sorted({HEAVY - {'numpy', 'pandas', 'yaml'}!r} & {{*sys.modules}}))",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == NEEDS[rule]
    assert set(NEEDS) == set(STAGES)
