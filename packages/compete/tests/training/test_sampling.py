"""The order of rows is a function of seed and epoch, whoever asks and however many ask."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from compete.training.sampling import EpochSampler, LengthBatches, ShardSampler
from compete.training.schedule import warm_cosine

ROWS = np.arange(100, 200)


def order(*, epoch: int = 0, seed: int = 1, **options: Any) -> list[tuple[int, int]]:
    """The keys that an EpochSampler gives."""
    settings = {"rank": 0, "ranks": 1, "weights": None} | options
    sampler = EpochSampler(ROWS, seed, **settings)
    sampler.set_epoch(epoch)
    keys = list(sampler)
    assert len(keys) == len(sampler)
    return keys


def test_an_epoch_draws_every_row_once_and_names_the_epoch() -> None:
    keys = order(epoch=3)
    assert sorted(row for row, _ in keys) == ROWS.tolist()
    assert {epoch for _, epoch in keys} == {3}


def test_seed_and_epoch_decide_the_order() -> None:
    def rows(**options: Any) -> list[int]:
        return [row for row, _ in order(**options)]

    assert rows(epoch=2) == rows(epoch=2)
    assert rows(epoch=2) != rows(epoch=3)
    assert rows(seed=1) != rows(seed=2)
    assert rows() != ROWS.tolist()


@pytest.mark.parametrize("told", [0, 2, 3])
def test_a_resumed_run_draws_its_first_epoch_whatever_it_is_told_before(told: int) -> None:
    assert order(epoch=told, first_epoch=3) == order(epoch=3)
    assert order(epoch=4, first_epoch=3) == order(epoch=4)


def test_two_processes_see_together_the_batches_of_one() -> None:
    alone = order()
    pair = [order(rank=rank, ranks=2) for rank in (0, 1)]
    for start in range(0, 100, 10):
        together = {key for keys in pair for key in keys[start // 2 : start // 2 + 5]}
        assert together == set(alone[start : start + 10])


def test_processes_draw_equally_many_rows() -> None:
    assert {len(order(rank=rank, ranks=3)) for rank in range(3)} == {33}


def test_weights_draw_the_rare_rows_oftener() -> None:
    weights = torch.ones(100)
    weights[0] = 99.0
    first = sum(row == 100 for epoch in range(20) for row, _ in order(epoch=epoch, weights=weights))
    assert 800 < first < 1200


def batches(
    *, epoch: int = 0, rank: int = 0, ranks: int = 1
) -> tuple[list[list[int]], NDArray[np.int64]]:
    """The batches of LengthBatches over rows whose lengths go round and round."""
    sampler = EpochSampler(ROWS, 1, rank, ranks, None)
    sampler.set_epoch(epoch)
    lengths = np.arange(300) * 37 % 100
    made = LengthBatches(sampler, lengths, 8, pool=6)
    found = list(made)
    assert len(found) == len(made)
    return found, lengths


def test_batches_hold_rows_of_like_length_and_each_row_once() -> None:
    found, lengths = batches()
    rows = [row for batch in found for row in batch]
    assert len(rows) == len(set(rows)) == 96  # what fills no batch is left out
    assert set(rows) <= set(ROWS.tolist())
    spread = np.mean([np.ptp(lengths[batch]) for batch in found])
    assert spread < 30 < np.ptp(lengths[ROWS])


def test_seed_and_epoch_decide_the_batches_and_short_ones_come_at_any_time() -> None:
    found, lengths = batches(epoch=2)
    assert found == batches(epoch=2)[0]
    assert found != batches(epoch=3)[0]
    means = [lengths[batch].mean() for batch in found]
    assert means != sorted(means)


def test_two_processes_share_each_batch() -> None:
    alone, _ = batches()
    pair = [batches(rank=rank, ranks=2)[0] for rank in (0, 1)]
    for whole, first, second in zip(alone, *pair, strict=True):
        assert sorted(first + second) == sorted(whole)
        assert len(first) == len(second)


def test_shards_hold_every_row_once() -> None:
    shards = [list(ShardSampler(ROWS, rank, 3)) for rank in range(3)]
    assert sorted(row for shard in shards for row in shard) == ROWS.tolist()
    assert [len(ShardSampler(ROWS, rank, 3)) for rank in range(3)] == [
        len(shard) for shard in shards
    ]


def test_the_rate_rises_falls_and_waits() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [p]} for p in parameters], lr=1.0)
    scheduler = warm_cosine(optimizer, 100, 0.1, [0.0, 0.5])
    rates = []
    for _ in range(100):
        rates.append(scheduler.get_last_lr())
        optimizer.step()
        scheduler.step()
    head, late = zip(*rates, strict=True)
    assert list(head[:10]) == sorted(head[:10])
    assert max(head) == head[10] == 1.0
    assert list(head[10:]) == sorted(head[10:], reverse=True)
    assert head[-1] < 0.01
    assert set(late[:50]) == {0.0}
    assert late[50:] == head[50:]
