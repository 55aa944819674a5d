"""What an embedder ranks first, for a second model to put in order."""

import json

import numpy as np

from training.fit.callbacks import Say
from training.fit.config import SecondStageConfig
from training.fit.data import Questions
from training.fit.evaluator import embed
from training.fit.model import checkpoint_path, training_device
from training.fit.ranking import Quality, best_rows, quality
from training.fit.run_folder import RunFolder, is_first_process
from vdr.files import write_whole
from vdr.models.checkpoint import open_checkpoint
from vdr.types import FloatArray

CANDIDATES_FILE = "candidates.json"


class FirstStage:
    """An embedder's `scores` (queries, pages), and the rows of the best `count` pages of each query.

    `corpus` are the best of all pages, `within` those of the query's own document.
    """

    def __init__(self, scores: FloatArray, questions: Questions, count: int) -> None:
        self.scores = scores
        self._questions = questions
        documents = np.array(questions.documents)
        homes = [questions.document_of[next(iter(questions.relevant[q]))] for q in questions.queries]
        inside = [np.flatnonzero(documents == home) for home in homes]
        self.corpus = [best_rows(row, count) for row in scores]
        self.within = [
            [int(rows[place]) for place in best_rows(row[rows], count)]
            for row, rows in zip(scores, inside, strict=True)
        ]

    def quality(self) -> Quality:
        """How well the embedder ranks alone."""
        return quality(self.scores, self._questions)

    def reranked(self, scores: FloatArray) -> Quality:
        """How well the candidates are ranked in the order of `scores` (queries, pages), above the others."""
        within = quality(self._reordered(self.within, scores), self._questions)
        corpus = quality(self._reordered(self.corpus, scores), self._questions)
        return Quality(within.within, corpus.corpus, corpus.found)

    def _reordered(self, candidates: list[list[int]], scores: FloatArray) -> FloatArray:
        """The embedder's scores, with the candidates above all others and in the order of `scores`."""
        reordered = np.array(self.scores)
        for row, pages in enumerate(candidates):
            order = sorted(pages, key=lambda page: -scores[row, page])
            reordered[row, order] = 2 + np.arange(len(order), 0, -1)  # cosines end at 1
        return reordered


def open_first_stage(
    config: SecondStageConfig, folder: RunFolder, questions: Questions, say: Say
) -> FirstStage:
    """The first stage of a run: embedded once, read again from its folder when the run is resumed."""
    file = folder.root / CANDIDATES_FILE
    if not file.exists():
        say(f"Ranking {len(questions.page_ids)} pages by {config.embedder}.")
        embedder = open_checkpoint(checkpoint_path(config.embedder), training_device())
        scores = embed(embedder, questions, config.evaluation.batch_size).scores()
        if not is_first_process():
            return FirstStage(scores, questions, config.candidates)
        write_whole(file, json.dumps(scores.tolist()))
    return FirstStage(np.array(json.loads(file.read_text()), np.float32), questions, config.candidates)
