"""`questions`: gives a page reader what it knows of the words of questions.

Related words are distilled from a sentence encoder, weights of words learned from the questions that people
wrote. Nothing of a page's vector changes, so an index made before stays good.
"""

import argparse
from pathlib import Path

from sentence_transformers import SentenceTransformer

from training.page_reader.question_weights import learn_weights
from training.page_reader.synonyms import Corpus, embed, relate, vocabulary
from training.pairs.dataset import PairsDataset, read_pairs
from training.pairs.sources import LABELLED, RENDERED
from training.pairs.splits import TRAIN
from vdr.page_reader.modules import QueryText
from vdr.page_reader.questions import FILE, QuestionWords

_BY_PEOPLE = (LABELLED, RENDERED)
WORD_LIST = Path("/usr/share/dict/american-english")


def main() -> None:
    """Command line: `python -m training.page_reader.question_words PAIRS ENCODER CHECKPOINT`."""
    options = read_options(__doc__)
    encoder = SentenceTransformer(str(options.encoder), device="cpu", local_files_only=True)
    words = learn(read_pairs(options.pairs), encoder, options.words)
    replace(options.checkpoint, words)
    print(f"{len(words.weights)} words weighted, {len(words.related)} with related words.")


def read_options(about: str | None) -> argparse.Namespace:
    """What to distil, from which encoder, into which checkpoint; ends the program where no word list is."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("pairs", type=Path, help="folder that `vdr pairs build` wrote")
    parser.add_argument("encoder", type=Path, help="folder of a sentence encoder, such as all-MiniLM-L6-v2")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--words", type=Path, default=WORD_LIST, help="word list, one word per line")
    options = parser.parse_args()
    if not options.words.is_file():
        parser.error(
            f"{options.words} does not exist. Install wamerican, or choose another list with --words."
        )
    return options


def learn(pairs: PairsDataset, encoder: SentenceTransformer, word_list: Path) -> QuestionWords:
    """What the train split of a data set says about words."""
    rows = zip(*(pairs.pages[name] for name in ("page_id", "split", "text")), strict=True)
    texts = {page_id: text for page_id, split, text in rows if split == TRAIN}
    corpus = Corpus.of(texts.values())
    words = vocabulary(corpus, word_list, encoder)
    return QuestionWords(_weights(pairs, texts, corpus), relate(words, embed(words, encoder), corpus))


def replace(checkpoint: Path, words: QuestionWords) -> None:
    """Puts it into a checkpoint, in place of what was there."""
    (folder,) = checkpoint.glob(f"*_{QueryText.__name__}")
    words.write(folder / FILE)


def _weights(pairs: PairsDataset, texts: dict[str, str], corpus: Corpus) -> dict[str, float]:
    """The weights of words by the questions that people wrote; none where there are none of these."""
    columns = (pairs.train[name] for name in ("query", "positive_id", "source"))
    asked = [(query, page) for query, page, source in zip(*columns, strict=True) if source in _BY_PEOPLE]
    places = {page: place for place, page in enumerate(dict.fromkeys(page for _, page in asked))}
    questions = [(query, places[page]) for query, page in asked]
    return learn_weights(questions, [texts[page] for page in places], corpus) if questions else {}


if __name__ == "__main__":
    main()
