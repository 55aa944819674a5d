"""The TOML file of a build: every key is known, and a wrong one is named with the nearest right one."""

import pytest

from training.pairs.config import PairsConfig, read_config
from vdr.errors import BadInput


def written(tmp_path, text):
    file = tmp_path / "pairs.toml"
    file.write_text(text)
    return file


def test_without_a_file_the_pdfs_alone_are_read():
    config = read_config(None)
    assert config == PairsConfig()
    assert config.phrases.enabled and config.endpoint is None and config.rendered is None


def test_every_section_can_be_given(tmp_path):
    config = read_config(
        written(
            tmp_path,
            """
            weights = {phrases = 1, labelled = 3}
            [phrases]
            rules = ["heading"]
            per_page = 2
            [endpoint]
            base_url = "http://localhost:1/v1"
            model = "m"
            [rendered]
            path = "tables.jsonl"
            [[labelled]]
            path = "owner/pages"
            columns = {query = "question"}
            """,
        )
    )
    assert config.weights == {"phrases": 1, "labelled": 3}
    assert config.phrases.rules == ("heading",)
    assert config.endpoint is not None and config.endpoint.max_requests == 100
    assert config.rendered is not None and config.rendered.pages_per_document == 8
    assert config.labelled[0].columns.query == "question"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[phrases]\nper_pgae = 3", r"unknown key phrases\.per_pgae, did you mean phrases\.per_page\?"),
        ("[endpont]\nmodel = 'm'", r"unknown key endpont, did you mean endpoint\?"),
        (
            "[[labelled]]\npath = 'a.csv'\ncolumns = {qery = 'q'}",
            r"labelled\.0\.columns\.qery, did you mean labelled\.columns\.query\?",
        ),
        ("zzzzzz = 1", r"unknown key zzzzzz\. Correct"),
        ("[phrases]\nper_page = 0", r"phrases\.per_page: .*greater than or equal to 1"),
        ("[phrases]\nrules = ['headings']", r"unknown rule headings; use heading, caption"),
        ("weights = {phrase = 1}", r"unknown source phrase; use labelled, phrases"),
        ("weights = {phrases = -1}", r"the weight of phrases is negative"),
        ("weights = ", r"is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, text, said):
    with pytest.raises(BadInput, match=said) as raised:
        read_config(written(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"none\.toml does not exist"):
        read_config(tmp_path / "none.toml")
