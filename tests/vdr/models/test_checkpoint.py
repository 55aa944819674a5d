"""Which checkpoints are opened, which are refused, and that none runs code of its own."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer
from sentence_transformers.base.modules import Router, Transformer

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector, tiny_bert_reranker
from vdr.errors import ModelError
from vdr.models import checkpoint
from vdr.models.checkpoint import (
    is_late_interaction,
    open_checkpoint,
    open_cross_encoder,
    open_multi_vector,
)
from vdr.models.own_modules import is_page_reader
from vdr.page_reader.modules import QueryText
from vdr.settings import Precision

SHIPPED = Path(str(files("vdr.page_reader") / "weights"))
TRANSFORMER = "sentence_transformers.base.modules.transformer.Transformer"
FOREIGN = "modeling_foreign.Foreign"


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture
def copy(bert, tmp_path):
    return Path(shutil.copytree(bert, tmp_path / "copy"))


@pytest.fixture
def reader(tmp_path):
    return Path(shutil.copytree(SHIPPED, tmp_path / "reader"))


def change_json(file, **changes):
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | changes))


def write_spy(folder):
    """Python code in the checkpoint that leaves a trace where it is run."""
    trace = folder / "was-run"
    (folder / "modeling_foreign.py").write_text(
        f"open({str(trace)!r}, 'w').close()\n"
        "from transformers import BertConfig as ForeignConfig, BertModel as Foreign\n"
    )
    return trace


def test_a_checkpoint_that_takes_texts_alone_opens_without_a_word(bert, capfd):
    capfd.readouterr()
    assert not open_checkpoint(str(bert), "cpu").supports("image")
    assert capfd.readouterr() == ("", "")


def test_a_reranker_is_no_embedder(tmp_path):
    folder = tiny_bert_reranker(tmp_path / "reranker")
    with pytest.raises(ModelError, match=r"gives scores, not vectors\. Set VDR_RERANKER to it"):
        open_checkpoint(str(folder), "cpu")
    CrossEncoder(str(folder), device="cpu").save_pretrained(str(tmp_path / "saved"))
    with pytest.raises(ModelError, match="gives scores, not vectors"):
        open_checkpoint(str(tmp_path / "saved"), "cpu")


def test_a_checkpoint_that_takes_neither_images_nor_texts_is_refused(bert, monkeypatch):
    monkeypatch.setattr(SentenceTransformer, "supports", lambda *_: False)
    with pytest.raises(ModelError, match="takes neither images nor texts"):
        open_checkpoint(str(bert), "cpu")


@pytest.fixture(scope="module")
def multi_vector(bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "multi-vector"
    model = MultiVectorEncoder(modules=[Transformer(str(bert))], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return str(folder)


@pytest.mark.parametrize("saved", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("make", "opened"),
    [
        (tiny_bert, open_checkpoint),
        (tiny_bert_multi_vector, open_multi_vector),
        (tiny_bert_reranker, open_cross_encoder),
    ],
)
def test_precision_is_that_of_the_setting_whatever_was_saved(make, opened, saved, tmp_path):
    folder = str(make(tmp_path / "model"))
    kind = type(opened(folder, "cpu"))
    kind(folder, device="cpu", model_kwargs={"dtype": saved}).save_pretrained(folder, create_model_card=False)
    assert opened(folder, "cpu").dtype is torch.float32
    assert opened(folder, "cpu", Precision.BFLOAT16).dtype is torch.bfloat16


# What published checkpoints say of themselves, and what PyLate makes.
LATE_INTERACTION = {
    "vidore/colqwen2-v1.0-hf": ("config.json", {"architectures": ["ColQwen2ForRetrieval"]}),
    "vidore/colpali-v1.3-merged": ("config.json", {"architectures": ["ColPali"]}),
    "colbert-ir/colbertv2.0": ("config.json", {"architectures": ["HF_ColBERT"]}),
    "made-by/pylate": ("config_sentence_transformers.json", {"model_type": "ColBERT"}),
    "made-by/earlier-pylate": (
        "modules.json",
        [{"type": "sentence_transformers.models.Transformer"}, {"type": "pylate.models.Dense.Dense"}],
    ),
    "vidore/colqwen2.5-v0.2": ("preprocessor_config.json", {"processor_class": "ColQwen2_5_Processor"}),
}
OPENED = [open_checkpoint, open_cross_encoder]


def hub_cache(home, name, file, content):
    """The cache of the Hub in `home`, with this file of a model."""
    model = home / f"models--{name.replace('/', '--')}"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("0" * 40)
    (model / "snapshots" / ("0" * 40)).mkdir(parents=True)
    (model / "snapshots" / ("0" * 40) / file).write_text(json.dumps(content))


@pytest.mark.parametrize("opened", OPENED)
def test_many_vectors_a_page_are_refused_in_one_line_and_not_taken_for_one(opened, multi_vector):
    with pytest.raises(
        ModelError, match=r"many vectors per page .* where one is needed\. Set VDR_"
    ) as caught:
        opened(multi_vector, "cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("name", LATE_INTERACTION)
def test_col_models_are_refused_in_every_format(opened, name, tmp_path, monkeypatch):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path / "hub"))
    file, content = LATE_INTERACTION[name]
    (tmp_path / file).write_text(json.dumps(content))
    hub_cache(tmp_path / "hub", name, file, content)
    for each in (str(tmp_path), name):
        with pytest.raises(ModelError, match=rf"{each} gives many vectors"):
            opened(each, "cpu")


@pytest.mark.parametrize("error", [OSError, ImportError])
def test_a_hub_name_is_refused_once_it_is_downloaded_whether_it_loads_or_not(error, tmp_path, monkeypatch):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    name = "vidore/colpali-v1.3-merged"

    def download(*_, **__):
        hub_cache(tmp_path, name, *LATE_INTERACTION[name])
        raise error("cannot be loaded")

    monkeypatch.setattr(checkpoint, "_load", download)
    with pytest.raises(ModelError, match="many vectors"):
        open_checkpoint(name, "cpu")


def test_a_col_model_made_to_give_one_vector_is_none_of_late_interaction(tmp_path):
    (tmp_path / "config_sentence_transformers.json").write_text('{"model_type": "SentenceTransformer"}')
    (tmp_path / "config.json").write_text('{"architectures": ["ColQwen2ForRetrieval"]}')
    assert not is_late_interaction(str(tmp_path))


@pytest.mark.parametrize(
    ("build", "added"),
    [
        ("2.13.0", ""),
        ("2.13.0+cpu", " --extra-index-url https://download.pytorch.org/whl/cpu"),
        ("2.13.0+cu130", " --extra-index-url https://download.pytorch.org/whl/cu130"),
    ],
)
def test_the_torchvision_to_install_is_of_the_build_of_torch(build, added, bert, monkeypatch):
    def load(*_, **__):
        raise ImportError("Qwen3VLVideoProcessor requires the Torchvision library. Run nothing.")

    monkeypatch.setattr(checkpoint, "_load", load)
    monkeypatch.setattr(torch, "__version__", build)
    with pytest.raises(ModelError) as caught:
        open_checkpoint(str(bert), "cpu")
    assert str(caught.value).endswith(f"pip install 'vdr-pages[qwen]' torch=={build}{added}")


@pytest.mark.parametrize("name", ["no/folder/here", "nobody/nothing", "nothing", ""])
def test_a_checkpoint_that_is_not_there_is_a_model_error(name):
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_checkpoint(name, "cpu")


def test_a_file_is_no_checkpoint(tmp_path):
    (tmp_path / "weights.bin").touch()
    with pytest.raises(ModelError, match="is a file, not a directory"):
        open_checkpoint(str(tmp_path / "weights.bin"), "cpu")


BREAKABLE = [
    "config.json",
    "model.safetensors",
    "modules.json",
    "tokenizer_config.json",
    "1_Pooling/config.json",
]


@pytest.mark.parametrize("name", BREAKABLE)
def test_a_damaged_file_is_a_model_error_in_one_line(copy, name):
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        open_checkpoint(str(copy), "cpu")
    assert "\n" not in str(caught.value)
    assert str(copy) in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "1_Pooling/config.json"])
def test_a_missing_file_is_a_model_error(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_checkpoint(str(copy), "cpu")


def test_a_library_that_is_not_installed_is_named(copy):
    change_json(copy / "config.json", quantization_config={"quant_method": "gptq", "bits": 4})
    with pytest.raises(
        ModelError, match=r"needs packages that are not installed: .*optimum.*\. Install them"
    ):
        open_checkpoint(str(copy), "cpu")


def test_a_reason_ends_before_the_remedy_begins(tmp_path):
    with pytest.raises(ModelError, match=r"not found\. Set VDR_EMBEDDER"):
        open_checkpoint(str(tmp_path / "nothing"), "cpu")


def test_a_module_of_another_package_is_not_imported(copy):
    trace = write_spy(copy)
    modules = json.loads((copy / "modules.json").read_text())
    modules[0]["type"] = FOREIGN
    (copy / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match="not part of Sentence Transformers"):
        open_checkpoint(str(copy), "cpu")
    assert not trace.exists()


def test_a_model_that_brings_its_own_code_is_refused(copy):
    trace = write_spy(copy)
    auto_map = {"AutoConfig": "modeling_foreign.ForeignConfig", "AutoModel": FOREIGN}
    change_json(copy / "config.json", model_type="foreign", auto_map=auto_map)
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_checkpoint(str(copy), "cpu")
    assert not trace.exists()


def test_code_beside_a_known_architecture_is_left_alone(copy):
    trace = write_spy(copy)
    auto_map = {"AutoConfig": "modeling_foreign.ForeignConfig", "AutoModel": FOREIGN}
    change_json(copy / "config.json", auto_map=auto_map)
    open_checkpoint(str(copy), "cpu")
    assert not trace.exists()


def test_the_shipped_page_reader_is_one_and_opens(reader):
    assert is_page_reader(reader)
    assert open_checkpoint(str(reader), None).supports("image")


def test_a_page_reader_runs_on_the_cpu_whatever_device_is_asked_for(reader):
    assert open_checkpoint(str(reader), "meta").device.type == "cpu"


def test_sentence_transformers_own_modules_make_no_page_reader(bert, tmp_path):
    assert not is_page_reader(bert)
    assert not is_page_reader(tmp_path)


@pytest.mark.parametrize(
    "foreign", [FOREIGN, TRANSFORMER, "vdr.page_reader.modules.X--modeling_foreign.Foreign"]
)
def test_a_page_reader_with_anything_else_on_board_is_refused(reader, foreign):
    trace = write_spy(reader)
    (config,) = reader.rglob("router_config.json")
    types = json.loads(config.read_text())["types"]
    change_json(config, types=types | {next(iter(types)): foreign})
    assert not is_page_reader(reader)
    with pytest.raises(ModelError):
        open_checkpoint(str(reader), "cpu")
    assert not trace.exists()


@pytest.mark.parametrize("name", ["router_config.json", "config.json"])
def test_a_router_within_a_router_is_looked_into(tmp_path, name):
    routed = f"{Router.__module__}.Router"
    own = f"{QueryText.__module__}.QueryText"
    (tmp_path / "0_Router" / "inner").mkdir(parents=True)
    (tmp_path / "modules.json").write_text(json.dumps([{"type": routed, "path": "0_Router"}]))
    (tmp_path / "0_Router" / "router_config.json").write_text(
        json.dumps({"types": {"a": own, "inner": routed}})
    )
    inner = tmp_path / "0_Router" / "inner" / name
    inner.write_text(json.dumps({"types": {"b": own}}))
    assert is_page_reader(tmp_path)
    inner.write_text(json.dumps({"types": {"b": FOREIGN}}))
    assert not is_page_reader(tmp_path)
