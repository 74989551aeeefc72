"""The encoder of Hugging Face: its tokenizer, its weights, and the depth of its layers."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification

from compete.errors import Fault, first_line
from compete.tasks.language.hub import load_model, load_tokenizer, source_of

BACKBONE = "sentence-transformers/all-MiniLM-L6-v2"
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SMALL = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4}
_VOCABULARY = (500, 8000)
_ALPHABET = 2000  # letters
_LAYER = re.compile(r"\.(?:layers?|h|blocks?|albert_layer_groups)\.(\d+)\.")


def tokenizer_for(backbone: str, weights: str, texts: list[str]) -> tuple[Any, Any]:
    """Return a tokenizer and the configuration of the encoder that goes with it.

    Args:
        backbone: a name on the hub or a folder; with `weights: none` also a kind of encoder such as
            `bert`, which is then built small, with a vocabulary made of `texts`.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        texts: all texts of the competition.

    Raises:
        Fault: the hub can't be reached, or the folder does not hold a model.
    """
    source = source_of(backbone, weights)
    if source is not None:
        return load_tokenizer(source)
    tokenizer = _new_tokenizer(texts)
    return tokenizer, _small_config(backbone, tokenizer)


def _new_tokenizer(texts: list[str]) -> Any:
    """Word pieces of the competition's own texts; they know no labels, so nothing leaks.

    One piece for each twenty words: of rarer ones a new model would learn nothing.
    """
    words = sum(len(text.split()) for text in texts)
    size = min(max(words // 20, _VOCABULARY[0]), _VOCABULARY[1])
    trained = _empty_tokenizer({})
    # The trainer numbers the pieces that go on a word in the order of a hash table, and breaks ties
    # by these numbers: given in order beforehand, they make the same vocabulary every time.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        special_tokens=[*_SPECIAL, *_inner_letters(trained, texts)],
        limit_alphabet=_ALPHABET,
        show_progress=False,
    )
    trained.train_from_iterator(texts, trainer)
    made = _empty_tokenizer(trained.get_vocab())
    made.add_special_tokens(_SPECIAL)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **dict(zip(names, _SPECIAL, strict=True)),
    )


def _empty_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def _inner_letters(tokenizer: Tokenizer, texts: list[str]) -> list[str]:
    """Return the pieces of one letter that go on a word, such as `##a`, the commonest first."""
    letters: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal):
            letters.update(word[1:])
    ordered = sorted(letters, key=lambda letter: (-letters[letter], letter))
    return [f"##{letter}" for letter in ordered[:_ALPHABET]]


def _small_config(backbone: str, tokenizer: Any) -> Any:
    kind = backbone if backbone in transformers.CONFIG_MAPPING else "bert"
    try:
        return AutoConfig.for_model(
            kind,
            **_SMALL,
            intermediate_size=4 * _SMALL["hidden_size"],
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
        )
    except Exception as error:
        raise Fault(
            f"A small {kind} can't be built ({first_line(error).rstrip('.')}).",
            "Set `backbone:` under `model` in params.yaml to bert, roberta, electra or deberta-v2.",
        ) from None


def build(folder: Path, backbone: str, weights: str, outputs: int, dropout: float | str) -> Any:
    """Return the encoder with a fresh head of `outputs` numbers, in 32 bits.

    Args:
        folder: where `prepare` put the configuration; the weights come from elsewhere, or nowhere.
        backbone: a name on the hub, a folder, or a kind of encoder.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        outputs: of the head.
        dropout: everywhere; `auto`: what the backbone was made with.

    Raises:
        Fault: the weights can't be had, or are of another architecture.
    """
    config = AutoConfig.from_pretrained(folder, num_labels=outputs)
    if dropout != "auto":
        for key in vars(config):
            if "dropout" in key and isinstance(getattr(config, key), float):
                setattr(config, key, dropout)
    # The head may have been of another competition.
    kind, other_head = AutoModelForSequenceClassification, {"ignore_mismatched_sizes": True}
    return load_model(kind, config, backbone, weights, **other_head)


def depths(model: Any, names: list[str]) -> list[int]:
    """Return for each parameter how far it lies below the head.

    The head is 0, the encoder's top layer 1, and so on down to the embeddings.

    Args:
        model: the encoder with its head.
        names: of the parameters.
    """
    prefix = f".{model.base_model_prefix}."
    layers = [int(match[1]) if (match := _LAYER.search(f".{name}")) else None for name in names]
    top = 1 + max((layer for layer in layers if layer is not None), default=0)
    result = []
    for name, layer in zip(names, layers, strict=True):
        if prefix not in f".{name}":
            result.append(0)
        elif layer is not None:
            result.append(top - layer)
        else:  # embeddings lie below the layers; a pooler and a last norm above
            result.append(top + 1 if "embed" in name else 1)
    return result
