"""How checkpoints compute attention is a setting; what this machine cannot is refused in a line."""

import pytest
import torch
from pydantic import ValidationError

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector, tiny_bert_reranker
from vdr.errors import BadSetting
from vdr.models import checkpoint
from vdr.models.checkpoint import open_checkpoint, open_cross_encoder, open_multi_vector
from vdr.models.cross_encoder import load_cross_encoder
from vdr.models.embedder import load_embedder
from vdr.models.query_embedder import folder_of
from vdr.settings import PAGE_READER, Backend, ModelSettings, Precision
from vdr.types import Attention

KINDS = pytest.mark.parametrize(
    ("make", "opened"),
    [
        (tiny_bert, open_checkpoint),
        (tiny_bert_multi_vector, open_multi_vector),
        (tiny_bert_reranker, open_cross_encoder),
    ],
)


class Asked(Exception):
    """What a library is asked for, before it loads anything."""


@KINDS
def test_it_is_computed_as_is_said_with_the_same_outcome(make, opened, tmp_path):
    folder, outputs = str(make(tmp_path / "model")), {}
    for kind, computed in ((Attention.AUTO, "sdpa"), (Attention.SDPA, "sdpa"), (Attention.EAGER, "eager")):
        transformer = opened(folder, "cpu", attention=kind)[0].model.eval()
        assert transformer.config._attn_implementation == computed
        outputs[kind] = transformer(input_ids=torch.tensor([[2, 5, 6, 7, 3]]))[0]
    assert torch.allclose(outputs[Attention.SDPA], outputs[Attention.EAGER], atol=1e-5)


@pytest.mark.parametrize("make", [tiny_bert, tiny_bert_multi_vector])
def test_an_embedder_computes_as_the_settings_say(make, tmp_path):
    settings = ModelSettings(
        embedder=str(make(tmp_path / "model")),
        reader=None,
        backend=Backend.TORCH,
        attention=Attention.FLASH_2,
        device="cpu",
    )
    with pytest.raises(BadSetting, match="VDR_ATTENTION=flash_attention_2"):
        load_embedder(settings)


def test_a_reranker_computes_as_the_settings_say(tmp_path):
    settings = ModelSettings(attention=Attention.FLASH_2, device="cpu")
    with pytest.raises(BadSetting, match="VDR_ATTENTION=flash_attention_2"):
        load_cross_encoder(str(tiny_bert_reranker(tmp_path / "model")), settings)


@KINDS
@pytest.mark.parametrize(("device", "is_installed"), [("cpu", True), ("cuda", False)])
def test_flash_attention_that_cannot_be_had_is_refused(
    make, opened, device, is_installed, tmp_path, monkeypatch
):
    monkeypatch.setattr(checkpoint, "is_flash_attn_2_available", lambda: is_installed)
    with pytest.raises(BadSetting, match=r"an NVIDIA GPU and the package flash-attn\. Set VDR_ATT") as caught:
        opened(str(make(tmp_path / "model")), device, attention=Attention.FLASH_2)
    assert "\n" not in str(caught.value)


def test_flash_attention_in_32_bits_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "is_flash_attn_2_available", lambda: True)
    with pytest.raises(BadSetting, match="needs bfloat16 or float16"):
        open_checkpoint(str(tiny_bert(tmp_path / "model")), "cuda", Precision.FLOAT32, Attention.FLASH_2)


def test_flash_attention_is_asked_for_where_it_can_be_had(tmp_path, monkeypatch):
    def ask(*_, model_kwargs, **options):
        raise Asked(model_kwargs)

    monkeypatch.setattr(checkpoint, "is_flash_attn_2_available", lambda: True)
    monkeypatch.setattr(checkpoint, "SentenceTransformer", ask)
    with pytest.raises(Asked) as caught:
        open_checkpoint(str(tiny_bert(tmp_path / "model")), "cuda:0", attention=Attention.FLASH_2)
    assert caught.value.args == ({"dtype": torch.bfloat16, "attn_implementation": "flash_attention_2"},)


def test_the_page_reader_has_no_attention_to_compute():
    assert open_checkpoint(folder_of(PAGE_READER), None, attention=Attention.FLASH_2).supports("image")


def test_another_name_is_refused(monkeypatch):
    monkeypatch.setenv("VDR_ATTENTION", "flash")
    with pytest.raises(ValidationError, match="'auto', 'eager', 'sdpa' or 'flash_attention_2'"):
        ModelSettings()
