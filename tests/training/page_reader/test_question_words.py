"""What is known of words is put into a checkpoint, and changes nothing of its pages."""

import shutil
from importlib.resources import files

from training.page_reader.question_words import replace
from vdr.models.embedder import load_embedder
from vdr.page_reader.questions import SUMMED_SHARE, QuestionWords
from vdr.settings import ModelSettings


def test_a_checkpoint_with_other_words_asks_otherwise_and_keeps_its_fingerprint(tmp_path):
    checkpoint = tmp_path / "checkpoint"
    shutil.copytree(files("vdr.page_reader") / "weights", checkpoint)  # type: ignore[arg-type]
    before = load_embedder(ModelSettings(embedder=str(checkpoint)))
    replace(checkpoint, QuestionWords({"harbour": 0.5}, {"harbour": (("port", 0.2),)}))
    after = load_embedder(ModelSettings(embedder=str(checkpoint)))
    assert after.fingerprint == before.fingerprint
    (query,) = after.encode_queries(["Which harbour is the largest?"])
    assert query.term_weights == {"harbour": 0.5, "largest": 1.0, "port": 0.5 * 0.2 * SUMMED_SHARE}
