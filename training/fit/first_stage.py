"""What an embedder ranks first, for a second model to put in order."""

import io

import numpy as np

from training.fit.config import SecondStageConfig
from training.fit.data import EvalQuestions
from training.fit.evaluator import embed
from training.fit.memory import measuring_in_memory
from training.fit.model import training_device
from training.fit.ranking import Quality, best_rows, quality
from training.fit.run import Run
from training.fit.run_folder import is_first_process
from training.fit.views import views_of
from vdr.files import write_whole
from vdr.models.checkpoint import open_checkpoint
from vdr.models.query_embedder import folder_of
from vdr.types import FloatArray


class FirstStage:
    """An embedder's `scores` (queries, pages), and the rows of the best `count` pages of each query.

    `corpus` are the best of all pages, `within` those of the query's own document.
    """

    def __init__(self, scores: FloatArray, questions: EvalQuestions, count: int) -> None:
        self.scores = scores
        self._questions = questions
        documents = np.array(questions.documents)
        inside = [np.flatnonzero(documents == questions.home(query_id)) for query_id in questions.queries]
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


def open_first_stage(run: Run[SecondStageConfig]) -> FirstStage:
    """The first stage of a run: embedded once, read again from its folder when the run is resumed.

    Raises OutOfMemory where so many pages at once do not fit.
    """
    file, config, questions = run.folder.first_stage, run.config, run.data.questions
    if file.exists():
        return FirstStage(np.load(file), questions, config.candidates)
    run.say(f"Ranking {len(questions.page_ids)} pages by {config.embedder}.")
    with measuring_in_memory(config):
        embedder = open_checkpoint(folder_of(config.embedder), training_device())
        scores = embed(embedder, questions, views_of(embedder, run), config.evaluation.batch_size).scores()
    if is_first_process():
        written = io.BytesIO()
        np.save(written, scores)
        write_whole(file, written.getvalue())
    return FirstStage(scores, questions, config.candidates)
