"""What generator and discriminator are trained for, and what keeps them smooth."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generator_loss(made: Tensor) -> Tensor:
    """Return the non-saturating loss of Goodfellow et al. (2014) of the logits of made images."""
    return F.softplus(-made).mean()


def discriminator_loss(real: Tensor, made: Tensor) -> Tensor:
    """Return the logistic loss of the logits of real and of made images."""
    return F.softplus(made).mean() + F.softplus(-real).mean()


def relativistic_loss(wanted: Tensor, other: Tensor) -> Tensor:
    """Return R3GAN's loss (NeurIPS 2024, equation 2), after Jolicoeur-Martineau (2018).

    Args:
        wanted: logits `(n,)` that should be above `other`: of real images for the discriminator,
            of made ones for the generator.
        other: logits `(n,)` of the others, each paired with one of `wanted`.
    """
    return F.softplus(other - wanted).mean()


def gradient_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """Return the mean squared gradient of logits by images: R1 of real images, R2 of made ones.

    Source: Mescheder et al., "Which training methods for GANs do actually converge?" (2018),
    equation 9, without the factor gamma / 2.

    Args:
        logits: `(n,)`, each of its own image.
        images: `(n, channels, h, w)` that require gradients.
    """
    (slopes,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return slopes.float().square().sum((1, 2, 3)).mean()


def path_lengths(images: Tensor, styles: Tensor, directions: Tensor) -> Tensor:
    """Return how far each image moves with its styles (StyleGAN2, arXiv 1912.04958, section 3.2).

    Args:
        images: `(n, channels, h, w)` of these styles.
        styles: `(n, layers, latent)` that require gradients.
        directions: of the shape of `images`, of a normal distribution.

    Returns:
        `(n,)`: the length of the transposed Jacobian times a direction, averaged over layers.
    """
    scaled = directions / math.sqrt(images.shape[2] * images.shape[3])
    (slopes,) = torch.autograd.grad((images.float() * scaled).sum(), styles, create_graph=True)
    return slopes.float().square().sum(2).mean(1).sqrt()


def lazy_adam(
    network: nn.Module, lr: float, interval: int, betas: tuple[float, float] = (0.0, 0.99)
) -> torch.optim.Adam:
    """Return Adam for a network that has a step of regularisation every `interval` batches.

    Learning rate and decays are corrected by c = interval / (interval + 1), since there are that
    many more steps (StyleGAN2, appendix B, "Lazy regularization").

    Args:
        network: whose parameters are trained.
        lr: the learning rate of a training without lazy regularisation.
        interval: batches between two steps of regularisation; 0: there are none.
        betas: the decays of a training without it.
    """
    c = interval / (interval + 1) if interval else 1.0
    corrected = (betas[0] ** c if betas[0] else 0.0, betas[1] ** c)
    parameters = [weight for weight in network.parameters() if weight.requires_grad]
    return torch.optim.Adam(parameters, lr=lr * c, betas=corrected, eps=1e-8)
