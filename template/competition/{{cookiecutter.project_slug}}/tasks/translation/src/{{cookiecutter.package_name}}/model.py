"""The model: a Hugging Face sequence-to-sequence model that translates by beam search."""

from typing import Any, Literal

import torch
from compete.bounds import FractionBelowOne, PositiveFloat, PositiveInt
from compete.contract import Contract
from compete.problems.text import IGNORED
from compete.supervised.module import CompetitionModule, epochs_for
from compete.tasks.translation.limits import EndAt
from compete.tasks.translation.seq2seq import BACKBONE, build
from torch import Tensor
from torchmetrics import MeanMetric
from transformers import LogitsProcessorList

from .data import Data, Inputs

_SCRATCH_LR, _USUAL_LR = 1e-3, 5e-5
_SCRATCH_STEPS = 4000
_LONGER = 2.0  # maximum length of a translation, relative to its source
_NOTHING = "-"  # Kaggle rejects empty cells


class Model(CompetitionModule):
    """A sequence-to-sequence model. Its arguments are the keys of `model` in params.yaml.

    Args:
        contract: the competition's requirements.
        data: the datamodule of the fold to train on.
        backbone: a sequence-to-sequence model on the Hub, or its folder. With `weights: none` also
            an architecture (t5, marian, bart or mbart), to build a small model.
        weights: `hub`, `none`, or a folder written by `save_pretrained`.
        lr: peak learning rate; `auto`: 1e-3 from scratch, else 5e-5.
        dropout: dropout rate; `auto`: the backbone's default.
        beams: number of beams in beam search.
        length_penalty: above 1 favors longer translations, below 1 shorter ones.
        watched_rows: approximate number of validation rows to translate after each epoch, for the
            learning curve.
        gradient_checkpointing: recompute activations to save memory.
        kwargs: arguments of `CompetitionModule`.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = BACKBONE,
        weights: str = "hub",
        lr: PositiveFloat | Literal["auto"] = "auto",
        dropout: FractionBelowOne | Literal["auto"] = "auto",
        beams: PositiveInt = 4,
        length_penalty: float = 1.0,
        watched_rows: PositiveInt = 128,
        gradient_checkpointing: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        self.tokenizer = data.tokenizer
        self.net = build(data.tokens_folder, backbone, weights, dropout)
        self.reload_overrides["backbone"] = data.tokens_folder.as_posix()
        self.scratch = weights == "none"
        usual = _SCRATCH_LR if self.scratch else _USUAL_LR
        self.lr = usual if lr == "auto" else lr
        self.betas = (0.9, 0.98)  # as in Vaswani et al., 2017
        self.beams, self.length_penalty, self.watched_rows = beams, length_penalty, watched_rows
        self.val_loss = MeanMetric(nan_strategy="disable")
        self.translations: list[str] = []
        self.references: list[str] = []
        if gradient_checkpointing:
            self.net.gradient_checkpointing_enable({"use_reentrant": False})
        self.train()  # Lightning does not switch to train mode itself

    def auto_epochs(self, rows: int, batch_size: int) -> int:
        """Return the number of epochs for `auto`: from scratch 5 to 60, for about 4,000 steps."""
        if not self.scratch:
            return super().auto_epochs(rows, batch_size)
        return epochs_for(_SCRATCH_STEPS, rows, batch_size, 5, 60)

    def forward(self, inputs: Inputs, labels: Tensor) -> Tensor:
        """Return logits `(n, labels, words)` of tokens `(n, length)` and labels `(n, labels)`."""
        logits: Tensor = self.net(**inputs, labels=labels).logits
        return logits

    def training_step(self, batch: tuple[Any, Tensor], batch_idx: int) -> Tensor:
        """Return one step's loss."""
        inputs, labels = batch
        loss = self.loss(self(inputs, labels), labels, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss

    def validation_step(self, batch: tuple[Any, Tensor], batch_idx: int) -> None:
        """Accumulate the loss of all rows, and greedy translations of some batches."""
        inputs, labels = batch
        count = (labels != IGNORED).sum()
        self.val_loss.update(self.loss(self(inputs, labels), labels), count)
        batches = int(self.trainer.num_val_batches[0])
        if batch_idx % max(1, batches * len(labels) // self.watched_rows) == 0:
            self.translations += self._translate(inputs, beams=1)
            known = labels.masked_fill(labels == IGNORED, self.tokenizer.pad_token_id)
            self.references += self.tokenizer.batch_decode(known, skip_special_tokens=True)

    def on_validation_epoch_end(self) -> None:
        """Log the loss, and the competition's metric on the translated rows."""
        loss = self.val_loss.compute()
        self.refuse_divergence(loss)
        self.log("val/loss", loss)
        score = self.contract.scoring.score(self.translations, self.references)
        self.log(f"val/{self.contract.metric}", score, prog_bar=True, sync_dist=True)
        self.val_loss.reset()
        self.translations, self.references = [], []

    def predict_batch(self, inputs: Inputs) -> list[str]:
        """Return a translation of each sentence by beam search, never an empty one."""
        tokens = inputs["input_ids"]
        alone = tokens.masked_fill(~self._own(tokens), self.tokenizer.pad_token_id)
        sources = self.tokenizer.batch_decode(alone, skip_special_tokens=True)
        found = self._translate(inputs, self.beams)
        return [
            text or source.strip() or _NOTHING for text, source in zip(found, sources, strict=True)
        ]

    def _own(self, tokens: Tensor) -> Tensor:
        """Return a mask `(n, length)` of the source's tokens, without the recalled translation."""
        ended: Tensor = (tokens == self.tokenizer.eos_token_id).cumsum(dim=1)
        return ended == 0

    @torch.no_grad()
    def _translate(self, inputs: Inputs, beams: int) -> list[str]:
        limits = (_LONGER * self._own(inputs["input_ids"]).sum(dim=1)).long() + 8
        made = self.net.generate(
            **inputs,
            num_beams=beams,
            do_sample=False,
            length_penalty=self.length_penalty,
            max_new_tokens=int(limits.max()),
            logits_processor=LogitsProcessorList([EndAt(limits, self.tokenizer.eos_token_id)]),
        )
        texts = self.tokenizer.batch_decode(made, skip_special_tokens=True)
        return [text.strip() for text in texts]
