"""Which plans are tried."""

from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from training.tune.plans import plans_to_try
from vdr.models.reranker import LoadedStep
from vdr.settings import SearchSettings


def told(
    *rerankers: LoadedStep, embedders: tuple[str, ...] = ("a",), has_regions: bool = True, **changes: int
) -> list[str]:
    settings = SearchSettings.model_validate(changes)
    return [str(each) for each in plans_to_try(settings, rerankers, embedders, has_regions=has_regions)]


def test_by_default_late_interaction_and_candidates_vary() -> None:
    assert told() == [
        "200 candidates, late-interaction@50",
        "200 candidates, no reranking",
        "200 candidates, late-interaction@20",
        "200 candidates, late-interaction@100",
        "100 candidates, late-interaction@50",
        "400 candidates, late-interaction@50",
        "100 candidates, no reranking",
        "400 candidates, no reranking",
    ]


def test_each_of_several_embedders_is_left_out() -> None:
    found = told(embedders=("a", "b"))
    assert "200 candidates, late-interaction@50, without a" in found
    assert "200 candidates, no reranking, without b" in found
    assert len(found) == 12


def test_each_step_of_a_chain_is_left_out() -> None:
    chain = (LoadedStep(), LoadedStep(DarkestFirst(), 30), LoadedStep(MostOfTheQuestion(), 10))
    late, dark, words = "late-interaction@50", "darkest-first@30", "most-of-the-question@10"
    found = told(*chain)
    assert found[0] == f"200 candidates, {late}, {dark}, {words}"
    for steps in (["no reranking"], [late], [dark], [words], [late, dark], [late, words], [dark, words]):
        assert ", ".join(["200 candidates", *steps]) in found
    assert "200 candidates, late-interaction@20, darkest-first@20, most-of-the-question@10" in found
    assert len(found) == len(set(found)) == 14


def test_where_nothing_is_reranked_by_the_settings_reranking_is_tried_all_the_same() -> None:
    found = told(rerank_candidates=0)
    assert found[0] == "200 candidates, no reranking"
    assert "200 candidates, late-interaction@50" in found


def test_where_nothing_can_rerank_candidates_alone_vary() -> None:
    assert told(has_regions=False, candidates=50) == [
        "50 candidates, no reranking",
        "100 candidates, no reranking",
        "200 candidates, no reranking",
        "400 candidates, no reranking",
    ]
