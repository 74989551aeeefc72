"""Parallel folds: on a CPU, several processes with few threads are faster than one with many."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from jsonargparse import Namespace

from compete.errors import Fault
from compete.files import note

Call = tuple[Any, ...]
_LAUNCHER = "COMPETE_LAUNCHER"  # the process whose copies train together with it
_TOGETHER = ("WORLD_SIZE", "SLURM_PROCID", "LOCAL_RANK")


def worker_count(trainer: Namespace, runs: int) -> int:
    """Return how many of `runs` folds train at once: on a CPU as many as it has cores, else 1.

    Also 1 if the user set devices, strategy or num_nodes, or launched several processes.
    """
    on_cpu = trainer.accelerator == "cpu" or (
        trainer.accelerator == "auto" and not torch.accelerator.is_available()
    )
    left = trainer.devices == "auto" and trainer.strategy == "auto" and trainer.num_nodes == 1
    if not (on_cpu and left) or any(os.environ.get(name) for name in _TOGETHER):
        return 1
    return max(1, min(runs, cores()))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_index() -> int | None:
    """Return the index of this worker process, or None if it is the only one."""
    process = multiprocessing.current_process()
    if multiprocessing.parent_process() is None:
        return None
    return int(process.name.rpartition("-")[2]) - 1


@cache
def note_once(message: str) -> None:
    """Print a note only once for all folds, such as the loaded weights."""
    if worker_index() is None:
        note(message)


def run_parallel(function: Callable[..., None], calls: Iterable[Call], count: int) -> None:
    """Call `function` with each of `calls`, `count` at a time, each in its own process.

    A process's threads are its share of the cores; with a `count` of 1 all happens in this process.

    Raises:
        Fault: what a call raised, or that a process died; the others are stopped then.
    """
    if count == 1:
        for call in calls:
            function(*call)
        return
    with ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(max(1, cores() // count),),
    ) as pool:
        try:
            with _ctrl_c_blocked():
                futures = [pool.submit(function, *call) for call in calls]
            for future in as_completed(futures):
                future.result()
        except BaseException as error:
            for child in multiprocessing.active_children():
                child.kill()  # after a `fit` Lightning still swallows SIGTERM
            if isinstance(error, BrokenProcessPool):
                raise Fault(
                    "A training process was killed, probably because it ran out of memory.",
                    "Run the command again; with `devices: 1` under `trainer` in params.yaml the "
                    "folds train one after another.",
                ) from None
            raise


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Start processes that never get Ctrl-C: it is for this one, which ends them.

    They inherit what is blocked. Here, one that is pressed meanwhile is only late.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_launcher() -> None:
    """From now on, end this process with the one that launched it to train together, if one did.

    Else, if that is killed, this one waits for it: NCCL up to half an hour, its GPU taken.
    """
    launcher = os.environ.get(_LAUNCHER)
    os.environ[_LAUNCHER] = str(os.getpid())  # Lightning's launcher passes variables on
    if launcher == str(os.getppid()):
        threading.Thread(target=_end_without, args=(os.getppid(),), daemon=True).start()


def _end_without(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(1)
    os._exit(1)


def _begin(threads: int) -> None:
    torch.set_num_threads(threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process with its parent, or a fold would go on that the next run trains too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
