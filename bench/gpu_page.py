"""Writes what `bench gpu` measured as a Markdown page."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.gpu import GpuMeasured
from bench.tables import LOOPS, as_table, ratios, spread

# TFLOPS of dense bf16 products by the makers' datasheets; of the T4, which has no bf16, fp16.
PEAKS = {
    "NVIDIA H100 80GB HBM3": 989,
    "NVIDIA H100 PCIe": 756,
    "NVIDIA H200": 989,
    "NVIDIA A100-SXM4-40GB": 312,
    "NVIDIA A100-SXM4-80GB": 312,
    "NVIDIA A100-PCIE-40GB": 312,
    "NVIDIA A100 80GB PCIe": 312,
    "NVIDIA L4": 121,
    "Tesla T4": 65,
    "NVIDIA GeForce RTX 4090": 165,
}


def gpu_page(m: GpuMeasured) -> str:
    """Return the page."""
    parts = [
        "# On a GPU",
        "Written by `python -m bench gpu`; do not edit. One run on one machine, not a study: "
        "compare the rows of one table, and nothing across machines. Random weights and made-up "
        "data: nothing was fetched, and no score means anything.",
    ]
    if m.quick:
        parts.append(
            "> **Written with `--quick`**: too few steps of tiny models to mean anything. Run "
            "`python -m bench gpu`."
        )
    if m.failed:
        rows = [(name, " ".join(why.split())[-400:]) for name, why in m.failed.items()]
        parts += ["## What failed", as_table(("part", "why"), rows)]
    parts += ["## Machine", as_table(("", ""), m.machine.items())]
    parts += ["## Versions", as_table(("", ""), m.versions.items())]
    training = {key: facts for key, facts in m.training.items() if facts}
    if training:
        parts += _training(m, training)
        parts += _alone(training)
    if m.rates:
        parts += _loading(m, training)
    texts = {batch: facts for batch, facts in m.texts.items() if facts}
    if texts:
        parts += _texts(texts)
    if m.resume:
        parts += _resume(m.resume)
    parts.append(f"All this took {m.seconds:.0f} seconds.")
    return "\n\n".join(parts) + "\n"


def _training(m: GpuMeasured, training: dict[tuple[str, bool], Any]) -> list[str]:
    peak, rows = PEAKS.get(m.device), []
    for key, facts in training.items():
        seconds = facts["turns"]["seconds"]
        beside = ratios(seconds)
        for name, values in seconds.items():
            rate = facts["flops"] / median(values) / 1e12
            rows.append(
                (
                    _name(key),
                    LOOPS[name],
                    *spread([1e3 * value for value in values], ".1f"),
                    f"{median(beside[name]):.3f}",
                    f"{m.batch / median(values):.0f}",
                    f"{rate:.1f}" + (f" ({rate / peak:.0%} of {peak})" if peak else ""),
                )
            )
    turns = next(iter(training.values()))["turns"]
    apart = max(facts["turns"]["losses_apart"] for facts in training.values())
    head = ("model", "loop", "blocks", "ms/step min", "median", "max", "to bare", "images/s")
    return [
        "## Training step",
        "`compete train` as users run it, in turns with the hand-written loops of "
        "`bench/scripts_in_project/loops.py`: same batches from the same loader "
        f"({turns['image_size']} pixels, batches of {m.batch}, augmented), AdamW with layer-wise "
        f"rates, clipping and moving average, channels-last; {turns['precision']}. A ratio is the "
        "median over blocks that ran side by side; the bare loop's second one is the noise. "
        "TFLOPS count forward and backward pass (`torch.utils.flop_counter`), against the "
        "datasheet's dense peak where the card is known.",
        as_table((*head, "TFLOPS"), rows),
        f"The losses of `compete train` and of the bare loop were at most {apart:.1g} apart.",
    ]


def _alone(training: dict[tuple[str, bool], Any]) -> list[str]:
    rows = [
        (
            _name(key),
            f"{facts['first_step']:.1f}",
            f"{1e3 * facts['seconds']:.1f}",
            *_memory(facts),
            *_waits(facts),
        )
        for key, facts in training.items()
    ]
    said = []
    for (backbone, compiled), facts in training.items():
        eager = training.get((backbone, False))
        if compiled and eager:
            steps = [median(f["turns"]["seconds"]["compete"]) for f in (eager, facts)]
            cost, gain = facts["first_step"] - eager["first_step"], steps[0] - steps[1]
            what = f"pays after {cost / gain:,.0f} steps" if gain > 0 else "makes no step faster"
            said.append(
                f"Compiling {backbone} took {max(0.0, cost):.0f} s, by the first step, and {what}."
            )
    head = ("model", "first step, s", "ms/step", "GiB allocated", "reserved", *_WAITS)
    return [
        "## Memory and waiting",
        "`compete train` alone. Idle is the share of some steps under `torch.profiler`, which "
        "slows them, in which the GPU does nothing; waits are the host's for the GPU in a step, "
        "with what waits; `.item()` counts reads of a number, on the CPU too. Memory is the most "
        "that PyTorch had allocated, and reserved, after warm-up.",
        as_table(head, rows),
        *said,
    ]


_WAITS = ("GPU idle", "waits a step", "by", "`.item()` a step")


def _waits(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    idle, names = facts.get("idle"), facts["waits_of"]
    return (
        "" if idle is None else f"{idle:.0%}",
        f"{facts['waits']:.1f}",
        ", ".join(f"{name} {count:.1f}" for name, count in names.items()),
        f"{facts['items']:.1f}",
    )


def _memory(facts: dict[str, Any]) -> tuple[str, str]:
    found = [facts.get(name) for name in ("allocated", "reserved")]
    first, second = ("" if value is None else f"{value / 2**30:.2f}" for value in found)
    return first, second


def _loading(m: GpuMeasured, training: dict[tuple[str, bool], Any]) -> list[str]:
    rows = [
        (name, workers, *spread(values, ".0f"))
        for name, by_workers in m.rates.items()
        for workers, values in by_workers.items()
    ]
    needs = [
        f"{_name(key)} {m.batch / median(facts['turns']['seconds']['compete']):.0f}"
        for key, facts in training.items()
    ]
    return [
        "## Loading",
        "Images per second from the project's training loader at 224 pixels, preset `photo`, with "
        "nothing else running: the decoded array that `compete prepare` writes, and JPEG files "
        "that are decoded each time, as happens above `data.cache_gb`.",
        as_table(("", "workers", "runs", "images/s min", "median", "max"), rows),
        *([f"The steps above took, in images per second: {', '.join(needs)}."] if needs else []),
    ]


def _texts(texts: dict[int, Any]) -> list[str]:
    rows = [
        (
            str(batch),
            str(facts["steps"]),
            f"{facts['steps'] * facts['seconds']:.1f}",
            f"{1e3 * facts['seconds']:.1f}",
            f"{facts['tokens'] / facts['steps'] / facts['seconds']:,.0f}",
            f"{1 - facts['tokens'] / facts['padded']:.0%}",
            *_memory(facts),
            *_waits(facts),
        )
        for batch, facts in texts.items()
    ]
    precision = next(iter(texts.values()))["precision"]
    head: Sequence[str] = ("batch", "steps", "epoch, s", "ms/step", "tokens/s", "padding")
    return [
        "## An epoch of MiniLM",
        "`compete train` of an encoder of all-MiniLM-L6-v2's shape with random weights, on made-up "
        f"texts of 5 to 400 words, {precision}; tokens without padding.",
        as_table((*head, "GiB allocated", "reserved", *_WAITS), rows),
    ]


def _resume(found: dict[str, Any]) -> list[str]:
    rows = []
    for ending, name in (("", "as it is"), (" deterministic", "`trainer.deterministic: true`")):
        if f"resume{ending}" in found:
            both = [found[f"resume{ending}"], found.get(f"again{ending}")]
            rows.append((name, *("" if x is None else _equal(x) for x in both)))
    return [
        "## Resuming to the same bits",
        f"{found['backbone']}, loaded by workers, killed in its second epoch of two and resumed: "
        "its weights against those of an undisturbed training. Where they differ, two undisturbed "
        "ones are compared as well: a card's own sums may differ from run to run.",
        as_table(("", "resumed", "undisturbed, again"), rows),
    ]


def _equal(apart: float) -> str:
    return f"at most {apart:.1g} apart" if apart else "equal to the last bit"


def _name(key: tuple[str, bool]) -> str:
    return f"{key[0]}, compiled" if key[1] else key[0]
