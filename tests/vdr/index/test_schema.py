"""Ids, the coarse embedding, and what makes two schemas the same."""

import uuid
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vdr.errors import IndexMismatch
from vdr.index.schema import (
    IndexSchema,
    RegionType,
    check_same,
    check_width,
    coarse_embedding,
    from_json,
    point_id,
    to_json,
)
from vdr.types import FloatArray, PageRef

SCHEMA = IndexSchema("default", "0123456789abcdef", dims=32, coarse_dims=16, region_dims=8)
embeddings = arrays(np.float32, st.integers(1, 64), elements=st.floats(-10, 10, width=16))
pages = st.builds(PageRef, st.text("0123456789abcdef", min_size=1, max_size=64), st.integers(1, 5_000))


def test_generation_names_model_and_dimensions() -> None:
    assert SCHEMA.generation == "0123456789ab-32"


def test_schema_prints_what_matters() -> None:
    assert str(SCHEMA) == "model 0123456789ab, 32 dimensions, coarse 16, regions of 8 in uint8"
    assert str(replace(SCHEMA, coarse_dims=32, region_dims=None)) == "model 0123456789ab, 32 dimensions"


def test_coarse_as_wide_as_full_is_not_stored() -> None:
    assert SCHEMA.has_coarse
    assert not replace(SCHEMA, coarse_dims=32).has_coarse
    assert not replace(SCHEMA, coarse_dims=64).has_coarse


def test_a_schema_file_that_says_nothing_of_the_regions_means_bytes() -> None:
    model = b'"collection":"default","fingerprint":"0123456789abcdef"'
    before = b"{" + model + b',"dims":32,"coarse_dims":16,"region_dims":8}'
    assert from_json(before) == SCHEMA
    with pytest.raises(IndexMismatch, match=r"in uint8, but the settings ask for .* in float16"):
        check_same(SCHEMA, replace(SCHEMA, region_type=RegionType.FLOAT16))


def test_point_id_is_stable_across_releases() -> None:
    assert point_id(SCHEMA, PageRef("abc", 7)) == "abde0efa-d1f8-529f-93f3-4d67d9dd7b1c"


@given(pages)
def test_point_id_is_a_uuid_and_always_the_same(page: PageRef) -> None:
    assert point_id(SCHEMA, page) == point_id(replace(SCHEMA), page)
    assert str(uuid.UUID(point_id(SCHEMA, page))) == point_id(SCHEMA, page)


@given(pages, pages)
def test_different_pages_have_different_ids(one: PageRef, other: PageRef) -> None:
    assert (point_id(SCHEMA, one) == point_id(SCHEMA, other)) == (one == other)


def test_another_generation_has_other_ids() -> None:
    assert point_id(SCHEMA, PageRef("abc", 1)) != point_id(replace(SCHEMA, dims=64), PageRef("abc", 1))
    assert point_id(SCHEMA, PageRef("abc", 1)) != point_id(
        replace(SCHEMA, fingerprint="f" * 16), PageRef("abc", 1)
    )


@given(embeddings, st.integers(1, 64))
def test_coarse_embedding_points_where_the_first_dimensions_do(embedding: FloatArray, dims: int) -> None:
    head = embedding[:dims]
    coarse = coarse_embedding(embedding, dims)
    assert coarse.shape == head.shape
    np.testing.assert_allclose(coarse * np.linalg.norm(head), head, atol=1e-4)


@given(embeddings, st.integers(1, 64))
def test_coarse_embedding_has_length_one_or_is_zero(embedding: FloatArray, dims: int) -> None:
    length = np.linalg.norm(coarse_embedding(embedding, dims))
    assert length == pytest.approx(1.0, abs=1e-4) if np.any(embedding[:dims]) else length == 0


@given(embeddings, st.integers(1, 64), st.integers(1, 64))
def test_truncating_twice_is_truncating_once(embedding: FloatArray, one: int, other: int) -> None:
    small, large = sorted((one, other))
    twice = coarse_embedding(coarse_embedding(embedding, large), small)
    np.testing.assert_allclose(twice, coarse_embedding(embedding, small), atol=1e-4)


def test_schema_survives_its_file() -> None:
    assert from_json(to_json(SCHEMA)) == SCHEMA


def test_same_schema_is_accepted() -> None:
    check_same(SCHEMA, replace(SCHEMA))
    check_same(replace(SCHEMA, coarse_dims=32), replace(SCHEMA, coarse_dims=48))


@pytest.mark.parametrize(
    "change",
    [{"fingerprint": "f" * 16}, {"dims": 64}, {"coarse_dims": 8}, {"coarse_dims": 32}, {"region_dims": None}],
    ids=str,
)
def test_another_schema_is_refused_with_what_was_found_and_asked(change: dict[str, object]) -> None:
    asked = replace(SCHEMA, **change)  # type: ignore[arg-type]
    with pytest.raises(IndexMismatch) as refused:
        check_same(SCHEMA, asked)
    assert str(SCHEMA) in str(refused.value)
    assert str(asked) in str(refused.value)
    assert "vdr index" in refused.value.remedy


def test_width_none_stands_for_any_number() -> None:
    check_width("matrix", (7, 8), (None, 8))


@pytest.mark.parametrize("shape", [(7, 9), (8,), (7, 8, 1)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(IndexMismatch, match="the index expects n x 8"):
        check_width("matrix", shape, (None, 8))
