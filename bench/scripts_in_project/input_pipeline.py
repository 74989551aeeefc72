"""Measures the project's training loader in images per second, on several prepared folders.

python input_pipeline.py OUT.json REPEATS BATCH WORKERS SOURCES, where WORKERS is a JSON list of
numbers and SOURCES one of objects with `name`, `folder` (where `compete prepare` ran) and `augment`
(a preset).
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from compete.contract import Contract
from compete.project import author
from compete.training.config import load_base


def rate(loader: Any) -> float:
    """Return images per second over one epoch, without the first batch, which starts workers."""
    batches = iter(loader)
    next(batches)
    start, seen = time.perf_counter(), 0
    for images, _ in batches:
        seen += len(images)
    return seen / (time.perf_counter() - start)


def main(out: str, repeats: str, batch: str, workers: str, sources: str) -> None:
    """Measure each source with each number of workers, taking turns."""
    torch.set_num_threads(1)  # as each worker has: the loader is measured, not torch's threads
    rates: dict[str, dict[int, list[float]]] = {}
    for _ in range(int(repeats)):
        for source in json.loads(sources):
            os.chdir(source["folder"])
            for count in json.loads(workers):
                settings = replace(
                    load_base().data,
                    augment=source["augment"],
                    batch_size=int(batch),
                    num_workers=count,
                )
                data = author("data", "Data")(Contract.load(), settings, fold=0, seed=0)
                found = rates.setdefault(source["name"], {}).setdefault(count, [])
                found.append(rate(data.train_dataloader()))
    Path(out).write_text(json.dumps(rates), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
