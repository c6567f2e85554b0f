"""Figures are the same whatever settings of Matplotlib lie about."""

import subprocess
import sys

import pytest

from running import ROOT


@pytest.mark.heavy
def test_a_matplotlibrc_changes_no_figure(tmp_path):
    """Matplotlib reads the one in the folder where a job works, which is the review's."""
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'workflow/scripts')!r}); "
        "from livingmeta.figures import style; sheet = style.Sheet(80, 40); "
        "sheet.line([5, 60], [5, 5]); sheet.text(5, 10, 'Ahn'); sheet.box(20, 20, 4, 4); "
        "print(sheet.drawn('A line').svg)"
    )
    svg = []
    for rc in (
        "",
        "path.sketch: 1, 100, 2\nlines.solid_capstyle: round\nfigure.dpi: 300\nfont.size: 40\n",
    ):
        (tmp_path / "matplotlibrc").write_text(rc)
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        svg.append(done.stdout)
    assert svg[0] == svg[1]
