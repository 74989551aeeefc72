"""Pictures a second that the project's training loader gives, for several prepared folders.

python pipeline.py PACKAGE OUT.json REPEATS BATCH SOURCES, where SOURCES is a JSON list of objects
with `name`, `folder` (where `compete prepare` ran) and `augment` (a preset).
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

WORKERS = (0, 1, 2)


def rate(loader: Any) -> float:
    """Pictures a second over one epoch, from the first batch on: workers start once a training."""
    batches = iter(loader)
    next(batches)
    start, seen = time.perf_counter(), 0
    for pictures, _ in batches:
        seen += len(pictures)
    return seen / (time.perf_counter() - start)


def main(package: str, out: str, repeats: str, batch: str, sources: str) -> None:
    """Measure every source with every number of workers, in turns."""
    torch.set_num_threads(1)  # as a worker has: it is the loader that is measured
    make = importlib.import_module(f"{package}.modeling.data").Data
    contract = importlib.import_module(f"{package}.competition").Contract
    rates: dict[str, dict[int, list[float]]] = {}
    for _ in range(int(repeats)):
        for source in json.loads(sources):
            os.chdir(source["folder"])
            for workers in WORKERS:
                data = make(
                    contract=contract.load(),
                    augment=source["augment"],
                    batch_size=int(batch),
                    num_workers=workers,
                )
                found = rates.setdefault(source["name"], {}).setdefault(workers, [])
                found.append(rate(data.train_dataloader()))
    Path(out).write_text(json.dumps(rates), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
