"""Translates images into others without pairs: CUT on the same discriminator and augmentation."""

from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import override

from compete.tasks.generative import losses
from compete.tasks.generative.contrastive import Heads, choose_places, patch_nce
from compete.tasks.generative.draws import Draws
from compete.tasks.generative.module import GanModule
from compete.tasks.generative.networks.translator import Translator
from compete.tasks.generative.pixels import to_bytes, to_floats
from compete.tasks.generative.recipe import ImageFacts
from compete.tasks.generative.settings import ContrastiveSettings

_CONTRASTIVE = ContrastiveSettings()


class TranslationModule(GanModule):
    """Image-to-image translation, such as photographs to paintings (CUT, arXiv 2007.15651).

    It adds a contrastive loss, which preserves the content, to the adversarial loss of `GanModule`.

    Args:
        images: facts about the images, given by the engine.
        contrastive: settings of the contrastive loss.
        kwargs: arguments of `GanModule`; `lr` is the generator's, `auto`: 0.0002.
    """

    translates = True

    def __init__(
        self,
        images: ImageFacts,
        contrastive: ContrastiveSettings = _CONTRASTIVE,
        **kwargs: Any,
    ) -> None:
        self.contrastive = contrastive
        super().__init__(images, **kwargs)
        self.heads = Heads(self.generator.channels, contrastive.features)

    @override
    def make_generator(self) -> Any:
        """Return the network that translates."""
        return Translator(self.network, self.images.channels, self.contrastive.blocks)

    @override
    def configure_optimizers(self) -> Any:
        """Return Adam for the generator with its heads, and for the discriminator."""
        r1 = 0 if self.recipe.relativistic else self.loss.r1_interval
        drawing = nn.ModuleList([self.generator, self.heads])
        return [
            losses.lazy_adam(drawing, self.recipe.lr_generator, 0, betas=(0.5, 0.999)),
            losses.lazy_adam(self.discriminator, self.recipe.lr_discriminator, r1),
        ]

    @override
    def make(self, draws: Draws, count: int, batch: dict[str, Tensor]) -> Tensor:
        """Return the sources of the batch, translated."""
        made: Tensor = self.fast["generator"](to_floats(batch["sources"]))
        return made

    @override
    def train_generator(
        self, real: Tensor, batch: dict[str, Tensor], draws: Draws, count: int
    ) -> None:
        """Take the generator's step: it deceives the discriminator, and keeps the content."""
        self.discriminator.requires_grad_(False)
        sources = to_floats(batch["sources"])
        found = self.generator.encode(sources)
        made = self.generator.decode(found[-1])
        loss_g = self.adversarial_loss(made, real, draws, count)
        nce = self._content_loss(found, made, draws)
        if self.contrastive.identity:
            own = self.generator.encode(real)
            nce = (nce + self._content_loss(own, self.generator.decode(own[-1]), draws)) / 2
        self._step(0, loss_g + self.contrastive.weight * nce)
        self.discriminator.requires_grad_(True)
        self.means.add(loss_g=loss_g, nce=nce)

    def _content_loss(self, found: list[Tensor], made: Tensor, draws: Draws) -> Tensor:
        """Return PatchNCE between the features of images and what was made of them."""
        places = choose_places(found, self.contrastive.patches, draws.generator)
        with torch.no_grad():
            keys = self.heads(found, places)
        queries = self.heads(self.generator.encode(made), places)
        return patch_nce(queries, keys, self.contrastive.temperature)

    @override
    @torch.no_grad()
    def translate(self, images: Tensor) -> Tensor:
        """Return images, uint8 `(n, channels, h, w)`, translated by the averaged weights."""
        return to_bytes(self.averaged(to_floats(images.to(self.device))))
