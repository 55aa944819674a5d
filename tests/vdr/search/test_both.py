"""What a text and an image find, put together."""

import pytest

from vdr.search.both import together
from vdr.search.execute import Found
from vdr.types import Candidate, PageRef, Stage, Vote


def found(missing: tuple[str, ...] = (), **scores: float) -> Found:
    """Documents of one page with their scores, best first."""
    votes = {name: {Stage.TEXT: Vote(1, score)} for name, score in scores.items()}
    pages = [
        Candidate(PageRef(name, 1), f"{name}.pdf", score, {Stage.TEXT: 7.0}, votes=votes[name])
        for name, score in scores.items()
    ]
    return Found(pages, missing)


def names(joined: Found) -> str:
    return "".join(each.page.document_id for each in joined.candidates)


def test_what_is_half_of_both_comes_before_what_is_all_of_one() -> None:
    joined = together(found(a=0.95, b=0.5), found(c=0.95, b=0.5, a=0.05))
    assert names(joined) == "bac"
    assert [each.score for each in joined.candidates] == pytest.approx([0.5, 0.275, 0.2375])


def test_what_only_one_side_has_found_keeps_its_order_there() -> None:
    assert names(together(found(), found(a=0.6, b=0.4))) == "ab"
    assert names(together(found(a=0.6, b=0.4), found())) == "ab"
    assert names(together(found(b=0.4), found(a=0.4))) == "ab"
    assert names(together(found(), found())) == ""


def test_a_hit_has_the_stages_of_the_text_and_the_shares_of_both_sides() -> None:
    both, like = together(found(("krill",), a=0.8), found(b=0.9, a=0.4)).candidates
    assert both.stages == {Stage.TEXT: 7.0, Stage.QUERY: 0.8, Stage.LIKE: 0.4}
    assert both.votes == {Stage.TEXT: Vote(1, 0.8), Stage.LIKE: Vote(2, 0.4)}
    assert like.stages == {Stage.QUERY: 0.0, Stage.LIKE: 0.9}
    assert like.votes == {Stage.LIKE: Vote(1, 0.9)}
    assert together(found(("krill",)), found(("ferry",))).missing == ("krill",)


def test_a_cross_encoder_changes_the_order_of_its_side_and_not_the_scale() -> None:
    reranked = Found(
        [
            Candidate(PageRef(name, 1), "", logit, {Stage.FUSION: share, Stage.CROSS_ENCODER: logit})
            for name, logit, share in (("a", 9.1, 0.3), ("b", -4.0, 0.8))
        ]
    )
    joined = together(reranked, found(a=0.8, b=0.8))
    assert [(each.page.document_id, each.stages[Stage.QUERY]) for each in joined.candidates] == [
        ("a", 0.8),
        ("b", 0.3),
    ]
