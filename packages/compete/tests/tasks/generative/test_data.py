import numpy as np

from compete.tasks.generative.data import ImageBatches


def numbered(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Images whose first pixel is their number, and whose last is another."""
    images = np.zeros((count, 1, 4, 4), np.uint8)
    images[:, 0, :, 0] = np.arange(count)[:, None]
    images[:, 0, :, -1] = 200
    return images


def test_every_image_comes_once_before_any_comes_again_in_an_order_of_chance() -> None:
    batches = ImageBatches({"images": numbered(10)}, 4, False, seed=3)
    stream = np.concatenate([batches.rows("images", batch) for batch in range(10)])
    turns = stream.reshape(4, 10)
    for turn in turns:
        assert sorted(turn) == list(range(10))
    assert len({tuple(turn) for turn in turns}) == 4
    again = ImageBatches({"images": numbered(10)}, 4, False, seed=3)
    np.testing.assert_array_equal(again.rows("images", 7), batches.rows("images", 7))
    assert not np.array_equal(
        ImageBatches({"images": numbered(10)}, 4, False, seed=4).rows("images", 7),
        batches.rows("images", 7),
    )


def test_fewer_images_than_a_batch_come_more_than_once_in_it() -> None:
    rows = ImageBatches({"images": numbered(3)}, 8, False, seed=0).rows("images", 0)
    assert sorted(rows[:3]) == sorted(rows[3:6]) == [0, 1, 2]
    assert len(rows) == 8


def test_processes_share_a_batch_without_repeating_any_of_it() -> None:
    arrays = {"images": numbered(20), "sources": numbered(7)}
    whole = ImageBatches(arrays, 6, True, 5)[2]
    parts = [ImageBatches(arrays, 6, True, 5, rank, 2)[2] for rank in range(2)]
    for name in arrays:
        for rank in range(2):
            np.testing.assert_array_equal(parts[rank][name], whole[name][rank::2])
    assert not np.array_equal(whole["images"], whole["sources"])


def test_half_of_the_images_are_mirrored_where_that_is_asked_for() -> None:
    batches = ImageBatches({"images": numbered(100)}, 100, True, 0)
    mirrored = sum(int((batches[k]["images"][:, 0, 0, 0] == 200).sum()) for k in range(10))
    assert 440 < mirrored < 560
    plain = ImageBatches({"images": numbered(100)}, 100, False, 0)[0]["images"]
    assert (plain[:, 0, 0, 0] != 200).all()
