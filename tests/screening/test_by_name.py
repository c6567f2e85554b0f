"""The names of records by the thousand, without a set for each."""

from hypothesis import assume, given
from hypothesis import strategies as st

from livingmeta.screening import identity, normalise
from livingmeta.screening.readers import export

NAMES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("1234")))


@given(NAMES)
def test_all_that_go_by_a_name_are_found_and_nothing_else(pairs):
    found = identity.ByName()
    for name, what in pairs:
        found.add(name, what)
    for name in "abcde":
        assert found.of(name) == {what for other, what in pairs if other == name}
    assert list(found) == list(dict.fromkeys(name for name, _ in pairs))


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_a_title_without_accents_has_the_key_that_it_has_beside_one(text):
    assume(text.strip() not in normalise.MISSING)
    with_accent = normalise.title_key(f"{text} õ漢")
    assert with_accent == "_".join(filter(None, [normalise.title_key(text), "o漢"]))


def test_without_texts_records_of_one_line_are_told_apart_and_no_other_text_is_held(tmp_path):
    path = tmp_path / "export.json"
    one, other = '{"title": "Snow", "doi": "10.1/a"}', '{"title": "Rain", "doi": "10.1/b"}'
    path.write_text(f'[{one}, {other},\n{{"title": "Hail", "doi": "10.1/c"}}]')
    with_texts, _ = export.read(path)
    without, _ = export.read(path, texts=False)
    assert without.drop(columns="raw").equals(with_texts.drop(columns="raw"))
    assert without["raw"].tolist() == [one, other, ""]
    assert all(with_texts["raw"])
