from functools import partial

import pytest
from PIL import Image

from training.fit.config import DataSection
from training.fit.data import DistinctBatches, Pages, open_data
from training.fit.views import ImageViews, fitting
from training.pairs.dataset import read_pairs
from vdr.errors import BadInput


@pytest.fixture(scope="module")
def data(pairs):
    return open_data(DataSection(pairs=pairs, negatives=1))


@pytest.fixture(scope="module")
def show(data):
    return partial(fitting, ImageViews(data.pages))


def test_rows_hold_ids_until_they_are_read(data, show):
    assert data.columns == ["query", "positive", "negative_1"]
    assert data.rows[0]["positive"] == "0.pdf:1"
    row = data.shown(show)[0]
    assert isinstance(row["positive"], Image.Image)
    assert row["positive"].info["page_id"] == "0.pdf:1"
    assert row["negative_1"].size == (510, 660)


def test_labels_travel_with_their_rows(data, show):
    labels = [[float(n), 0.0] for n in range(len(data.rows))]
    assert data.shown(show, labels)[3]["label"].tolist() == [3.0, 0.0]


def test_questions_are_those_of_the_documents_held_out(data):
    questions = data.questions
    assert len(questions.queries) == 6
    assert questions.page_ids == [f"2.pdf:{n}" for n in range(1, 7)]
    assert questions.relevant["q13"] == {"2.pdf:1"}
    assert questions.document_of["2.pdf:4"] == "2.pdf"
    assert "harbour" in questions.texts[0]


def test_no_page_is_twice_in_a_batch(data, show):
    sampler = DistinctBatches().get_batch_sampler(data.shown(show), batch_size=4, drop_last=False, seed=3)
    batches = [data.rows.select(batch) for batch in sampler]
    assert len(batches) >= 3
    for batch in batches:
        shown = [*batch["positive"], *batch["negative_1"]]
        assert len(shown) == len(set(shown))


def test_more_negatives_than_were_mined_are_refused(pairs):
    with pytest.raises(BadInput, match=r"1 hard negatives per query; the configuration asks for 3"):
        open_data(DataSection(pairs=pairs, negatives=3))


def test_a_folder_without_pairs_is_refused(tmp_path):
    with pytest.raises(BadInput, match="not a data set of pairs"):
        open_data(DataSection(pairs=tmp_path))


def test_an_unreadable_page_image_is_named(pairs):
    pages = read_pairs(pairs).pages
    broken = pages.cast_column("image", pages.features["image"].__class__(decode=False)).map(
        lambda row: {**row, "image": {"bytes": b"no image", "path": None}}, load_from_cache_file=False
    )
    with pytest.raises(BadInput, match=r"Cannot read the image of page 0\.pdf:1"):
        Pages(broken).image("0.pdf:1")
