"""Mining rewrites the rows of a data set with negatives of their own split."""

import pytest

from tests.fixtures.embedder import TinyEmbedder
from tests.training.pairs.parts import EVAL_PAIRS, PAGES, TRAIN_PAIRS, pair, write_small
from training.pairs.dataset import pairs_of, read_pairs
from training.pairs.mine import mine
from training.pairs.negatives import Demand
from vdr.errors import BadInput


def test_every_row_gets_its_negatives(small):
    said = []
    manifest = mine(small, TinyEmbedder(), Demand(2), said.append)
    pairs = read_pairs(small)
    for rows in (pairs.train, pairs.eval):
        assert all(
            len(row.negative_ids) == 2 and row.positive_id not in row.negative_ids for row in pairs_of(rows)
        )
    assert manifest == pairs.manifest and said == ["Embedding 9 pages with tiny."]


def test_all_but_the_negatives_stays_as_it_was(small):
    mine(small, TinyEmbedder(), Demand(2), print)
    pairs = read_pairs(small)
    assert [(row.query, row.positive_id) for row in pairs_of(pairs.train)] == [
        (row.query, row.positive_id) for row in TRAIN_PAIRS
    ]
    assert len(pairs.eval) == len(EVAL_PAIRS) and len(pairs.pages) == 9


def test_the_manifest_says_how_they_were_found(small):
    mining = mine(small, TinyEmbedder(), Demand(3, 0.1, 0.25), print).mining
    assert mining is not None
    assert (mining.embedder, mining.negatives, mining.margin, mining.same_document_share) == (
        "tiny",
        3,
        0.1,
        0.25,
    )
    assert mining.fingerprint == TinyEmbedder.fingerprint
    assert {split: mining.mined[split] + mining.padded[split] for split in ("train", "eval")} == {
        "train": 9, "eval": 6,
    }  # fmt: skip


def test_mining_again_gives_other_numbers_of_negatives(small):
    for count in (2, 1):
        mine(small, TinyEmbedder(), Demand(count), print)
    assert {len(ids) for ids in read_pairs(small).train["negative_ids"]} == {1}


def test_a_split_without_a_wrong_page_leaves_the_data_set_alone(tmp_path):
    every = [pair("c.pdf", n, "four") for n in range(1, PAGES[2][1] + 1)]
    folder = write_small(tmp_path / "small", evaluation=every)
    with pytest.raises(BadInput, match="All pages answer 'four'"):
        mine(folder, TinyEmbedder(), Demand(2), print)
    assert set(map(len, read_pairs(folder).train["negative_ids"])) == {0}


def test_long_runs_say_how_far_they_are(small, monkeypatch):
    monkeypatch.setattr("training.pairs.mine._BATCH", 3)
    monkeypatch.setattr("training.pairs.mine._SAY_EVERY", 6)
    said = []
    mine(small, TinyEmbedder(), Demand(1), said.append)
    assert said[1:] == ["6 of 9 pages."]


def test_an_embedder_of_many_vectors_a_page_mines_nothing(small):
    class Many(TinyEmbedder):
        coarse_dims: int | None = 64

    before = read_pairs(small).train["negative_ids"][:]
    with pytest.raises(BadInput, match="gives many vectors a page; negatives are mined by one"):
        mine(small, Many(), Demand(2), print)
    assert read_pairs(small).train["negative_ids"][:] == before
