"""The page reader as shipped: real weights, real pages drawn on the spot."""

from importlib.resources import files

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from sentence_transformers import SentenceTransformer
from torch.nn import functional as F

from vdr.page_reader.calibration import Calibration
from vdr.page_reader.codes import hash_words
from vdr.page_reader.features import count_words
from vdr.page_reader.meanings import Meanings
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.page_reader.questions import QuestionWords
from vdr.page_reader.reading import Reader, fuse_normalization
from vdr.types import Box, Word

TEXT = [
    "Annual report of the harbour company",
    "Net sales rose to 1,452 million",
    "Wind turbines and gear boxes",
]


def draw(lines, size=30, turn=0.0):
    page = Image.new("RGB", (1_088, 1_408), "white")
    font = ImageFont.load_default(size)
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text((90, 120 + 90 * row), line, fill="black", font=font)
    return page.rotate(turn, Image.Resampling.BICUBIC, fillcolor="white")


def terms_read(model, page):
    features = model(model.preprocess([page]))
    return set(count_words(features["page_words"][0]))


@pytest.fixture(scope="module")
def model():
    return SentenceTransformer(
        str(files("vdr.page_reader") / "weights"), device="cpu", trust_remote_code=True
    ).eval()


@pytest.mark.parametrize("size", [16, 24, 40, 70])
def test_it_reads_print_of_every_size(model, size):
    wanted = {"annual", "report", "harbour", "net", "sales", "turbines", "gear"}
    short = [" ".join(line.split()[:3]) for line in TEXT] if size > 50 else TEXT
    wanted &= set(" ".join(short).lower().split())
    assert len(terms_read(model, draw(short, size)) & wanted) >= 0.8 * len(wanted)


def test_it_reads_a_page_turned_by_a_degree(model):
    wanted = {"annual", "report", "harbour", "company", "sales", "million", "turbines", "boxes"}
    assert len(terms_read(model, draw(TEXT, turn=1.0)) & wanted) >= 6


def test_words_stand_where_they_were_drawn(model):
    words = model(model.preprocess([draw(TEXT)]))["page_words"][0]
    first = next(word for word in words if word.text.lower() == "annual")
    assert first.box.x0 == pytest.approx(90 / 1_088, abs=0.02)
    assert (first.box.y0 + first.box.y1) / 2 == pytest.approx(138 / 1_408, abs=0.015)
    assert 0 < first.confidence <= 1


def test_a_question_finds_the_page_that_holds_its_words(model):
    pages = model.encode_document([draw([line]) for line in TEXT])
    queries = model.encode_query(["Which company runs the harbour?", "How much were net sales?", "turbines"])
    assert (queries @ pages.T).argmax(1).tolist() == [0, 1, 2]


def test_embeddings_have_unit_length_and_the_promised_width(model):
    embeddings = np.concatenate([model.encode_document([draw(TEXT)]), model.encode_query(["net sales"])])
    assert embeddings.shape == (2, model.get_embedding_dimension()) == (2, 1_024)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_an_empty_page_reads_as_nothing(model):
    features = model(model.preprocess([Image.new("L", (800, 1_000), 255)]))
    assert features["page_words"] == [[]]
    assert features["region_embeddings"][0].shape == (0, 64)
    assert features["sentence_embedding"].abs().sum() == 0


def test_pages_of_different_sizes_read_the_same_together_and_alone(model):
    pages = [draw(TEXT), draw(TEXT[:1]).resize((640, 828)), Image.new("L", (300, 200), 255)]
    together = model.encode_document(pages, batch_size=3)
    alone = np.stack([model.encode_document([page])[0] for page in pages])
    assert together == pytest.approx(alone, abs=1e-5)


def test_saved_and_loaded_it_gives_the_same_vectors(model, tmp_path):
    model.save(str(tmp_path), create_model_card=False)
    again = SentenceTransformer(str(tmp_path), device="cpu", trust_remote_code=True)
    page = draw(TEXT)
    assert again.encode_document([page]) == pytest.approx(model.encode_document([page]), abs=1e-6)
    assert again.encode_query(["sales"]) == pytest.approx(model.encode_query(["sales"]), abs=1e-6)


def test_the_weights_are_small_enough_to_ship():
    weights = files("vdr.page_reader") / "weights"
    assert sum(file.stat().st_size for file in weights.rglob("*") if file.is_file()) <= 20 * 2**20  # type: ignore[attr-defined]


def test_token_weights_of_a_question_sum_to_one_beside_related_words(model):
    features = model(model.preprocess(["Which turbine has the best gear box?"]))
    # The codes of related words come on top.
    assert 1 <= features["token_embeddings_list"][0].norm(dim=-1).sum().item() < 1.4


@pytest.mark.parametrize("quantized", [True, False])
def test_confidence_is_calibrated_whatever_reads(tmp_path, quantized):
    checkpoint = str(files("vdr.page_reader") / "weights" / "image_0_PageImage")
    reading = PageImage.load(checkpoint)
    reading.quantized = reading.quantized if quantized else None
    image = draw(TEXT)
    reading.offset, reading.slope = 0.0, 1.0
    (plain,) = reading.preprocess([image])["page_words"]
    reading.offset, reading.slope = 0.5, 2.0
    reading.save(str(tmp_path))
    again = PageImage.load(str(tmp_path))
    again.quantized = reading.quantized
    (words,) = again.preprocess([image])["page_words"]
    assert words == Calibration(0.5, 2.0).apply(plain) != plain


def test_the_codes_of_words_sum_to_zero(model):
    page = model(model.preprocess([draw(TEXT)]))["region_embeddings"][0]
    query = model(model.preprocess(["Who runs the harbour?"]))["token_embeddings_list"][0]
    assert torch.cat([page, query]).sum(1).abs().max().item() < 1e-5


def small(**options):
    return WordSuperposition(dims=64, buckets=512, weight_buckets=512, region_dims=16, **options).eval()


def asked(*texts, words=None):
    return QueryText(words).preprocess(texts)


def paged(*pages):
    """Features of pages, each a dict of words with how often they stand there."""
    reading = PageImage()
    box = Box(0, 0, 1, 1)
    reading._read = lambda image: [  # type: ignore[method-assign]
        Word(w, box, 1.0) for w, n in pages[image.width - 1].items() for _ in range(n)
    ]
    return reading.preprocess([Image.new("L", (i + 1, 1)) for i in range(len(pages))])


def test_the_weightiest_words_become_regions_when_there_are_too_many():
    module = small(max_regions=2)
    with torch.no_grad():
        places = hash_words(["turbine", "the", "harbour"])[:, 0] % 512
        module.codes.query_weights[places] = torch.tensor([0.9, 0.1, 0.8])
    features = paged({"the": 1, "harbour": 1, "turbine": 1})
    features["word_confidence"] *= 0.5
    cut = module.codes.codes(["turbine", "harbour"])[:, :16]
    wanted = F.normalize(cut - cut.mean(1, keepdim=True), dim=-1)
    assert torch.allclose(module(features)["region_embeddings"][0], 0.5 * wanted, atol=1e-5)


def test_of_a_word_and_its_relatives_the_best_counts_in_late_interaction():
    module = WordSuperposition(dims=1_024, region_dims=1_024).eval()
    words = QuestionWords(related={"revenue": (("sales", 0.5), ("takings", 0.25))})
    (tokens,) = module(asked("revenue", words=words))["token_embeddings_list"]
    pages = module(paged({"revenue": 1}, {"sales": 1}, {"revenue": 1, "sales": 1}, {"gears": 1}))
    scores = [(tokens @ page.T).max().item() for page in pages["region_embeddings"]]
    assert scores == pytest.approx([1, 0.5, 1, 0], abs=0.15)


def test_the_one_vector_is_of_what_is_asked_alone():
    module = small()
    words = QuestionWords({"revenue": 2.0}, {"revenue": (("sales", 0.5),)})
    texts = ["revenue", "revenue harbour"]
    vectors = module(asked(*texts, words=words))["sentence_embedding"]
    without = module(asked(*texts, words=QuestionWords(words.weights)))["sentence_embedding"]
    assert torch.allclose(vectors, without, atol=1e-6)


def test_a_word_that_tells_little_weighs_little_in_every_vector():
    module = small()
    words = QuestionWords({"change": 0.25})
    features = module(asked("revenue change", words=words))
    lengths = features["token_embeddings_list"][0].norm(dim=-1).tolist()
    assert lengths == pytest.approx([0.8, 0.2], abs=1e-5)


def test_what_is_known_of_words_is_saved_with_the_model(tmp_path):
    words = QuestionWords({"change": 0.25}, {"revenue": (("sales", 0.5),)})
    QueryText(words).save(str(tmp_path))
    assert QueryText.load(str(tmp_path)).words == words


def test_a_checkpoint_that_knows_nothing_of_words_can_be_loaded(tmp_path):
    QueryText().save(str(tmp_path))
    (tmp_path / "questions.tsv").unlink()
    assert QueryText.load(str(tmp_path)).words == QuestionWords()


def test_a_page_is_nearer_to_a_query_of_its_words():
    module = small()
    pages = module(paged({"net": 1, "sales": 1, "2019": 1}, {"wing": 1, "flap": 1, "1987": 1}))
    query = module(asked("sales 2019"))["sentence_embedding"][0]
    right, wrong = (pages["sentence_embedding"] @ query).tolist()
    assert right > wrong + 0.3


def test_a_page_does_not_depend_on_the_order_of_its_words():
    module = small()
    one, other = module(paged({"net": 2, "sales": 1}, {"sales": 1, "net": 2}))["sentence_embedding"]
    assert torch.allclose(one, other, atol=1e-6)


def test_a_word_twice_in_a_query_counts_once():
    one, other = small()(asked("net sales", "net sales net"))["sentence_embedding"]
    assert torch.allclose(one, other, atol=1e-6)


def test_queries_without_words_are_zero_beside_others():
    features = small()(asked("?!", "sales"))
    assert features["sentence_embedding"].norm(dim=-1).tolist() == pytest.approx([0.0, 1.0])
    assert [len(tokens) for tokens in features["token_embeddings_list"]] == [0, 1]


def with_meanings(**options):
    """A module to which "sales" and "revenue" mean the same and "gears" something else."""
    module = small(**options)
    checksums = hash_words(["sales", "revenue", "gears"])[:, 0]
    module.add_meanings(Meanings.of(checksums, torch.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])))
    return module


def test_words_of_like_meaning_are_nearer_in_the_one_vector_alone():
    plain, module = small(), with_meanings()
    pages = paged({"sales": 1}, {"gears": 1}, {"revenue": 1})
    nearer = [each(pages)["sentence_embedding"] for each in (plain, module)]
    asking = [each(asked("revenue"))["sentence_embedding"][0] for each in (plain, module)]
    before, after = ((vectors @ query).tolist() for vectors, query in zip(nearer, asking, strict=True))
    assert after[0] > before[0] + 0.1
    assert after[1] < before[1] + 0.1
    assert after[2] == pytest.approx(1.0)
    regions = [torch.cat(each(pages)["region_embeddings"]) for each in (plain, module)]
    assert torch.equal(*regions)


def test_a_word_without_a_meaning_stays_as_it_is():
    page = paged({"harbour": 1})
    one, other = (each(page)["sentence_embedding"] for each in (small(), with_meanings()))
    assert torch.allclose(one, other, atol=1e-6)


def test_meanings_are_saved_and_replaced(tmp_path):
    module = with_meanings()
    module.save(str(tmp_path))
    again = WordSuperposition.load(str(tmp_path), local_files_only=True)
    vectors = [each(asked("net sales"))["sentence_embedding"] for each in (module, again)]
    assert torch.equal(*vectors)
    again.add_meanings(Meanings.of(hash_words(["harbour"])[:, 0], torch.ones(1, 3)))
    assert (again.meanings, again.meaning_dims) == (1, 3)
    assert torch.equal(
        again(asked("sales"))["sentence_embedding"], small()(asked("sales"))["sentence_embedding"]
    )


def test_the_weights_of_words_learn_from_both_sides():
    module = small().train()
    page, query = module(paged({"net": 1, "sales": 3})), module(asked("sales today"))
    (page["sentence_embedding"] * query["sentence_embedding"]).sum().backward()
    assert module.codes.query_weights.grad.count_nonzero() == 2
    assert module.codes.document_weights.grad.count_nonzero() == 2
    assert "region_embeddings" not in page


def test_a_projection_changes_nothing_until_it_has_learned():
    module = small()
    before = module(asked("net sales"))["sentence_embedding"]
    module.add_projection()
    assert torch.allclose(module(asked("net sales"))["sentence_embedding"], before, atol=1e-6)
    with torch.no_grad():
        module.project.weight[0] *= 3
    changed = module(asked("net sales"))["sentence_embedding"]
    assert not torch.allclose(changed, before, atol=1e-3)
    assert changed.norm().item() == pytest.approx(1.0)


def traits_of(*words):
    """The traits of words, each (text, top, bottom) of its box."""
    read = [Word(text, Box(0, top, 1, bottom), 1.0) for text, top, bottom in words]
    reading = PageImage()
    reading._read = lambda _: read  # type: ignore[assignment, method-assign]
    return reading.preprocess([Image.new("L", (1, 1))])["word_traits"][0]


def test_traits_tell_digits_years_length_print_and_place():
    heading, figure, year = traits_of(("Harbour", 0.0, 0.08), ("1,452", 0.5, 0.52), ("1987", 0.5, 0.52))
    assert heading.tolist() == pytest.approx([0.0, 0.0, 7 / 12, 2.0, 1.0])
    assert figure.tolist() == pytest.approx([1.0, 0.0, 5 / 12, 0.0, 0.5**4])
    assert year[:2].tolist() == [1.0, 1.0]


def test_words_of_a_query_have_no_print_and_no_place():
    assert asked("sales 2019")["word_traits"][0].tolist() == [
        pytest.approx([0.0, 0.0, 5 / 12, 0.0, 0.0]),
        pytest.approx([1.0, 1.0, 4 / 12, 0.0, 0.0]),
    ]


def test_traits_change_nothing_until_they_have_learned():
    module, page = small(), paged({"net": 1, "1452": 2})
    before = module(page)["sentence_embedding"]
    module.add_traits()
    assert torch.equal(module(page)["sentence_embedding"], before)
    with torch.no_grad():
        module.page_traits.weight[0, 0] = -5.0
    numbers_left_out = module(page)["sentence_embedding"] @ module.codes.codes(["net"])[0]
    assert numbers_left_out.item() > 0.95


def test_learned_traits_are_saved(tmp_path):
    module = small()
    module.add_traits()
    with torch.no_grad():
        module.query_traits.weight.uniform_(-1, 1)
    module.save(str(tmp_path))
    again = WordSuperposition.load(str(tmp_path), local_files_only=True)
    assert torch.equal(again.query_traits.weight, module.query_traits.weight)


def test_a_learned_projection_is_saved(tmp_path):
    module = small()
    module.add_projection()
    with torch.no_grad():
        module.project.weight.uniform_(-1, 1)
    module.save(str(tmp_path))
    again = WordSuperposition.load(str(tmp_path), local_files_only=True)
    assert torch.equal(again.project.weight, module.project.weight)


def test_features_are_cut_along_the_batch_as_trainers_do():
    module = small()
    features = asked("net sales of the harbour company", "wing", "flap of a wing 1987")
    whole = module(dict(features))["sentence_embedding"]
    halves = [
        {k: v[part] if isinstance(v, torch.Tensor) else v for k, v in features.items()}
        for part in (slice(0, 1), slice(1, 3))
    ]
    assert torch.allclose(
        torch.cat([module(half)["sentence_embedding"] for half in halves]), whole, atol=1e-6
    )


def test_with_a_memory_a_known_page_is_read_once():
    reads = []
    reading = PageImage()
    reading._read = lambda image: reads.append(image) or [Word("sales", Box(0, 0, 1, 1), 1.0)]  # type: ignore[method-assign]
    reading.memory = {}
    named, unnamed = Image.new("L", (9, 9)), Image.new("L", (9, 9))
    named.info["page_id"] = "a:1"
    features = [reading.preprocess([named, unnamed]) for _ in range(2)]
    assert len(reads) == 3
    assert features[0]["page_words"] == features[1]["page_words"]


def test_counts_are_weighted_by_confidence():
    box = Box(0, 0, 1, 1)
    counted = count_words([Word("Sales", box, 0.5), Word("sales,", box, 0.9), Word("•", box, 1.0)])
    assert counted == {"sales": (pytest.approx(1.4), 0.9, 1.0, 1.0)}


def test_a_reader_never_trained_still_answers():
    assert isinstance(Reader().eval().read(torch.rand(200, 300)), list)


@pytest.mark.parametrize("shape", [(1, 900), (900, 1), (1, 1)])
def test_a_page_too_thin_for_text_reads_as_nothing(shape):
    assert Reader().eval().read(torch.ones(shape)) == []


def test_fusing_normalization_changes_no_answer():
    reader = Reader().eval()
    page, tape = torch.rand(1, 64, 96), torch.rand(1, 16, 64)
    with torch.inference_mode():
        for module in reader.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.uniform_(-0.1, 0.1)
                module.running_var.uniform_(0.5, 1.5)
        before = reader.detector(page), reader.recognizer(tape)
        fuse_normalization(reader)
        after = reader.detector(page), reader.recognizer(tape)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in reader.modules())
    for one, other in zip(before, after, strict=True):
        assert torch.allclose(one, other, atol=1e-4)
