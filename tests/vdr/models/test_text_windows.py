"""Counting the words of pages, while other threads embed with the same model."""

from tests.fixtures.checkpoints import tiny_bert
from vdr.models.checkpoint import open_checkpoint
from vdr.models.text_windows import text_windows
from vdr.models.tokenizer_state import own_tokenizer


def test_counting_words_leaves_alone_how_the_model_cuts_and_pads(tmp_path):
    model = open_checkpoint(str(tiny_bert(tmp_path / "bert")), "cpu")
    model.encode(["a b", "c"])
    state = model.tokenizer.backend_tokenizer
    cuts, pads = state.truncation, state.padding
    assert cuts is not None and pads is not None
    assert text_windows(["a", "b"], own_tokenizer(model), 8) == ["a b"]
    assert (state.truncation, state.padding) == (cuts, pads)
