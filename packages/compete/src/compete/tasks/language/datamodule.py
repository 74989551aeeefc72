"""What the data of tasks on text share: tokens made once by `prepare`, sorted by length."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer

from compete.contract import Contract
from compete.supervised.datamodule import FoldDataModule
from compete.tasks.language.settings import TokenSettingsT
from compete.tasks.language.token_cache import TokenFacts
from compete.training.config import Config


class TokenDataModule(FoldDataModule[TokenSettingsT]):
    """The tokens of one fold's rows.

    Args:
        contract: what the competition asks for.
        settings: the section `data` of params.yaml.
        fold: the fold that validates; the others train.
        seed: of the order of rows.
        tokens_folder: where `prepare` kept the tokens for the backbone, and its tokenizer.

    Raises:
        Fault: `prepare` made no such tokens, or the fold has no rows.
    """

    def __init__(
        self,
        contract: Contract,
        settings: TokenSettingsT,
        fold: int,
        seed: int,
        tokens_folder: Path,
    ) -> None:
        super().__init__(contract, settings, fold, seed)
        facts = TokenFacts.load(tokens_folder)  # or say that `prepare` did not make these tokens
        self.tokens_folder = tokens_folder
        self.tokenizer: Any = None  # texts are read as they are
        if facts.vocabulary:
            self.tokenizer = AutoTokenizer.from_pretrained(tokens_folder)

    @classmethod
    def from_config(cls, config: Config[Any], contract: Contract, fold: int) -> Self:
        """Make the data of a fold with the tokens of the backbone that the member configures."""
        folder = config.data.tokens_folder(config.model)
        return cls(contract, config.data, fold, config.seed_everything + fold, folder)

    def sort_by_length(self, lengths: dict[str, NDArray[np.int64]]) -> None:
        """Put the rows to predict in the order of their length, the longest first.

        Args:
            lengths: in tokens, of each row of `train` and `test`.
        """
        for split, name in (("train", "val_rows"), ("test", "test_rows")):
            rows = getattr(self, name)
            setattr(self, name, rows[np.argsort(-lengths[split][rows], kind="stable")])
