"""VDR_RERANKER: one reranker or several, each with its depth, and in one line what is wrong with it."""

import pytest

from vdr.addresses import without_credentials
from vdr.environment import read_settings
from vdr.errors import BadSetting
from vdr.rerank_chain import RerankStep, depths, parse_chain
from vdr.settings import ModelSettings

URL = "https://user:p@ss@host:8080/rerank?model=a"


@pytest.mark.parametrize(
    ("chain", "steps"),
    [
        ("models/ce", [("models/ce", None)]),
        ("models/ce@20", [("models/ce", 20)]),
        ("late-interaction@50", [("late-interaction", 50)]),
        ("org/ce@main", [("org/ce@main", None)]),
        ("org/ce@main@7", [("org/ce@main", 7)]),
        (URL, [(URL, None)]),
        (f"{URL}@10", [(URL, 10)]),
        ("http://user:5@host/rerank", [("http://user:5@host/rerank", None)]),
        (" late-interaction@50 , a @20,b", [("late-interaction", 50), ("a", 20), ("b", None)]),
        ("a,b@10,c", [("a", None), ("b", 10), ("c", None)]),
        ("a@10,b@10", [("a", 10), ("b", 10)]),
        (
            "./late-interaction,models/late-interaction",
            [("./late-interaction", None), ("models/late-interaction", None)],
        ),
    ],
)
def test_a_chain_is_names_with_depths(chain: str, steps: list[tuple[str, int | None]]) -> None:
    expected = tuple(RerankStep(*step) for step in steps)
    assert parse_chain(chain) == ModelSettings(reranker=chain).reranker == expected


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        ("", "has an empty element. Name a reranker on each side of a comma"),
        ("a,,b", "has an empty element."),
        ("a,", "has an empty element."),
        (",a", "has an empty element."),
        ("@20", "has an empty element."),
        ("a, @20", "has an empty element."),
        ("a@0", "a has depth 0. Set a depth of 1 or more"),
        ("a@20,http://u:p@h/rerank@00", "http://h/rerank has depth 0."),
        ("a,b,a@10", "names a twice. Name each reranker once."),
        ("http://u:p@h/rerank,http://h/rerank", "names http://h/rerank twice."),
        ("late-interaction@50,late-interaction@20", "names late-interaction twice."),
        ("a,late-interaction", "has late-interaction after a. Put late-interaction first"),
        ("a@20,b@21", "b has depth 21, the step before it 20. Depths may not grow along the chain: set b@20"),
        ("a@20,b,c@30", "c has depth 30, the step before it 20."),
        ("a,b@80,c@90", "c has depth 90, the step before it 80."),
        ("a@20,http://u:p@h/rerank@30", "http://h/rerank has depth 30, the step before it 20."),
    ],
)
def test_a_chain_that_cannot_work_is_refused_in_one_line(chain: str, said: str) -> None:
    for parse in (parse_chain, lambda text: ModelSettings(reranker=text)):
        with pytest.raises(BadSetting) as refused:
            parse(chain)
        text = str(refused.value)
        assert text.startswith("VDR_RERANKER") and said in text and "\n" not in text


def test_the_environment_holds_a_plain_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VDR_RERANKER", "late-interaction@50,models/text-ce")
    chain = read_settings().model.reranker
    assert [str(step) for step in chain] == ["late-interaction@50", "models/text-ce"]
    monkeypatch.setenv("VDR_RERANKER", "")
    assert read_settings().model.reranker == ()
    monkeypatch.setenv("VDR_RERANKER", "late-interaction,,models/text-ce")
    with pytest.raises(BadSetting, match="VDR_RERANKER has an empty element"):
        read_settings()


@pytest.mark.parametrize(("candidates", "is_refused"), [("50", True), ("80", False), ("0", False)])
def test_the_first_depth_that_is_not_set_is_that_of_the_settings(
    candidates: str, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VDR_RERANKER", "a,b@80")
    monkeypatch.setenv("VDR_RERANK_CANDIDATES", candidates)
    if is_refused:
        with pytest.raises(
            BadSetting, match=r"b has depth 80, the step before it 50\..*VDR_RERANK_CANDIDATES"
        ):
            read_settings()
    else:
        assert [step.depth for step in read_settings().model.reranker] == [None, 80]


def test_a_depth_of_its_own_may_be_greater_than_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VDR_RERANKER", "a@200,b@80")
    assert [step.depth for step in read_settings().model.reranker] == [200, 80]


@pytest.mark.parametrize(
    ("own", "expected"),
    [([], []), ([None], [50]), ([None, None], [50, 50]), ([80, None, 10, None], [80, 80, 10, 10])],
)
def test_without_a_depth_it_is_that_of_the_step_before(own: list[int | None], expected: list[int]) -> None:
    assert depths(own, 50) == expected


def test_credentials_are_not_shown() -> None:
    assert str(RerankStep(URL, 10)) == "https://host:8080/rerank?model=a@10"
    assert without_credentials("models/a@b") == "models/a@b"
    assert without_credentials("http://host/a@b") == "http://host/a@b"
