"""A generator and a discriminator that are trained against each other."""

import copy
from typing import Any, Literal, Self

import lightning
import torch
from torch import Tensor, nn

from compete.bounds import PositiveFloat
from compete.tasks.generative import losses
from compete.tasks.generative.augment import Augment, make_augment
from compete.tasks.generative.distributed import average_gradients, average_over_ranks
from compete.tasks.generative.draws import Draws
from compete.tasks.generative.networks import make_discriminator, make_generator
from compete.tasks.generative.pixels import to_bytes, to_floats
from compete.tasks.generative.recipe import ImageFacts, make_recipe
from compete.tasks.generative.running import Means, average_weights
from compete.tasks.generative.settings import AugmentSettings, LossSettings, NetworkSettings
from compete.training.config import instantiate
from compete.training.trainer import should_compile

_NETWORK, _AUGMENT, _LOSS = NetworkSettings(), AugmentSettings(), LossSettings()


class GanModule(lightning.LightningModule):
    """A GAN that generates images from noise. `Model` derives from it or `TranslationModule`.

    The exponential moving average of the generator, `averaged`, is the one that is saved. Override
    `make_generator`, `make_discriminator` or `make_augment` to use your own.

    Args:
        images: facts about the images, given by the engine.
        network: the architecture and size of the networks.
        augment: augmentation of the discriminator's input.
        loss: the losses and regularization.
        lr: learning rate of both networks; `auto`: 0.0025 for stylegan2, but 0.01 at 32 pixels,
            where training is short; 0.0002 for r3gan.
        ema_kimg: half-life of the moving average in thousands of images; `auto`: 10 for a batch
            size of 32, in proportion for others.
        compile: `torch.compile` the networks; `auto`: on a GPU.

    Raises:
        Fault: a value can't be used.
    """

    translates = False
    averaged: nn.Module
    batches: Tensor
    sign: Tensor
    signs: Tensor
    path_mean: Tensor

    def __init__(
        self,
        images: ImageFacts,
        network: NetworkSettings = _NETWORK,
        augment: AugmentSettings = _AUGMENT,
        loss: LossSettings = _LOSS,
        lr: PositiveFloat | Literal["auto"] = "auto",
        ema_kimg: PositiveFloat | Literal["auto"] = "auto",
        compile: bool | Literal["auto"] = "auto",
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.images, self.network, self.loss = images, network, loss
        self.compile_mode = compile
        self.recipe = make_recipe(images, network, loss, lr, ema_kimg, self.translates)
        self.generator, self.discriminator = self.make_generator(), self.make_discriminator()
        self.augment = self.make_augment(augment)
        self.to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.generator).requires_grad_(False)
        # What a resumed training must know; all of it is in the checkpoint.
        self.register_buffer("batches", torch.zeros((), dtype=torch.long))
        self.register_buffer("signs", torch.zeros(2))  # the sum of signs, and of how many
        self.register_buffer("sign", torch.zeros(()))
        self.register_buffer("path_mean", torch.zeros(()))
        self.number = 0  # of the batch, as `batches`, without asking the GPU
        self.means = Means()
        self.fast: dict[str, Any] = {
            "generator": self.generator,
            "discriminator": self.discriminator,
        }

    @classmethod
    def from_values(cls, images: ImageFacts, values: dict[str, Any]) -> Self:
        """Make the module of the section `model`. Raise `Fault` for a value that is wrong."""
        return cls(images, **instantiate(cls, "model", values, skip={"images"}))

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Self:
        """Make the module of what a run's `config.yaml` keeps."""
        return cls.from_values(ImageFacts(**kept["images"]), kept["model"])

    # -- parts that an author may replace

    def make_generator(self) -> Any:
        """Return an `nn.Module` that is a `GeneratorNetwork`, by `model.network`."""
        return make_generator(self.network, self.images.size, self.images.channels)

    def make_discriminator(self) -> Any:
        """Return the discriminator: from images to logits `(n,)`."""
        return make_discriminator(self.network, self.images.size, self.images.channels)

    def make_augment(self, settings: AugmentSettings) -> Augment:
        """Return what is done to images before the discriminator sees them."""
        return make_augment(settings)

    # -- training

    def configure_optimizers(self) -> Any:
        """Return Adam for each network, corrected for what is regularised lazily."""
        path = self.loss.path_interval if self.recipe.path_weight else 0
        r1 = 0 if self.recipe.relativistic else self.loss.r1_interval
        return [
            losses.lazy_adam(self.generator, self.recipe.lr_generator, path),
            losses.lazy_adam(self.discriminator, self.recipe.lr_discriminator, r1),
        ]

    def on_fit_start(self) -> None:
        """Compile, now that the device is known. Penalties differentiate twice: never compiled."""
        self.number = int(self.batches)
        if should_compile(self.compile_mode, self.device):
            for name in self.fast:
                self.fast[name] = torch.compile(getattr(self, name))

    def draws(self) -> Draws:
        """Return the source of chance for this batch."""
        trainer = self.trainer
        seed, ranks = self.images.seed, trainer.world_size
        return Draws(seed, self.number, self.device, trainer.global_rank, ranks)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Train both networks by one batch of `images` `(n, channels, h, w)`, uint8."""
        draws, count = self.draws(), self.images.batch_size
        real = to_floats(batch["images"])
        self.train_discriminator(real, batch, draws, count)
        self.train_generator(real, batch, draws, count)
        if self.recipe.path_weight and self.number % self.loss.path_interval == 0:
            self.regularise_paths(draws, count)
        average_weights(self.averaged, self.generator, self.recipe.decay, self.number)
        self.number += 1
        self.batches += 1
        if self.number % self.augment.settings.interval == 0:
            signs = average_over_ranks(self.signs)
            self.sign = signs[0] / signs[1].clamp(min=1)
            self.augment.adapt(self.sign, self.augment.settings.interval * count)
            self.signs = torch.zeros_like(self.signs)

    def make(self, draws: Draws, count: int, batch: dict[str, Tensor]) -> Tensor:
        """Return `count` made images, of which this process makes its part."""
        generator = self.generator
        latents, mixed, crossover = draws.normal(count, generator.latent), None, None
        if self.recipe.style_mixing:
            mixed = draws.normal(count, generator.latent)
            layers = (draws.uniform(count) * (generator.styles - 1)).floor() + 1
            on = draws.uniform(count) < self.recipe.style_mixing
            crossover = torch.where(on, layers, torch.full_like(layers, generator.styles))
        noise = [draws.normal(count, 1, size, size) for size in generator.noise_sizes]
        images: Tensor = self.fast["generator"](latents, noise, mixed, crossover)
        if self.recipe.has_styles and hasattr(generator, "mapping"):  # else the author's own
            with torch.no_grad():
                mean = generator.mapping(latents).float().mean(0)
                generator.mapping.remember(average_over_ranks(mean))
        return images

    def train_discriminator(
        self, real: Tensor, batch: dict[str, Tensor], draws: Draws, count: int
    ) -> None:
        """Take the discriminator's step, and its penalty's where it is due."""
        with torch.no_grad():
            made = self.make(draws, count, batch).float()
        seen = self.augment(real, draws, count), self.augment(made, draws, count)
        if self.recipe.relativistic:
            with torch.autocast(self.device.type, enabled=False):
                real_images, made_images = (each.detach().requires_grad_() for each in seen)
                real_logits = self.discriminator(real_images)
                made_logits = self.discriminator(made_images)
                r1 = losses.gradient_penalty(real_logits, real_images)
                r2 = losses.gradient_penalty(made_logits, made_images)
            loss = losses.relativistic_loss(real_logits, made_logits)
            self._step(1, loss + self.recipe.gamma / 2 * (r1 + r2))
            self.means.add(loss_d=loss, r1=r1, r2=r2)
        else:
            real_logits, made_logits = (self.fast["discriminator"](each) for each in seen)
            loss = losses.discriminator_loss(real_logits, made_logits)
            self._step(1, loss)
            self.means.add(loss_d=loss)
            if self.recipe.gamma and self.number % self.loss.r1_interval == 0:
                self._penalise(self.augment(real, draws, count))
        signs = real_logits.detach().sign()
        self.signs = self.signs + torch.stack([signs.sum(), signs.new_tensor(len(signs))])

    def _penalise(self, images: Tensor) -> None:
        """Take R1's own step, by the gradient at the images as the discriminator sees them."""
        with torch.autocast(self.device.type, enabled=False):
            images = images.detach().requires_grad_()
            r1 = losses.gradient_penalty(self.discriminator(images), images)
        self._step(1, self.recipe.gamma / 2 * r1 * self.loss.r1_interval)
        self.means.add(r1=r1)

    def train_generator(
        self, real: Tensor, batch: dict[str, Tensor], draws: Draws, count: int
    ) -> None:
        """Take the generator's step."""
        self.discriminator.requires_grad_(False)
        loss = self.adversarial_loss(self.make(draws, count, batch), real, draws, count)
        self._step(0, loss)
        self.discriminator.requires_grad_(True)
        self.means.add(loss_g=loss)

    def adversarial_loss(self, made: Tensor, real: Tensor, draws: Draws, count: int) -> Tensor:
        """Return what the generator loses by the discriminator's logits of what it made."""
        made_logits: Tensor = self.fast["discriminator"](self.augment(made, draws, count))
        if not self.recipe.relativistic:
            return losses.generator_loss(made_logits)
        with torch.no_grad():
            real_logits = self.fast["discriminator"](self.augment(real, draws, count))
        return losses.relativistic_loss(made_logits, real_logits)

    def regularise_paths(self, draws: Draws, count: int) -> None:
        """Take the step of path length regularisation, on half a batch, in 32 bits."""
        half = max(draws.ranks, count // 2 // draws.ranks * draws.ranks)
        generator = self.generator
        with torch.autocast(self.device.type, enabled=False):
            styles = generator.to_styles(draws.normal(half, generator.latent))
            noise = [draws.normal(half, 1, size, size) for size in generator.noise_sizes]
            images = generator.synthesize(styles, noise)
            lengths = losses.path_lengths(images, styles, draws.normal(half, *images.shape[1:]))
        mean = average_over_ranks(lengths.detach().mean())
        self.path_mean = self.path_mean.lerp(mean, self.loss.path_decay)
        penalty = (lengths - self.path_mean).square().mean()
        self._step(0, self.recipe.path_weight * penalty * self.loss.path_interval)
        self.means.add(path=penalty)

    def _step(self, which: int, loss: Tensor) -> None:
        """Take a step of the generator's (0) or the discriminator's (1) optimizer."""
        optimizer: Any = self.optimizers()[which]  # type: ignore[index]
        optimizer.zero_grad()
        self.manual_backward(loss)
        average_gradients(weight for group in optimizer.param_groups for weight in group["params"])
        optimizer.step()

    # -- what a trained generator does

    def latent_of(self, seed: int) -> Tensor:
        """Return the latent vector `(latent,)` that a seed stands for."""
        generator = torch.Generator().manual_seed(seed % 2**63)
        return torch.randn(self.generator.latent, generator=generator)

    @torch.no_grad()
    def sample(self, latents: Tensor, truncation: float = 1.0) -> Tensor:
        """Return images, uint8 `(n, channels, h, w)`, by the averaged weights."""
        return to_bytes(self.averaged(latents.to(self.device), truncation=truncation))

    def translate(self, images: Tensor) -> Tensor:
        """Return images translated; only a `TranslationModule` does."""
        raise NotImplementedError
