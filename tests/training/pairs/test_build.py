"""A whole build: from PDFs and questions to a data set that can be read, or to nothing at all."""

import json

import pytest
from datasets import Dataset, Features, Image, Value

from tests.fixtures import pdfs
from tests.training.pairs.chat_server import chat_server, message
from tests.training.pairs.parts import picture, write_filing
from training.pairs.build import BuildTask, build
from training.pairs.config import EndpointConfig, PairsConfig, PhrasesConfig, RenderedConfig
from training.pairs.dataset import pairs_of, read_pairs
from training.pairs.images import encode
from vdr.errors import BadInput

TOPICS = {"acme": ["steel", "copper", "timber"], "bolt": ["cotton", "rubber"], "cask": ["whisky", "cider"]}


@pytest.fixture
def folder(tmp_path):
    for name, topics in TOPICS.items():
        write_filing(tmp_path / f"{name}.pdf", name.title(), topics)
    return tmp_path


def run(folder, settings, *, out="out", seed=0, asked=(), config=None):
    task = BuildTask(folder / out, (str(folder),), asked, config or PairsConfig(), 0.15, seed)
    said = []
    manifest = build(task, settings, said.append)
    return read_pairs(folder / out), manifest, said


def test_every_page_is_there_and_every_query_names_one(folder, settings):
    pairs, manifest, _ = run(folder, settings)
    assert len(pairs.pages) == 7 and manifest.documents == {"eval": 1, "train": 2}
    assert {row.rule for row in pairs_of(pairs.train)} >= {"heading", "caption", "table-cell"}
    assert manifest.rows == {"train": len(pairs.train), "eval": len(pairs.eval)}
    assert manifest == pairs.manifest
    assert sum(manifest.queries["eval"]["phrases"].values()) == len(set(pairs.eval["query_id"]))


def test_the_same_seed_builds_the_same_and_another_another(folder, settings):
    runs = [run(folder, settings, out=f"out{n}", seed=seed)[0] for n, seed in enumerate((0, 0, 5))]
    assert pairs_of(runs[0].train) == pairs_of(runs[1].train)
    assert runs[0].pages["split"][:] == runs[1].pages["split"][:]
    assert pairs_of(runs[0].train) != pairs_of(runs[2].train)


def test_bad_pdfs_are_warned_of_and_the_others_go_on(folder, settings):
    pdfs.write_truncated(folder / "half.pdf")
    _, manifest, _ = run(folder, settings)
    assert any(warning.startswith("half.pdf is damaged") for warning in manifest.warnings)
    assert manifest.dropped["PDFs that cannot be read"] == 1


def test_labelled_questions_alone(folder, settings):
    asked = folder / "q.csv"
    asked.write_text("query,document,page_numbers\nWho melts steel?,acme.pdf,1 2\nWho spins?,bolt.pdf,1\n")
    config = PairsConfig(phrases=PhrasesConfig(enabled=False))
    pairs, manifest, _ = run(folder, settings, asked=(str(asked),), config=config)
    rows = pairs_of(pairs.train) + pairs_of(pairs.eval)
    assert {(row.query, row.page_number) for row in rows} == {
        ("Who melts steel?", 1), ("Who melts steel?", 2), ("Who spins?", 1),
    }  # fmt: skip
    assert manifest.queries["train"]["labelled"][""] == 1 and len(pairs.pages) == 7


def test_sources_are_mixed_by_weight(folder, settings):
    file = folder / "tables.jsonl"
    lines = [{"page_id": str(n), "page": {"paragraphs": [f"Paragraph {n} tells of {n} ships."]},
              "queries": [f"How many ships does paragraph {n} tell of?"]} for n in range(6)]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, lines)))
    rendered = RenderedConfig(path=file, pages_per_document=2)
    config = PairsConfig(weights={"rendered": 1, "phrases": 1}, rendered=rendered)
    _, manifest, _ = run(folder, settings, config=config)
    counts = {source: sum(rules.values()) for source, rules in manifest.queries["train"].items()}
    assert counts["rendered"] == counts["phrases"] > 0
    assert manifest.dropped["queries above their source's weight"] > 0


def asking(server, cache, **options):
    endpoint = EndpointConfig(base_url=server.url, model="seer", cache=cache, **options)
    return PairsConfig(phrases=PhrasesConfig(enabled=False), endpoint=endpoint)


def test_a_split_without_queries_leaves_nothing_and_says_why(folder, settings):
    # The same question of all pages: what eval asks, train does not.
    said = "No queries are left for train; dropped: .*1 train queries that are also in eval"
    with chat_server(message('["What does the company pay for?"]')) as server:
        config = asking(server, folder / "cache")
        with pytest.raises(BadInput, match=said):
            run(folder, settings, config=config)
    assert not (folder / "out").exists()


def test_a_missing_key_is_said_before_any_work(folder, settings):
    with chat_server(message("[]")) as server:
        config = asking(server, folder / "cache", api_key_env="NO_SUCH_KEY")
        with pytest.raises(BadInput, match="NO_SUCH_KEY is not set"):
            build(BuildTask(folder / "out", (str(folder / "nowhere.pdf"),), (), config), settings, print)


def test_a_vision_model_writes_questions(folder, settings):
    answers = [message(f'["What is said about topic number {n}?"]') for n in range(8)]
    with chat_server(*answers) as server:
        pairs, _, said = run(folder, settings, config=asking(server, folder / "cache"))
    assert len(pairs.train) + len(pairs.eval) == 7
    assert said[-1] == "7 requests sent, 0 answers from the cache."


def test_a_build_that_cannot_be_made_leaves_nothing(folder, settings):
    with pytest.raises(BadInput, match="queries cover 0 document"):
        run(folder, settings, config=PairsConfig(phrases=PhrasesConfig(enabled=False)))
    assert not (folder / "out").exists()


def test_a_folder_of_something_else_is_left_alone(folder, settings):
    (folder / "out").mkdir()
    with pytest.raises(BadInput, match="exists and is not a data set of pairs"):
        run(folder, settings)


def image_dataset(folder, *images):
    rows = {"query": [f"Who is on picture {n}?" for n in range(len(images))],
            "image": [{"bytes": each, "path": None} for each in images]}  # fmt: skip
    features = Features({"query": Value("string"), "image": Image()})
    Dataset.from_dict(rows, features=features).save_to_disk(folder)
    return (str(folder),)


def test_labelled_page_images_need_no_pdf(tmp_path, settings):
    asked = image_dataset(
        tmp_path / "faces", *(encode(picture(name), "PNG") for name in ("Ann", "Bob", "Cid"))
    )
    build(BuildTask(tmp_path / "out", questions=asked), settings, print)
    pairs = read_pairs(tmp_path / "out")
    assert (len(pairs.train), len(pairs.eval), len(pairs.pages)) == (2, 1, 3)
    row = pairs_of(pairs.eval)[0]
    assert row.source == "labelled" and row.document.startswith("faces/")


def test_an_unreadable_page_image_is_named_by_its_row_and_nothing_is_left(tmp_path, settings):
    whole = [encode(picture(name), "PNG") for name in ("Ann", "Bob")]
    asked = image_dataset(tmp_path / "faces", *whole, whole[0][:200])
    with pytest.raises(BadInput, match="Row 3: the image in column image cannot be read"):
        build(BuildTask(tmp_path / "out", questions=asked), settings, print)
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]
