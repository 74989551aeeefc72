"""The rows of a fold: which train, which validate, and how often a class is drawn."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from competitions.images import competition
from small import prepare_there

from compete.files import FOLD

TASK = "image"
Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of images, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared")))


def test_a_fold_trains_on_the_other_folds_and_validates_on_itself(make: Make) -> None:
    data, _ = make()
    folds = data.table["train"][FOLD].to_numpy()
    assert set(folds[data.val_rows]) == {0}
    assert set(folds[data.train_rows]) == {1, 2}
    assert len(data.val_rows) + len(data.train_rows) == 60
    loaded = torch.cat([targets for _, targets in data.val_dataloader()])
    assert torch.equal(loaded, data.targets[data.val_rows])


def test_balanced_sampling_draws_each_class_equally(make: Make) -> None:
    data, _ = make("--data.balanced_sampling", "true")
    rare = data.train_rows[data.train_targets.numpy() == 0][:2]
    common = data.train_rows[data.train_targets.numpy() != 0]
    data.train_rows = torch.cat([torch.from_numpy(rare), torch.from_numpy(common)]).numpy()
    drawn = []
    for epoch in range(8):
        loader = data.train_dataloader()
        loader.sampler.set_epoch(epoch)
        drawn += [targets for _, targets in loader]
    share = (torch.cat(drawn) == 0).float().mean().item()
    assert 0.2 < share < 0.47


def test_rare_classes_weigh_more(make: Make) -> None:
    data, _ = make()
    few = [row for row in data.train_rows if data.targets[row] != 0 or row % 4 == 0]
    targets = data.targets[few]
    weight = data.problem.target_stats(targets, class_weights=True).weight
    counts = torch.bincount(targets)
    assert weight[0] > weight[1]
    assert torch.allclose(weight * counts, (weight * counts)[:1])
    _, model = make("--model.class_weights", "true")
    own = data.problem.target_stats(data.train_targets, class_weights=True).weight
    assert torch.equal(model.class_weight, own)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_network_gets_images_in_the_layout_of_its_key(make: Make, wanted: bool) -> None:
    data, model = make("--model.channels_last", str(wanted).lower())
    seen: list[bool] = []
    model.net.register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].is_contiguous(memory_format=torch.channels_last))
    )
    images, _ = next(iter(data.train_dataloader()))
    model(images)
    assert seen == [wanted]


def test_workers_are_started_once_for_all_epochs(make: Make) -> None:
    data, _ = make("--data.num_workers", "1")
    for loader in (data.train_dataloader(), data.val_dataloader()):
        assert loader.persistent_workers
