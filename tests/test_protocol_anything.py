"""Whatever stands in a protocol, it is completed or refused in words, never a crash."""

import copy

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import protocol
from running import SMALL

GOOD = yaml.safe_load((SMALL / "config" / "config.yaml").read_text())
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["HR", "PLO", "survival", "local", "bayesian", "tau2", "method", "auto"]),
    st.dates(),
)
TREE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.text(max_size=5), st.integers(), st.none()), inner, max_size=3
        ),
    ),
    max_leaves=6,
)


def _places(tree, path=()):
    yield path
    if not isinstance(tree, dict | list):
        return
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from _places(value, (*path, key))


PLACES = sorted(_places(protocol.complete(copy.deepcopy(GOOD))), key=str)


def _put(tree, path, value):
    """`tree` with `value` at `path`; what is not on the way stays."""
    if not path:
        return value
    inner = tree[path[0]] if isinstance(tree, dict) and path[0] in tree else {}
    if isinstance(tree, list):
        return [_put(x, path[1:], value) if i == path[0] else x for i, x in enumerate(tree)]
    return {**(tree if isinstance(tree, dict) else {}), path[0]: _put(inner, path[1:], value)}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), TREE), min_size=1, max_size=3))
def test_a_protocol_is_completed_or_refused_in_words(changes):
    given_ = copy.deepcopy(GOOD)
    for path, value in changes:
        given_ = _put(given_, path, value)
    try:
        full = protocol.complete(given_)
    except protocol.ProtocolError:
        return
    assert full["syntheses"] is not None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_with_a_line_lost_or_spoilt_is_read_or_refused(tmp_path_factory, data):
    lines = yaml.safe_dump(GOOD, sort_keys=False).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.one_of(st.just(""), st.text(max_size=30), TREE.map(repr)))
    path = tmp_path_factory.mktemp("review") / "config.yaml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    try:
        full = protocol.complete(protocol.read(path), path)
    except protocol.ProtocolError:
        return
    assert full["syntheses"] is not None
