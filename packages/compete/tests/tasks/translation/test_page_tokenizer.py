"""Tokenizers without tokenizer.json are converted for the page."""

import json
from pathlib import Path

import pytest

sentencepiece = pytest.importorskip("sentencepiece")
pytest.importorskip("transformers")

SOURCES = ["the old house is small", "a small garden", "where is the train?", "one house, two"]
TARGETS = ["la vieille maison est petite", "un petit jardin", "où est le train ?", "déjà vu"]


@pytest.fixture
def marian(tmp_path: Path) -> Path:
    """A folder with a tokenizer of Marian, as `prepare` keeps it."""
    from transformers import MarianTokenizer

    pieces: set[str] = set()
    for name, texts in (("source", SOURCES), ("target", TARGETS)):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts * 20),
            model_prefix=str(tmp_path / name),
            vocab_size=48,
            hard_vocab_limit=False,
            minloglevel=2,
        )
        model = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / f"{name}.model"))
        pieces |= {model.id_to_piece(number) for number in range(3, len(model))}
    names = ["</s>", "<unk>", ">>fr<<", *sorted(pieces - {"▁old"}), "<pad>"]
    vocabulary = tmp_path / "vocab.json"
    vocabulary.write_text(json.dumps({name: number for number, name in enumerate(names)}))
    made = MarianTokenizer(
        str(tmp_path / "source.model"), str(tmp_path / "target.model"), str(vocabulary)
    )
    made.save_pretrained(tmp_path / "kept")
    return tmp_path / "kept"


def test_marians_two_vocabularies_become_one_file(marian: Path) -> None:
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    from compete.tasks.translation.page_tokenizer import page_tokenizer

    tokenizer = AutoTokenizer.from_pretrained(marian)
    assert not (marian / "tokenizer.json").exists()
    content, _ = page_tokenizer(marian, tokenizer)
    made, known = Tokenizer.from_str(json.dumps(content)), len(tokenizer.encoder)
    for text in [*SOURCES, "the gardens", "où, the house?", ">>fr<< the train", "żółw is a house"]:
        ids = [
            one if one < known else tokenizer.unk_token_id
            for one in made.encode(text, add_special_tokens=False).ids
        ]
        assert ids == tokenizer(text, add_special_tokens=False)["input_ids"], text
    for text in TARGETS:
        ids = tokenizer(text_target=text)["input_ids"]
        assert made.decode(ids) == tokenizer.decode(ids, skip_special_tokens=True)
