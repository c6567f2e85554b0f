"""Every figure in print: letters large enough to be read, and what it tells of itself."""

import xml.etree.ElementTree as ET

import printed_text
from livingmeta.figures import style


def test_every_figure_is_read_in_print(drawings):
    for name, whole in drawings.items():
        for part in whole.parts or [whole]:
            assert part.scale * style.SMALL >= 8, name


def test_a_figure_tells_its_size_and_every_line_that_it_prints(drawings):
    for name, drawn in drawings.items():
        assert sorted(drawn.lines) == sorted(printed_text.in_figure(drawn.svg)), name
        sides = ET.fromstring(drawn.svg).get("viewBox").split()[2:]
        assert (drawn.wide, drawn.high) == tuple(map(float, sides)), name
        assert f"{drawn.title} {drawn.description}" == printed_text.described(drawn.svg), name
