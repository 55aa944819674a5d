"""The endpoint is asked within a budget, asked again where that may help, and never twice the same."""

import pytest

from tests.training.pairs.chat_server import chat_server, message
from training.pairs.chat import BudgetSpent, Chat, NoAnswer, parse_questions
from training.pairs.config import EndpointConfig
from vdr.errors import BadInput

BUSY = (429, {}, "slow down")
DOWN = (500, {}, "oops")


@pytest.fixture
def talk(tmp_path):
    """A chat with a server, and the seconds that it waited."""
    chats = []

    def start(url, **options):
        config = EndpointConfig(base_url=url, model="seer", cache=tmp_path / "cache", **options)
        waits = []
        chats.append(Chat(config, waits.append))
        return chats[-1], waits

    yield start
    for chat in chats:
        chat.close()


def test_the_image_and_the_prompt_reach_the_model(talk):
    with chat_server(message("hello")) as server:
        chat, waits = talk(server.url)
        assert chat.ask("Write.", b"picture") == "hello" and waits == []
    text, image = server.asked[0]["messages"][0]["content"]
    assert server.asked[0]["model"] == "seer" and text["text"] == "Write."
    assert image["image_url"]["url"] == "data:image/webp;base64,cGljdHVyZQ=="


def test_the_key_comes_from_the_environment(talk, monkeypatch):
    monkeypatch.setenv("SEER_KEY", "secret")
    with chat_server(message("hello")) as server:
        talk(server.url, api_key_env="SEER_KEY")[0].ask("Write.", b"picture")
        assert server.keys == ["Bearer secret"]
        monkeypatch.delenv("SEER_KEY")
        with pytest.raises(BadInput, match="SEER_KEY is not set"):
            talk(server.url, api_key_env="SEER_KEY")[0].ask("Write.", b"another picture")


def test_a_busy_endpoint_is_asked_again(talk):
    with chat_server(BUSY, message("hello")) as server:
        chat, waits = talk(server.url)
        assert chat.ask("Write.", b"picture") == "hello"
    assert waits == [1.0] and chat.requests == 2


def test_it_waits_as_long_as_the_endpoint_says_but_not_for_ever(talk):
    patient = (429, {"Retry-After": "7"}, "")
    endless = (429, {"Retry-After": "86400"}, "")
    with chat_server(patient, endless, message("hello")) as server:
        chat, waits = talk(server.url)
        chat.ask("Write.", b"picture")
    assert waits == [7.0, 60.0]


def test_waits_double_until_the_tries_are_used_up(talk):
    with chat_server(DOWN) as server:
        chat, waits = talk(server.url, retries=3)
        with pytest.raises(NoAnswer, match="status 500"):
            chat.ask("Write.", b"picture")
    assert waits == [1.0, 2.0, 4.0] and chat.requests == 4


def test_an_endpoint_that_is_not_there_gives_no_answer(talk):
    chat, waits = talk("http://127.0.0.1:9/v1", retries=1)
    with pytest.raises(NoAnswer):
        chat.ask("Write.", b"picture")
    assert len(waits) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_endpoint_that_does_not_let_us_in_ends_it(talk, status):
    refused = pytest.raises(BadInput, match=f"responded with status {status}")
    with chat_server((status, {}, "no")) as server, refused:
        talk(server.url)[0].ask("Write.", b"picture")


@pytest.mark.parametrize("answer", [(200, {}, "<html>"), (200, {}, '{"choices": []}'), (400, {}, "{}")])
def test_an_answer_without_a_message_is_none(talk, answer):
    with chat_server(answer) as server:
        chat, waits = talk(server.url)
        with pytest.raises(NoAnswer, match="without a message"):
            chat.ask("Write.", b"picture")
    assert waits == []


def test_an_answer_once_had_costs_nothing(talk):
    with chat_server(message("hello")) as server:
        talk(server.url)[0].ask("Write.", b"picture")
    again, _ = talk(server.url)
    assert again.ask("Write.", b"picture") == "hello"
    assert (again.requests, again.from_cache) == (0, 1)


def test_another_prompt_another_picture_or_a_dropped_answer_is_asked_anew(talk):
    with chat_server(message("hello")) as server:
        chat, _ = talk(server.url)
        chat.ask("Write.", b"picture")
        chat.ask("Write more.", b"picture")
        chat.ask("Write.", b"another")
        chat.forget("Write.", b"picture")
        chat.ask("Write.", b"picture")
    assert chat.requests == 4


def test_the_budget_counts_every_request(talk):
    with chat_server(BUSY, message("hello")) as server:
        chat, _ = talk(server.url, max_requests=2)
        chat.ask("Write.", b"picture")
        with pytest.raises(BudgetSpent):
            chat.ask("Write.", b"another")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "questions"),
    [
        ('["Who  pays?", "When?"]', ["Who pays?", "When?"]),
        ('Here you are:\n```json\n["Who?"]\n```', ["Who?"]),
        ('{"questions": ["Who?", 3, " "]}', ["Who?"]),
        ("[]", []),
        ("I cannot see a page.", []),
        ('["Who?", ', []),
        ("]nonsense[", []),
    ],
)
def test_the_list_is_found_in_whatever_stands_around_it(answer, questions):
    assert parse_questions(answer) == questions


def test_an_answer_that_cannot_be_decoded_is_asked_for_again(talk):
    with chat_server((200, {"Content-Encoding": "gzip"}, "no gzip"), message("hello")) as server:
        chat, waits = talk(server.url)
        assert chat.ask("Write.", b"picture") == "hello"
    assert waits == [1.0] and chat.requests == 2
