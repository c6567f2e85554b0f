"""The numbers that the page's script has: all of them, whatever their ids."""

import json
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from livingmeta.report.page import trail
from printed_text import unpacked

IDS = st.text("ab/é😀", min_size=1, max_size=8)


@given(st.dictionaries(IDS, st.tuples(*[st.sampled_from("xy")] * 3, st.lists(IDS, max_size=3))))
def test_every_number_comes_back_with_what_it_was_computed_from(drawn):
    entries = [
        {"id": id_, "text": text, "unit": unit, "what": what, "parents": parents}
        for id_, (text, unit, what, parents) in drawn.items()
    ]
    packed = trail.of(SimpleNamespace(as_list=lambda: entries), "a")
    found = unpacked(f'id="numbers">{json.dumps(packed)}</script>')
    assert found == {
        e["id"]: [e["text"], e["unit"], e["parents"], e["what"]]
        for e in entries
        if e["id"].startswith("a")
    }
