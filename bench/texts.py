"""A competition of made-up texts, and an encoder of MiniLM's shape with random weights."""

from pathlib import Path

import numpy as np
import polars as pl
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = 30522  # the size of BERT's vocabulary


def write_minilm(folder: Path, *, quick: bool) -> Path:
    """Write configuration and tokenizer of all-MiniLM-L6-v2's shape; return the folder.

    Args:
        folder: where to write.
        quick: write a much smaller one.
    """
    size = {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536}
    if quick:
        size = {"hidden_size": 24, "num_hidden_layers": 1, "intermediate_size": 24}
    BertConfig(vocab_size=_WORDS, num_attention_heads=12, **size).save_pretrained(folder)
    names = [*_SPECIAL, *(f"w{number}" for number in range(_WORDS - len(_SPECIAL)))]
    ids = {name: number for number, name in enumerate(names)}
    words = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    ends = [(name, ids[name]) for name in ("[CLS]", "[SEP]")]
    words.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, ends)
    named = {f"{name[1:-1].lower()}_token": name for name in _SPECIAL}
    PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=512, **named).save_pretrained(
        folder
    )
    return folder


def write_texts(raw: Path, count: int) -> None:
    """Write a competition of two classes; texts have 5 to 400 words, half of them below 60.

    Args:
        raw: the folder of the competition's files.
        count: training rows.
    """
    random = np.random.default_rng(0)
    lengths = np.exp(random.normal(np.log(60), 0.7, count)).clip(5, 400).astype(int)
    texts = [
        " ".join(f"w{number}" for number in random.integers(0, _WORDS - len(_SPECIAL), length))
        for length in lengths
    ]
    table = pl.DataFrame({"id": range(count), "text": texts, "label": ["yes", "no"] * (count // 2)})
    raw.mkdir(parents=True)
    table.write_csv(raw / "train.csv")
    table[:8].drop("label").write_csv(raw / "test.csv")
    table[:8].select("id", "label").write_csv(raw / "sample_submission.csv")
