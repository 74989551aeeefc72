"""The tokenizer of a translation model in the format that the page reads, tokenizer.json."""

import json
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from compete.export.demo import NotExportable

_FILES = ("tokenizer.json", "tokenizer_config.json")
_RARE = -1e4  # the score of tokens that only the target has, far below those of the source


def page_tokenizer(folder: Path, tokenizer: Any) -> tuple[Any, Any]:
    """Return a tokenizer and its configuration, as JSON.

    Args:
        folder: where `prepare` kept it.
        tokenizer: the same, loaded.

    Raises:
        NotExportable: it has no such format.
    """
    config = json.loads((folder / _FILES[1]).read_text("utf-8"))
    if (folder / _FILES[0]).exists():
        return json.loads((folder / _FILES[0]).read_text("utf-8")), config
    if hasattr(tokenizer, "spm_source") and not tokenizer.separate_vocabs:
        return json.loads(_of_marian(tokenizer).to_str()), config
    raise NotExportable("its tokenizer has no tokenizer.json")


def _of_marian(tokenizer: Any) -> Tokenizer:
    """Convert Marian's tokenizer, which splits by SentencePiece and has another list of ids.

    The vocabulary has the order of the ids, and the scores of the source's SentencePiece. Tokens of
    the target only are so improbable that single characters are used only where the source has
    none, and longer ones never. Tokens of SentencePiece without an id come last; the page replaces
    them by the unknown token.
    """
    pieces = tokenizer.spm_source
    scores = {
        pieces.id_to_piece(number): pieces.get_score(number)
        for number in range(pieces.get_piece_size())
        if not pieces.is_control(number) and not pieces.is_unknown(number)
    }
    names = sorted(tokenizer.encoder, key=tokenizer.encoder.__getitem__)
    if [tokenizer.encoder[name] for name in names] != list(range(len(names))):
        raise NotExportable("its vocabulary has gaps")
    vocabulary = [(name, scores.get(name, _RARE * len(name) ** 2)) for name in names]
    vocabulary += [(name, score) for name, score in scores.items() if name not in tokenizer.encoder]
    made = Tokenizer(models.Unigram(vocabulary, tokenizer.unk_token_id, byte_fallback=False))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.add_special_tokens(
        [AddedToken(token, normalized=False) for token in tokenizer.all_special_tokens]
    )
    codes = [name for name in names if name.startswith(">>") and name.endswith("<<")]
    made.add_tokens([AddedToken(code, normalized=False, rstrip=True) for code in codes])
    return made
