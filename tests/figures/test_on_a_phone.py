"""Forest plots that are drawn once more for a narrow screen."""

import re

from figures.test_figures import check_layout, sheet_width

# Millimetres of 390 pixels between the margins of the page, and a fifth more for long numbers.
MOST_ON_A_PHONE = 94.5 * 1.2


def test_a_phone_has_a_forest_plot_of_its_own_with_the_same_effects(drawings):
    forests = [drawn for name, drawn in drawings.items() if name.startswith("forest-")]
    assert any(drawn.narrow for drawn in forests)
    for drawn in forests:
        assert drawn.bare() == (drawn.narrow is None)
        if not drawn.narrow:
            continue
        check_layout(drawn.title, drawn.narrow.svg)
        assert sheet_width(drawn.narrow.svg) <= MOST_ON_A_PHONE
        effects = [set(of.lines) for of in (drawn, drawn.narrow)]
        printed = {line for line in effects[0] if re.fullmatch(r"[−\d.,%]+ \(.* to .*\)", line[1])}
        assert printed
        assert printed <= effects[1]
        rows = [re.findall(r'id="(row:[^"]+)"', of.svg) for of in (drawn, drawn.narrow)]
        assert rows[0] == rows[1]
