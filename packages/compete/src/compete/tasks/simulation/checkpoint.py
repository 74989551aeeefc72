"""All that a training is between two rollouts, in a file of numbers and texts.

Nothing of it is pickled: `torch.load(weights_only=True)` reads it, which runs no code of the file.
The random state is not in it, because each rollout begins with a seed of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from compete.errors import Fault, first_line
from compete.files import atomic_path, note
from compete.tasks.simulation.episodes import base_of, to_arrays, to_tensors


def save(model: OnPolicyAlgorithm, loop: Mapping[str, Any], path: Path) -> None:
    """Write a checkpoint.

    Args:
        model: between two rollouts.
        loop: what the training's own callback knows.
        path: of the file.
    """
    assert model.env is not None
    assert model.ep_info_buffer is not None
    assert model.ep_success_buffer is not None
    logger = model.logger
    state = {
        "timesteps": model.num_timesteps,
        "updates": model._n_updates,
        "policy": model.policy.state_dict(),
        "optimizer": model.policy.optimizer.state_dict(),
        "observation": to_tensors(model._last_obs),
        "starts": to_tensors(model._last_episode_starts),
        "episodes": [[float(each["r"]), int(each["l"])] for each in model.ep_info_buffer],
        "successes": [float(each) for each in model.ep_success_buffer],
        # What was recorded since the last line of the log.
        "recorded": {key: float(value) for key, value in logger.name_to_value.items()},
        "excluded": {key: [*(value or ())] for key, value in logger.name_to_excluded.items()},
        "environments": base_of(model.env).state_dict(),
        "loop": dict(loop),
    }
    with atomic_path(path) as beside:
        torch.save(state, beside)


def load(model: OnPolicyAlgorithm, path: Path) -> dict[str, Any]:
    """Bring a model to where it was when its checkpoint was written.

    Args:
        model: as it was built then, with its logger.
        path: of the file.

    Returns:
        What the training's own callback knew.

    Raises:
        Fault: the file is broken, or not of this model.
    """
    try:
        state = torch.load(path, model.device, weights_only=True)
        model.policy.load_state_dict(state["policy"])
        model.policy.optimizer.load_state_dict(state["optimizer"])
        loop: dict[str, Any] = state["loop"]
    except Exception as error:  # torch has many for a file that is not its own
        raise Fault(
            f"The checkpoint {path} can't be loaded: {first_line(error).rstrip('.')}.",
            f"Delete it to train from scratch: `rm {path}`; then run `compete train`.",
        ) from None
    assert model.env is not None
    model.num_timesteps, model._n_updates = state["timesteps"], state["updates"]
    # Known, they need no reset; games can be played again in environments that are new alone.
    model._last_obs = to_arrays(_on_cpu(state["observation"]))
    model._last_episode_starts = to_arrays(state["starts"].cpu())
    model._setup_learn(0, reset_num_timesteps=False)  # makes the buffers
    assert model.ep_info_buffer is not None
    assert model.ep_success_buffer is not None
    model.ep_info_buffer.extend({"r": r, "l": length} for r, length in state["episodes"])
    model.ep_success_buffer.extend(state["successes"])
    for key, value in state["recorded"].items():
        model.logger.record(key, value, tuple(state["excluded"][key]) or None)
    if not base_of(model.env).load_state_dict(_on_cpu(state["environments"])):
        note(
            "The environment does not repeat its episodes by seed and actions: the training goes "
            "on with new ones, and its curve from here on is not the one of a run without a stop."
        )
        model._last_obs = cast(Any, model.env.reset())
        model._last_episode_starts = np.ones(model.n_envs, np.bool_)
    return loop


def _on_cpu(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(each) for key, each in value.items()}
    return [_on_cpu(each) for each in value] if isinstance(value, list) else value
