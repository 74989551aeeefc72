"""The model: a Hugging Face encoder with a head, or TF-IDF with a linear model."""

import math
from typing import Any, Literal

from compete.bounds import FractionBelowOne, NonNegativeInt, PositiveFloat, PositiveFraction
from compete.contract import Contract
from compete.errors import Fault
from compete.supervised.module import CompetitionModule
from compete.tasks.text.encoder import BACKBONE, build, depths
from compete.tasks.text.texts import Texts
from compete.tasks.text.tfidf import TfIdf
from torch import Tensor
from typing_extensions import override

from .data import Data, Inputs

_SCRATCH_LR = 1e-3
_HEAD_FACTOR = 10


class Model(CompetitionModule):
    """An encoder or TF-IDF. Its arguments are the keys of `model` in params.yaml.

    Args:
        contract: the competition's requirements.
        data: the datamodule of the fold to train on.
        backbone: an encoder on the Hub, or its folder. With `weights: none` also an architecture,
            such as bert, to build a small model, or `tfidf`: n-grams with a linear model.
        weights: `hub`, `none`, or a folder written by `save_pretrained`.
        lr: peak learning rate of the encoder's top layer; `auto`: 1e-3 from scratch, else by the
            hidden size.
        head_lr: learning rate of the head; `auto`: 10 times `lr`, or equal to it from scratch.
        layer_decay: factor of the learning rate from each layer to the one below it (Clark et al.,
            ELECTRA, 2020); 1.0: the same learning rate for all layers.
        dropout: dropout rate of the encoder and before the head; `auto`: the backbone's default.
        lora: rank of LoRA (Hu et al., 2021); 0: off.
        gradient_checkpointing: recompute activations to save memory.
        l2: strength of the L2 penalty of TF-IDF's linear model; `auto`: tuned on held-out rows.
        kwargs: arguments of `CompetitionModule`.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = BACKBONE,
        weights: str = "hub",
        lr: PositiveFloat | Literal["auto"] = "auto",
        head_lr: PositiveFloat | Literal["auto"] = "auto",
        layer_decay: PositiveFraction = 0.9,
        dropout: FractionBelowOne | Literal["auto"] = "auto",
        lora: NonNegativeInt = 0,
        gradient_checkpointing: bool = False,
        l2: PositiveFloat | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        self.net: Any
        texts, rows = data.tokens["train"], data.train_rows
        if isinstance(texts, Texts):  # saved by `prepare` for `backbone: tfidf`
            self.net = TfIdf(data.problem, texts.kinds, l2)
            self.known = (
                [texts.row(row) for row in rows.tolist()],
                data.train_targets,
                data.train_folds,
            )
            return
        folder = data.tokens_folder
        self.net = build(folder, backbone, weights, data.problem.outputs, dropout)
        self.reload_overrides["backbone"] = folder.as_posix()
        scratch = weights == "none"
        usual = _SCRATCH_LR if scratch else usual_lr(self.net.config.hidden_size)
        self.lr = usual if lr == "auto" else lr
        usual = self.lr * (1 if scratch else _HEAD_FACTOR)
        self.head_lr = usual if head_lr == "auto" else head_lr
        self.layer_decay = layer_decay
        if gradient_checkpointing:
            self.net.gradient_checkpointing_enable({"use_reentrant": False})
        if lora:
            self.net = _with_lora(self.net, lora)
        self.train()  # Lightning does not switch to train mode itself

    @override
    def on_fit_start(self) -> None:
        """Fit TF-IDF and its linear model, unless loaded from a checkpoint; compile an encoder."""
        if not isinstance(self.net, TfIdf):
            super().on_fit_start()
        elif not self.net.is_fitted:
            self.net.fit(*self.known, self.stats_to_fit())

    def forward(self, inputs: Inputs) -> Tensor:
        """Return logits `(n, outputs)` of tokens `(n, length)`, or of `n` texts for TF-IDF."""
        logits: Tensor
        logits = self.net(inputs) if isinstance(inputs, list) else self.net(**inputs).logits
        return logits

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return parameter groups with layer-wise learning rate decay."""
        named = [(name, p) for name, p in self.net.named_parameters() if p.requires_grad]
        groups: dict[tuple[int, bool], list[Any]] = {}
        for depth, (_, p) in zip(depths(self.net, [name for name, _ in named]), named, strict=True):
            groups.setdefault((depth, p.ndim > 1), []).append(p)
        return [
            {
                "params": params,
                "lr": self.lr * self.layer_decay ** (depth - 1) if depth else self.head_lr,
                "weight_decay": self.weight_decay if matrices else 0.0,
            }
            for (depth, matrices), params in groups.items()
        ]


def usual_lr(width: int) -> float:
    """Return the default learning rate of a pretrained encoder by its hidden size: 3e-5 for 768."""
    return min(1e-4, 3e-5 * math.pow(768 / width, 1.75))


def _with_lora(net: Any, rank: int) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise Fault("LoRA needs the package peft.", "Run `uv add peft`.") from None
    heads = [
        name
        for name, module in net.named_children()
        if name != net.base_model_prefix and any(True for _ in module.parameters())
    ]
    options = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.05,
        target_modules="all-linear",
        modules_to_save=heads,
    )
    return get_peft_model(net, options)
