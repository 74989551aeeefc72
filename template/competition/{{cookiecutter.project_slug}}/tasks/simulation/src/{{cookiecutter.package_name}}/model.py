"""The agent: PPO with action masking, from sb3-contrib, and the policy network it trains."""

from typing import Any, Literal

from compete.bounds import NonNegativeInt, PositiveInt
from gymnasium import spaces
from sb3_contrib import MaskablePPO
from stable_baselines3.common.vec_env import VecEnv
from torch import nn

from .network import Body

PolicyName = Literal["auto", "MlpPolicy", "CnnPolicy", "MultiInputPolicy"]


class Model(MaskablePPO):
    """`MaskablePPO`. Its arguments are the keys of `model` in params.yaml.

    If all actions are always legal, it is plain PPO. For continuous actions, such as forces, derive
    from `stable_baselines3.PPO` instead.

    Args:
        env: the environments to train in.
        policy: a policy of Stable-Baselines3, or `auto`: the network in network.py for boards,
            `CnnPolicy` for images, `MlpPolicy` for vectors, `MultiInputPolicy` for dictionaries.
        channels: number of channels of the convolutions, for boards.
        blocks: number of residual blocks, for boards.
        policy_kwargs: arguments of the policy.
        kwargs: arguments of `MaskablePPO`.
    """

    def __init__(
        self,
        env: VecEnv,
        policy: PolicyName = "auto",
        channels: PositiveInt = 32,
        blocks: NonNegativeInt = 2,
        policy_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        space = env.observation_space
        if policy == "auto" and is_board(space):
            board = {"channels": channels, "blocks": blocks}
            policy_kwargs = {
                "features_extractor_class": Body,
                "features_extractor_kwargs": board,
                "net_arch": [],  # from the features straight to logits and value
                "activation_fn": nn.ReLU,
            } | (policy_kwargs or {})
        super().__init__(
            policy_for(space) if policy == "auto" else policy,
            env,
            policy_kwargs=policy_kwargs,
            **kwargs,
        )


def is_board(space: spaces.Space[Any]) -> bool:
    """Return whether observations are the planes of a board rather than images."""
    return isinstance(space, spaces.Box) and len(space.shape) == 3 and space.dtype != "uint8"


def policy_for(space: spaces.Space[Any]) -> str:
    """Return the policy of Stable-Baselines3 for an observation space."""
    if isinstance(space, spaces.Dict):
        return "MultiInputPolicy"
    is_image = isinstance(space, spaces.Box) and len(space.shape) == 3 and not is_board(space)
    return "CnnPolicy" if is_image else "MlpPolicy"
