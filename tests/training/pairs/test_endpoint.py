"""A vision model writes questions; pages without get counted, and the build goes on."""

import pytest

from tests.training.pairs.chat_server import chat_server, message
from training.pairs.chat import Chat
from training.pairs.config import EndpointConfig
from training.pairs.dataset import read_pairs
from training.pairs.endpoint import prompt_of, write_questions

GOOD = message('["What does steel cost?", "Who sells the copper?"]')


@pytest.fixture
def write(small, tmp_path):
    def run(server, documents=("a.pdf", "b.pdf"), **options):
        config = EndpointConfig(base_url=server.url, model="seer", cache=tmp_path / "cache", **options)
        return write_questions(read_pairs(small).pages, documents, Chat(config, lambda _: None), seed=0)

    return run


def test_questions_are_about_the_pages_they_were_written_for(write):
    with chat_server(GOOD) as server:
        written = write(server)
    assert {(query.document, query.page_numbers) for query in written.queries} == {
        ("a.pdf", (1,)), ("a.pdf", (2,)), ("a.pdf", (3,)), ("b.pdf", (1,)), ("b.pdf", (2,)),
    }  # fmt: skip
    assert len(written.queries) == 10 and written.requests == 5 and not written.dropped
    assert written.queries[0].source == "endpoint"


def test_a_second_run_costs_nothing(write):
    with chat_server(GOOD) as server:
        first = write(server)
    again = write(server)
    assert again.queries == first.queries and (again.requests, again.from_cache) == (0, 5)


def test_pages_without_an_answer_are_skipped_and_counted(write):
    with chat_server((500, {}, ""), (500, {}, ""), GOOD) as server:
        written = write(server, retries=1)
    assert written.dropped == {"pages without an answer from the endpoint": 1} and len(written.queries) == 8


def test_malformed_answers_are_counted_and_asked_again_the_next_time(write):
    with chat_server(message("I would rather not."), GOOD) as server:
        written = write(server)
        assert written.dropped == {"malformed answers from the endpoint": 1} and len(written.queries) == 8
        assert write(server).requests == 1


def test_a_page_that_says_nothing_is_no_failure(write):
    with chat_server(message("[]")) as server:
        written = write(server)
    assert written.queries == () and not written.dropped


def test_the_budget_ends_it_and_what_was_written_stays(write):
    with chat_server(GOOD) as server:
        written = write(server, max_requests=2)
    assert written.dropped == {"pages over the request budget": 3} and len(written.queries) == 4


def test_too_many_too_short_and_too_long_questions_are_left_out(write):
    long = " ".join(["word"] * 41)
    with chat_server(message(f'["Why?", "{long}", "Who sells the copper?", "What is it about?"]')) as server:
        written = write(server, ("b.pdf",), questions_per_page=3)
    assert {query.text for query in written.queries} == {"Who sells the copper?"}


def test_the_prompt_says_how_many(tmp_path):
    assert "Write 5 questions" in prompt_of(EndpointConfig(base_url="u", model="m", questions_per_page=5))
