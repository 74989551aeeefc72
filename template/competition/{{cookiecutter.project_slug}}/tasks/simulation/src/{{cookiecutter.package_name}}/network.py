"""The network for boards. It imports only torch, because the submission contains this file.

A board is given as planes `(batch, 2, rows, columns)`: the pieces of the player to move, and those
of the opponent.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """A residual block of two convolutions (He et al., 2016).

    Args:
        channels: number of channels of the input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, planes: Tensor) -> Tensor:
        """Return planes of the same shape."""
        return torch.relu(planes + self.layers(planes))


class Body(nn.Module):
    """The features extractor for Stable-Baselines3.

    Args:
        observation_space: any object with the `shape` of the planes.
        channels: number of channels of the convolutions.
        blocks: number of residual blocks.
        features_dim: number of features it returns.
    """

    def __init__(
        self, observation_space: Any, channels: int = 32, blocks: int = 2, features_dim: int = 128
    ) -> None:
        super().__init__()
        planes, rows, columns = observation_space.shape
        self.features_dim = features_dim
        self.layers = nn.Sequential(
            nn.Conv2d(planes, channels, 3, padding=1),
            nn.ReLU(),
            *(Block(channels) for _ in range(blocks)),
            nn.Flatten(),
            nn.Linear(channels * rows * columns, features_dim),
            nn.ReLU(),
        )

    def forward(self, planes: Tensor) -> Tensor:
        """Return features `(batch, features_dim)`."""
        features: Tensor = self.layers(planes)
        return features


class Network(nn.Module):
    """The trained policy and value network, which plays without Stable-Baselines3.

    Args:
        body: the features extractor.
        actions: number of actions.
    """

    def __init__(self, body: Body, actions: int) -> None:
        super().__init__()
        self.body = body
        self.policy = nn.Linear(body.features_dim, actions)
        self.value = nn.Linear(body.features_dim, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits `(batch, actions)` and values `(batch,)` from -1 (loss) to 1 (win)."""
        features = self.body(planes)
        return self.policy(features), self.value(features).squeeze(1).clamp(-1, 1)

    def load_policy(self, weights: Mapping[str, Tensor]) -> None:
        """Load the weights of a trained `Model`: the tensors of its `model.safetensors`."""
        names = {"features_extractor": "body", "action_net": "policy", "value_net": "value"}
        own = {
            f"{names[first]}.{rest}": tensor
            for first, _, rest in (name.partition(".") for name in weights)
            for tensor in [weights[f"{first}.{rest}"]]
            if first in names
        }
        self.load_state_dict(own)
