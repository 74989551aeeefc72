"""The model: a Hugging Face sequence-to-sequence model that translates by beam search."""

from typing import Any, Literal

import torch
from compete.contract import Contract
from compete.problems.text import IGNORED
from compete.supervised.module import CompetitionModule, epochs_for
from compete.tasks.translation.generation import RowLimits
from compete.tasks.translation.seq2seq import BACKBONE, build
from torch import Tensor
from torchmetrics import MeanMetric

from .data import Data, Inputs

_SCRATCH_LR, _USUAL_LR = 1e-3, 5e-5
_SCRATCH_STEPS = 4000
_LONGER = 2.0  # how much longer than the source a translation may become
_NOTHING = "-"  # Kaggle takes no empty cells


class Model(CompetitionModule):
    """The `model` section of params.yaml.

    Args:
        contract: what the competition asks for.
        data: the fold it will be trained on.
        backbone: a translator on the hub, or a folder of one; with `weights: none` also a kind of
            one, t5, marian, bart or mbart, to be built small.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        lr: at its peak; `auto`: 1e-3 from scratch, else 5e-5.
        dropout: `auto`: what the backbone was made with.
        beams: how many translations beam search follows at once.
        length_penalty: above 1 it prefers longer ones, below 1 shorter.
        watched_rows: about how many validation rows each epoch translates, for the learning curve.
        gradient_checkpointing: compute activations twice rather than keep them in memory.
        kwargs: what every task's model has.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = BACKBONE,
        weights: str = "hub",
        lr: float | Literal["auto"] = "auto",
        dropout: float | Literal["auto"] = "auto",
        beams: int = 4,
        length_penalty: float = 1.0,
        watched_rows: int = 128,
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
        self.betas = (0.9, 0.98)  # as the transformer was first trained (Vaswani et al., 2017)
        self.beams, self.length_penalty, self.watched_rows = beams, length_penalty, watched_rows
        self.val_loss = MeanMetric(nan_strategy="disable")
        self.translations: list[str] = []
        self.references: list[str] = []
        if gradient_checkpointing:
            self.net.gradient_checkpointing_enable({"use_reentrant": False})
        self.train()  # Lightning trains in the modes that it finds

    def auto_epochs(self, rows: int, batch_size: int) -> int:
        """Return the epochs that `auto` means: from scratch some 4,000 steps, in 5 to 60 epochs."""
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
        """Keep the loss of all rows, and greedy translations of some batches."""
        inputs, labels = batch
        count = (labels != IGNORED).sum()
        self.val_loss.update(self.loss(self(inputs, labels), labels), count)
        batches = int(self.trainer.num_val_batches[0])
        if batch_idx % max(1, batches * len(labels) // self.watched_rows) == 0:
            self.translations += self._translate(inputs, beams=1)
            known = labels.masked_fill(labels == IGNORED, self.tokenizer.pad_token_id)
            self.references += self.tokenizer.batch_decode(known, skip_special_tokens=True)

    def on_validation_epoch_end(self) -> None:
        """Log the fold's loss, and the competition's metric for the rows that were translated."""
        loss = self.val_loss.compute()
        self.refuse_divergence(loss)
        self.log("val/loss", loss)
        score = self.contract.scoring.score(self.translations, self.references)
        self.log(f"val/{self.contract.metric}", score, prog_bar=True, sync_dist=True)
        self.val_loss.reset()
        self.translations, self.references = [], []

    def predict_batch(self, inputs: Inputs) -> list[str]:
        """Return a translation of each sentence, by beam search; never an empty one."""
        tokens = inputs["input_ids"]
        alone = tokens.masked_fill(~self._own(tokens), self.tokenizer.pad_token_id)
        sources = self.tokenizer.batch_decode(alone, skip_special_tokens=True)
        found = self._translate(inputs, self.beams)
        return [
            text or source.strip() or _NOTHING for text, source in zip(found, sources, strict=True)
        ]

    def _own(self, tokens: Tensor) -> Tensor:
        """Return which tokens `(n, length)` are the source's, not what is recalled."""
        ended: Tensor = (tokens == self.tokenizer.eos_token_id).cumsum(dim=1)
        return ended == 0

    def limits(self, lengths: Tensor) -> Tensor:
        """Return how many tokens the translations of `n` sources of these lengths may have."""
        return (_LONGER * lengths).long() + 8

    @torch.no_grad()
    def _translate(self, inputs: Inputs, beams: int) -> list[str]:
        limits = self.limits(self._own(inputs["input_ids"]).sum(dim=1))
        made = self.net.generate(
            **inputs,
            num_beams=beams,
            do_sample=False,
            length_penalty=self.length_penalty,
            max_new_tokens=int(limits.max()) + 1,
            stopping_criteria=[RowLimits(limits)],
        )
        texts = self.tokenizer.batch_decode(made, skip_special_tokens=True)
        return [text.strip() for text in texts]
