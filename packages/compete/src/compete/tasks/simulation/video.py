"""An episode of a trained agent as moving pictures, in a file that any page shows."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from PIL import Image
from sb3_contrib import MaskablePPO
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from compete.errors import first_line
from compete.files import atomic_path, note
from compete.tasks.simulation.environments import MakeEnvironment
from compete.tasks.simulation.trainer import is_masked

_MILLISECONDS = 40  # that a frame is shown


def record_episode(
    model: OnPolicyAlgorithm, make: MakeEnvironment, frames: int, path: Path
) -> None:
    """Write the beginning of an episode, played by the likeliest actions, as a GIF.

    An environment that can't be drawn here, such as those that need pygame, is told of; a training
    does not fail for that.

    Args:
        model: the agent.
        make: makes its environment, to be drawn.
        frames: how many at most.
        path: of the file.
    """
    try:
        images = _play(model, make(0), frames)
    except (gymnasium.error.Error, ImportError, AttributeError) as error:
        note(f"No video: {first_line(error)}")
        return
    pictures = [Image.fromarray(image).quantize(64) for image in images]
    with atomic_path(path) as beside:
        pictures[0].save(
            beside,
            format="GIF",
            save_all=True,
            append_images=pictures[1:],
            duration=_MILLISECONDS,
            loop=0,
        )


def _play(model: OnPolicyAlgorithm, env: gymnasium.Env[Any, Any], frames: int) -> list[Any]:
    images: list[Any] = []
    observation, _ = env.reset()
    while len(images) < frames:
        image = env.render()
        if not isinstance(image, np.ndarray):
            raise gymnasium.error.Error(f"the environment gives no picture but {image!r}")
        images.append(image)
        if isinstance(model, MaskablePPO) and is_masked(model):
            masks = env.get_wrapper_attr("action_masks")()
            action, _ = model.predict(observation, deterministic=True, action_masks=masks)
        else:
            action, _ = model.predict(observation, deterministic=True)
        observation, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            break
    env.close()
    return images
