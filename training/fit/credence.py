"""Measures how far a text encoder is to be believed that was trained further, where the base's is known."""

from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from training.fit.config import EmbedderConfig
from training.fit.ranking import unit
from training.fit.run import Run
from training.text_encoder.material import evenly
from training.text_encoder.noise import noise_of
from vdr.models.inputs import plain_text
from vdr.models.own_texts import credence_of
from vdr.models.query_embedder import folder_of
from vdr.models.text_windows import text_windows, window_length
from vdr.text_encoder.credence import Credence

_PAGES = 1_000  # about as many as the noise of the shipped one was measured on


def credence_after(run: Run[EmbedderConfig], model: SentenceTransformer) -> Credence | None:
    """That of the trained model, by the pages of the run; None where that of the base is not known.

    Only the noise is measured again: training does not change the vocabulary.
    """
    before = credence_of(folder_of(run.config.model.base))
    if before is None:
        return None
    windows = [
        window
        for page_id in evenly(run.data.page_ids, _PAGES)
        for window in _windows(model, run.texts[page_id])
    ]
    options: dict[str, Any] = {
        "batch_size": run.config.evaluation.batch_size,
        "show_progress_bar": False,
    }
    run.say(f"Measuring what made-up words find in {len(windows):,} windows.")
    shown = unit(np.asarray(model.encode_document(windows, **options), np.float32))
    noise = noise_of(
        shown, lambda texts: unit(np.asarray(model.encode_query([*texts], **options), np.float32))
    )
    return before.model_copy(update={"noise": round(noise, 4)})


def _windows(model: SentenceTransformer, text: str) -> list[str]:
    words = plain_text(text, model.tokenizer)["text"].split()
    return text_windows(words, model.tokenizer, window_length(model))
