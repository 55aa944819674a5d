"""A cross-encoder takes page images when it is about to score them, a batch at a time."""

from threading import Event, Thread

import numpy as np
from PIL import Image

from vdr.models.batch_size import BatchSize
from vdr.models.cross_encoder import ImagesCrossEncoder

PATIENCE_S = 30


class Scorer:
    """Stands for a model: notes its batches, and waits in the first until it may go on."""

    tokenizer = None

    def __init__(self):
        self.batches, self.begun, self.may_go_on = [], Event(), Event()

    def predict(self, pairs, **_):
        self.batches.append(len(pairs))
        self.begun.set()
        self.may_go_on.wait(PATIENCE_S)
        return np.arange(len(pairs), dtype=np.float32)


class Pages:
    """Page images, and how many were taken."""

    def __init__(self, count):
        self.count, self.taken = count, 0

    def __iter__(self):
        for _ in range(self.count):
            self.taken += 1
            yield Image.new("RGB", (8, 8))


def test_no_image_is_taken_before_the_search_has_its_turn_and_then_a_batch_at_a_time():
    scorer = Scorer()
    reranker = ImagesCrossEncoder(scorer, "tiny", BatchSize(2))  # type: ignore[arg-type]
    first, second, scores = Pages(5), Pages(3), []
    searches = [
        Thread(target=lambda pages=pages: scores.append(reranker.score("query", pages)))
        for pages in (first, second)
    ]
    searches[0].start()
    assert scorer.begun.wait(PATIENCE_S)
    searches[1].start()
    searches[1].join(0.2)
    assert (first.taken, second.taken) == (2, 0)
    scorer.may_go_on.set()
    for search in searches:
        search.join(PATIENCE_S)
    assert scorer.batches == [2, 2, 1, 2, 1]
    assert [each.tolist() for each in scores] == [[0, 1, 0, 1, 0], [0, 1, 0]]


def test_without_pages_there_are_no_scores():
    assert ImagesCrossEncoder(Scorer(), "tiny", BatchSize(2)).score("query", []).shape == (0,)  # type: ignore[arg-type]
