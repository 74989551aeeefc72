"""PatchNCE: a place of a translated image is to tell of the same place in its source.

Source: Park et al., "Contrastive learning for unpaired image-to-image translation" (CUT, arXiv
2007.15651), section 3.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Heads(nn.Module):
    """From features of each layer, at some places, to unit vectors: two linear layers each.

    Args:
        channels: of each layer's features.
        features: numbers of a vector.
    """

    def __init__(self, channels: Sequence[int], features: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(each, features), nn.ReLU(), nn.Linear(features, features))
            for each in channels
        )

    def forward(self, layers: Sequence[Tensor], places: Sequence[Tensor]) -> list[Tensor]:
        """Return for each layer vectors `(n, places, features)` of length 1.

        Args:
            layers: features `(n, c, h, w)` of each layer.
            places: of each layer, which of its `h * w` places.
        """
        return [
            F.normalize(head(layer.flatten(2)[:, :, chosen].transpose(1, 2)).float(), dim=2)
            for head, layer, chosen in zip(self.heads, layers, places, strict=True)
        ]


def choose_places(layers: Sequence[Tensor], count: int, generator: torch.Generator) -> list[Tensor]:
    """Return `count` different places of each layer, or all of a layer that has fewer."""
    sizes = [layer.shape[2] * layer.shape[3] for layer in layers]
    device = generator.device
    return [torch.randperm(n, generator=generator, device=device)[:count] for n in sizes]


def patch_nce(queries: Sequence[Tensor], keys: Sequence[Tensor], temperature: float) -> Tensor:
    """Return the mean cross-entropy of finding a query's own place among the source's places.

    Args:
        queries: of each layer, unit vectors `(n, places, features)` of the translated images.
        keys: the same of their sources, which learn nothing from it.
        temperature: of the softmax.
    """
    total = []
    for query, key in zip(queries, keys, strict=True):
        logits = torch.bmm(query, key.detach().transpose(1, 2)) / temperature
        own = torch.arange(logits.shape[1], device=logits.device).expand(len(logits), -1)
        total.append(F.cross_entropy(logits.flatten(0, 1), own.flatten()))
    return torch.stack(total).mean()
