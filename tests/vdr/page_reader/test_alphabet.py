from hypothesis import given
from hypothesis import strategies as st

from vdr.page_reader import alphabet


def test_look_alikes_become_one_character():
    assert alphabet.normalize("‘five’ – ﬁve…") == "'five' - five..."


def test_western_letters_stay_as_they_are():
    assert alphabet.normalize("Übergröße, déjà vu, señor, cœur") == "Übergröße, déjà vu, señor, cœur"


def test_what_is_not_in_the_alphabet_is_marked():
    assert alphabet.normalize("π4") == f"{alphabet.OTHER}4"


@given(st.text())
def test_normalized_text_survives_encoding(text):
    normalized = alphabet.normalize(text)
    assert alphabet.decode(alphabet.encode(normalized)) == normalized


def test_no_character_takes_the_place_of_the_blank():
    assert alphabet.BLANK not in alphabet.encode(alphabet.ALPHABET)
    assert max(alphabet.encode(alphabet.ALPHABET)) == alphabet.SIZE - 1
