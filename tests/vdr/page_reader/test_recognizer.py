import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vdr.page_reader import alphabet
from vdr.page_reader.recognizer import Recognizer, words_of_path
from vdr.page_reader.strips import STRIP_HEIGHT


def path(text):
    """Classes of a path written with '_' for the blank."""
    return np.array([alphabet.BLANK if c == "_" else alphabet.encode(c)[0] for c in text])


def read(text, log_p=None):
    classes = path(text)
    log_p = np.zeros(len(classes), np.float32) if log_p is None else log_p
    return words_of_path(classes, log_p, np.array([0]), np.array([len(classes)]))


def reference(text, start, end):
    """Words of one segment as the definition has them: letter by letter."""
    words, word, before = [], "", "_"
    for letter in text[start:end] + " ":
        if letter == " ":
            words += [word] if word else []
            word = ""
        elif letter not in ("_", before):
            word += letter
        before = letter
    return words


def test_repeats_merge_and_blanks_part_them():
    assert [word.text for word in read("hheel_lloo")] == ["hello"]


def test_spaces_part_words_and_make_none():
    assert [word.text for word in read("_a_ b c_  _")] == ["a", "b", "c"]


def test_a_path_of_blanks_has_no_words():
    assert read("____") == []


def test_words_know_their_frames():
    first, second = read("__ab__ __cd__")
    assert (first.start_frame, first.end_frame) == (2, 6)
    assert (second.start_frame, second.end_frame) == (9, 12)


def test_confidence_is_the_geometric_mean_of_the_characters():
    log_p = np.log(np.array([0.9, 0.5, 0.4], np.float32))
    assert read("a_b", log_p)[0].confidence == pytest.approx((0.9 * 0.4) ** 0.5)


def test_a_logarithm_above_zero_is_a_probability_of_one():
    log_p = np.log(np.array([0.9, 0.5, 4.0], np.float32))
    assert read("a_b", log_p)[0].confidence == pytest.approx(0.9**0.5)


def test_logits_are_decoded_by_their_best_path():
    logits = torch.full((3, alphabet.SIZE), -10.0)
    logits[torch.arange(3), torch.tensor(path("o_k").tolist())] = 10.0
    log_p, classes = logits.log_softmax(-1).max(-1)
    words = words_of_path(classes.numpy(), log_p.numpy(), np.array([0]), np.array([3]))
    assert [word.text for word in words] == ["ok"]


def test_words_end_with_their_segment_and_gaps_are_not_read():
    classes = path("xabbxxbcx")
    words = words_of_path(classes, np.zeros(9, np.float32), np.array([1, 6]), np.array([4, 8]))
    assert [(word.text, word.segment, word.start_frame, word.end_frame) for word in words] == [
        ("ab", 0, 1, 4),
        ("bc", 1, 6, 9),
    ]


@given(st.lists(st.text("ab _", min_size=1, max_size=12), max_size=5))
def test_many_segments_read_like_each_alone(texts):
    tape = "b" + "b".join(texts) + "b"
    ends = np.cumsum([len(text) + 1 for text in texts]).astype(np.int64)
    starts = ends - np.array([len(text) for text in texts], np.int64)
    words = words_of_path(path(tape), np.zeros(len(tape), np.float32), starts, ends)
    assert [[word.text for word in words if word.segment == i] for i in range(len(texts))] == [
        reference(tape, start, end) for start, end in zip(starts, ends, strict=True)
    ]


@pytest.mark.parametrize("width", [4, 30, 64, 102])
def test_two_pixels_make_a_frame(width):
    logits = Recognizer(blocks=1)(torch.rand(2, STRIP_HEIGHT, width))
    assert logits.shape == (2, width // 2, alphabet.SIZE)
