import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import affine_grid

from compete.errors import Fault
from compete.tasks.generative.augment import ada, make_augment
from compete.tasks.generative.augment import matrices as m
from compete.tasks.generative.augment.diffaugment import DiffAugment
from compete.tasks.generative.augment.diffaugment import Drawn as Policy
from compete.tasks.generative.augment.warp import Warp
from compete.tasks.generative.draws import Draws
from compete.tasks.generative.settings import AugmentSettings

ONE = torch.ones(1)
warp = Warp()
PLACES = affine_grid(torch.eye(3)[None, :2], [1, 1, 32, 32], align_corners=False)


def painted(places: Tensor) -> Tensor:
    """A smooth picture, known at every place, without symmetry."""
    x, y = places.unbind(-1)
    return (torch.sin(3 * x + 1) * torch.cos(2 * y + 0.3) + 0.2 * x)[:, None]


@pytest.mark.parametrize(
    "matrix",
    [
        m.scale(ONE, ONE),
        m.scale(-ONE, ONE),
        m.rotate(ONE * math.pi / 2),
        m.rotate(ONE * 0.7),
        m.translate(ONE * 0.25, ONE * -0.125),
        m.translate(ONE * 0.13, ONE * 0.07),
        m.scale(ONE * 1.3, ONE * 0.8) @ m.rotate(ONE * 2),
    ],
    ids=["nothing", "flip", "quarter", "turn", "pixels", "shift", "stretched-turn"],
)
def test_a_warped_image_is_the_picture_at_the_places_that_the_matrix_says(matrix: Tensor) -> None:
    inverse = torch.linalg.inv(matrix)
    made = warp(painted(PLACES), inverse)
    places = affine_grid(inverse[:, :2], [1, 1, 32, 32], align_corners=False)
    inside = (places.abs() < 0.8).all(-1)[:, None]
    assert inside.sum() > 200
    assert ((made - painted(places)).abs() * inside).max() < 3e-3


def test_whole_pixels_move_without_loss_and_beyond_the_edges_is_the_mirror() -> None:
    image = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert (warp(image, m.scale(ONE, ONE)) - image).abs().max() < 1e-5
    moved = warp(image, torch.linalg.inv(m.translate(ONE * 5 * 2 / 32, 0 * ONE)))
    assert (moved[..., 5:] - image[..., :-5]).abs().max() < 1e-4
    picture = painted(PLACES)
    far = warp(picture, torch.linalg.inv(m.translate(ONE * 20 * 2 / 32, 0 * ONE)))
    mirrored = picture[..., 1:21].flip(-1)  # what lies left of the picture, up to its edge
    assert (far[..., 3:-3, :20] - mirrored[..., 3:-3, :]).abs().max() < 0.03


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (m.brighten(ONE * 0.3), lambda rgb: rgb + 0.3),
        (m.contrast(ONE * 2), lambda rgb: rgb * 2),
        (m.flip_luma(ONE), lambda rgb: rgb - 2 * rgb.mean(1, keepdims=True)),
        (m.saturate(ONE * 0), lambda rgb: 0 * rgb + rgb.mean(1, keepdims=True)),
        (m.saturate(ONE * 3), lambda rgb: 3 * rgb - 2 * rgb.mean(1, keepdims=True)),
        (m.rotate_hue(ONE * 2 * math.pi / 3), lambda rgb: rgb[:, [2, 0, 1]]),
    ],
    ids=["brightness", "contrast", "luma", "grey", "saturation", "hue"],
)
def test_colours_are_multiplied_by_the_matrix(matrix: Tensor, expected: object) -> None:
    image = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(1)) * 2 - 1
    made = ada.recolor(image, matrix)
    flat = torch.cat([image.flatten(2), torch.ones(1, 1, 20)], 1)
    torch.testing.assert_close(made.flatten(2), (matrix @ flat)[:, :3])
    torch.testing.assert_close(made, torch.from_numpy(expected(image.numpy())))  # type: ignore[operator]


def test_grey_images_change_as_three_equal_channels() -> None:
    grey = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(2))
    adaptive = make_augment(AugmentSettings(p=1.0, transforms="color"))
    drawn = adaptive.draw(Draws(3, 0, "cpu"), 4, 8)
    colour = adaptive.apply_to(grey.expand(-1, 3, -1, -1), drawn)
    torch.testing.assert_close(adaptive.apply_to(grey, drawn), colour.mean(1, keepdim=True))


def test_each_transform_happens_with_its_probability_and_spread() -> None:
    count = 20_000
    adaptive = make_augment(AugmentSettings(p=0.5, transforms="geometry"))
    inverse = adaptive.draw(Draws(0, 0, "cpu"), count, 32).inverse
    # Of scale only the product is left in the determinant: log2 has the deviation 2 * 0.2.
    changes = torch.log2(1 / torch.linalg.det(inverse[:, :2, :2]))
    assert (changes.abs() > 1e-4).float().mean() == pytest.approx(0.5, abs=0.02)
    assert changes[changes.abs() > 1e-4].std() == pytest.approx(0.4, abs=0.02)
    unmoved = torch.linalg.solve(inverse, torch.tensor([0.0, 0, 1]).expand(count, 3))
    moved = unmoved[:, :2].abs().sum(1) > 1e-5
    assert moved.float().mean() == pytest.approx(0.5, abs=0.02)
    assert unmoved[moved, 0].std() == pytest.approx(0.25, abs=0.01)  # 0.125 of a side of 2
    blit = make_augment(AugmentSettings(p=1.0, transforms="blit"))
    inverse = blit.draw(Draws(0, 0, "cpu"), count, 32).inverse
    turns = inverse[:, :2, :2].round().flatten(1)
    torch.testing.assert_close(turns, inverse[:, :2, :2].flatten(1), atol=1e-5, rtol=0)
    kinds, frequency = turns.unique(dim=0, return_counts=True)
    assert len(kinds) == 8
    assert frequency.min() / count == pytest.approx(1 / 8, abs=0.01)
    unchanged = make_augment(AugmentSettings(p=0.0)).draw(Draws(0, 0, "cpu"), 5, 32)
    torch.testing.assert_close(unchanged.inverse, torch.eye(3).expand(5, 3, 3))
    torch.testing.assert_close(unchanged.color, torch.eye(4).expand(5, 4, 4))


def test_transforms_follow_each_other_in_the_order_of_the_paper() -> None:
    count = 20_000
    adaptive = make_augment(AugmentSettings(p=1.0))
    drawn = adaptive.draw(Draws(0, 0, "cpu"), count, 32)
    # Whole pixels are shifted before images are stretched, parts of pixels afterwards.
    moves = torch.linalg.inv(drawn.inverse)
    stretched = moves[:, :2, :2].square().sum((1, 2))
    slope, intercept = np.polyfit(stretched, moves[:, :2, 2].square().sum(1), 1)
    assert slope == pytest.approx(0.25**2 / 3, abs=0.003)
    assert intercept == pytest.approx(2 * 0.25**2, abs=0.01)
    # Brightness is added before contrast and the flip of luma multiply it.
    grey = drawn.color[:, :3, :3].sum((1, 2)) / 3
    added = drawn.color[:, :3, 3].mean(1) / grey
    assert added.std() == pytest.approx(0.2, abs=0.005)
    assert abs(np.corrcoef(added.abs(), grey.abs())[0, 1]) < 0.02


def test_the_controller_steps_towards_the_target_and_stays_a_probability() -> None:
    adaptive = make_augment(AugmentSettings(target=0.6, speed_kimg=500, interval=4))
    for sign, expected in ((0.9, 0.000256), (0.61, 0.000512), (0.5, 0.000256), (0.1, 0), (0.1, 0)):
        adaptive.adapt(torch.tensor(sign), 4 * 32)  # 128 of 500,000 images: 0.000256
        assert float(adaptive.p) == pytest.approx(expected, abs=1e-9)
    for _ in range(3):
        adaptive.adapt(torch.tensor(1.0), 400_000)
    assert float(adaptive.p) == 1
    fixed = make_augment(AugmentSettings(p=0.3, target=None))
    fixed.adapt(torch.tensor(1.0), 400_000)
    assert float(fixed.p) == pytest.approx(0.3)


def test_diffaugment_recolours_shifts_over_black_and_cuts_a_hole() -> None:
    augment = DiffAugment(AugmentSettings(kind="diffaugment"))
    image = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(4))
    plain = {"brightness": torch.zeros(1), "saturation": ONE, "contrast": ONE}
    outside = torch.full((1, 2), -99)
    shifted = augment.apply_to(image, Policy(**plain, shift=torch.tensor([[2, -1]]), hole=outside))
    torch.testing.assert_close(shifted[..., 2:, :-1], image[..., :-2, 1:])
    assert shifted[..., :2, :].abs().max() == 0
    assert shifted[..., -1].abs().max() == 0
    still = torch.zeros(1, 2, dtype=torch.long)
    holed = augment.apply_to(image, Policy(**plain, shift=still, hole=torch.tensor([[8, 4]])))
    expected = image.clone()
    expected[..., 4:12, 0:8] = 0
    torch.testing.assert_close(holed, expected)
    colour = Policy(ONE * 0.1, ONE * 2, ONE * 0.5, still, outside)
    bright = image + 0.1
    vivid = bright.mean(1, keepdim=True) + 2 * (bright - bright.mean(1, keepdim=True))
    torch.testing.assert_close(augment.apply_to(image, colour), (vivid + vivid.mean()) / 2)


@pytest.mark.parametrize("kind", ["ada", "diffaugment", "none"])
def test_gradients_reach_the_images_through_every_augmentation(kind: str) -> None:
    augment = make_augment(AugmentSettings(kind=kind, p=0.8))  # type: ignore[arg-type]
    images = torch.randn(4, 3, 32, 32, requires_grad=True)
    made = augment(images, Draws(1, 2, "cpu"), 4)
    assert made.shape == images.shape
    made.square().sum().backward()
    assert images.grad is not None
    assert images.grad.flatten(1).norm(dim=1).min() > 0


def test_processes_draw_together_what_one_draws() -> None:
    whole = Draws(7, 3, "cpu").normal(8, 2)
    parts = [Draws(7, 3, "cpu", rank, 2).normal(8, 2) for rank in range(2)]
    torch.testing.assert_close(torch.stack(parts, 1).flatten(0, 1), whole)
    assert not np.allclose(Draws(7, 4, "cpu").normal(8, 2), whole)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"transforms": "blit,noise"}, "noise"),
        ({"transforms": ""}, "none"),
    ],
)
def test_values_that_are_none_are_refused(values: dict[str, object], named: str) -> None:
    with pytest.raises(Fault, match=named):
        make_augment(AugmentSettings(**values))  # type: ignore[arg-type]
