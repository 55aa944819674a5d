import pytest

from training.fit.config import EmbedderConfig, RerankerConfig, parse_config, read_config
from vdr.errors import BadInput

LEAST = {"run": {"folder": "runs/a"}, "data": {"pairs": "pairs/a"}}


def parsed(kind=EmbedderConfig, **sections):
    return parse_config({**LEAST, **sections}, kind, "a.toml")


def test_a_folder_and_pairs_are_enough():
    config = parsed()
    assert config.model.base == "page-reader"
    assert config.loss.kind == "ranking"


def test_a_file_is_read(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('[run]\nfolder = "r"\n[data]\npairs = "p"\n[model.lora]\nrank = 4\n')
    assert read_config(file, EmbedderConfig).model.lora.rank == 4


def test_an_unknown_key_is_named_with_the_nearest_known_one():
    with pytest.raises(
        BadInput, match=r"unknown key optimizer\.learning_rat, did you mean optimizer\.learning_rate\?"
    ):
        parsed(optimizer={"learning_rat": 1e-5})


def test_a_key_in_an_optional_table_is_known_too():
    with pytest.raises(BadInput, match=r"did you mean model\.lora\.rank\?"):
        parsed(model={"lora": {"rnak": 4}})


def test_a_key_like_no_other_is_only_named():
    with pytest.raises(BadInput, match=r"unknown key zzz\. "):
        parsed(zzz=1)


def test_every_fault_is_told_in_one_line():
    with pytest.raises(BadInput) as caught:
        parsed(optimizer={"batch_size": 1, "epochs": -1})
    assert "optimizer.batch_size" in str(caught.value)
    assert "optimizer.epochs" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_missing_is_named():
    with pytest.raises(BadInput, match=r"data: Field required"):
        parse_config({"run": {"folder": "a"}}, EmbedderConfig, "a.toml")


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "distill-scores"},
        {"kind": "ranking", "teacher": "somebody"},
        {"matryoshka": {"dims": [64, 32], "weights": [1.0]}},
        {"matryoshka": {"dims": []}},
    ],
)
def test_losses_that_make_no_sense_are_refused(loss):
    with pytest.raises(BadInput, match="loss"):
        parsed(loss=loss)


def test_each_kind_of_training_has_its_own_losses():
    assert parsed(RerankerConfig, loss={"kind": "lambda"}).loss.kind == "lambda"
    with pytest.raises(BadInput, match=r"loss\.kind"):
        parsed(loss={"kind": "lambda"})


def test_a_file_that_is_not_there_or_no_toml_is_said(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_config(tmp_path / "none.toml", EmbedderConfig)
    (tmp_path / "bad.toml").write_text("[run\n")
    with pytest.raises(BadInput, match="is not valid TOML"):
        read_config(tmp_path / "bad.toml", EmbedderConfig)
