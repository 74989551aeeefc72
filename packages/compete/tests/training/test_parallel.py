"""Folds side by side: the first that fails ends all; what trains together ends together."""

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.training.parallel import end_with_launcher, run_parallel


def fail_beside_one_that_goes_on(ready: Path, fails: bool) -> None:
    """Fail as soon as the other runs, which ends by no SIGTERM, as after Lightning's `fit`."""
    if not fails:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready.touch()
        time.sleep(600)
    while not ready.exists():
        time.sleep(0.01)
    raise Fault("The fold failed.", "Fix it.")


def test_a_fold_that_fails_ends_the_others(tmp_path: Path) -> None:
    calls = [(tmp_path / "ready", fails) for fails in (True, False)]
    with pytest.raises(Fault, match=r"The fold failed\. Fix it\."):
        run_parallel(fail_beside_one_that_goes_on, calls, 2)
    assert not multiprocessing.active_children()


def launch_another(alive: Connection) -> None:
    """Launch a process, as Lightning does, and be busy beside it; the pipe is open while one is."""
    end_with_launcher()
    if not os.fork():
        end_with_launcher()
        alive.send("launched")
    time.sleep(600)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_process_that_was_launched_to_train_ends_with_its_launcher() -> None:
    context = multiprocessing.get_context("spawn")
    told, alive = context.Pipe(duplex=False)
    launcher = context.Process(target=launch_another, args=(alive,))
    launcher.start()
    alive.close()
    assert told.poll(60)
    assert told.recv() == "launched"
    launcher.kill()
    assert told.poll(20)
    with pytest.raises(EOFError):
        told.recv()
