"""Writes the demo: one HTML file, and beside it the parts that it loads, weights first of all.

A page that was opened from a disk may load scripts, but fetch nothing. So whatever is not text lies
in scripts, compressed and in base64, each small enough for a progress bar to move.
"""

import base64
import gzip
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from compete.contract import Contract
from compete.export.demo import Demo
from compete.export.record import DEMO, EXPORTED, Exported, ExportedModel
from compete.export.runtime import LIBRARIES, WEB, library
from compete.files import (
    REPORTS,
    atomic_path,
    file_digest,
    project_title,
    readme_heading,
    write_text,
)
from compete.simulation_contract import SimulationContract

_PART = 1_500_000  # bytes before they are compressed
_SCRIPTS = ("parts.js", "models.js", "results.js", "page.js")


@dataclass(frozen=True)
class Graph:
    """An exported fold.

    Args:
        model: what is told of it.
        content: of the ONNX file.
        encoding: how the page makes its inputs.
        assets: files that it needs for that, by name.
        rows: that it was compared with torch on.
        parts: further ONNX files that the page runs for a prediction, by name.
    """

    model: ExportedModel
    content: bytes
    encoding: dict[str, Any]
    assets: dict[str, bytes]
    rows: int
    parts: dict[str, bytes] = field(default_factory=dict)


def write_page(
    record: Exported,
    graphs: Sequence[Graph],
    demo: Demo,
    contract: Contract | SimulationContract,
    problem: str,
    outputs: list[str],
    threshold: float = 0.5,
    cut_points: Sequence[float] = (),
) -> Exported:
    """Write the folder of the demo, whole or not at all, and return its record completed.

    Args:
        record: what is known of the demo, without sizes and hashes.
        graphs: the models.
        demo: what the page asks for.
        contract: what the competition asks for.
        problem: its kind.
        outputs: the name of each prediction.
        threshold: the probability from which on two classes are a yes.
        cut_points: of ordered classes, the mean class from which on a row is of the next one.
    """
    title = project_title(readme_heading(), contract.slug, contract.title)
    names = ("ort", "wasm", *demo.libraries)
    total = sum(one.model.weight for one in graphs)
    with atomic_path(DEMO) as folder:
        (folder / "parts").mkdir(parents=True)
        files = {name: _parts(folder, name, library(name)) for name in names}
        assets = {name: content for one in graphs for name, content in one.assets.items()}
        files |= {name: _parts(folder, name, content) for name, content in assets.items()}
        models = []
        for one in graphs:
            name = f"model-{_safe(one.model.member)}-{one.model.fold}"
            files[name] = _parts(folder, name, one.content)
            parts = {key: f"{name}-{key}" for key in one.parts}
            files |= {parts[key]: _parts(folder, parts[key], one.parts[key]) for key in parts}
            models.append(
                {
                    "file": name,
                    "member": one.model.member,
                    "fold": one.model.fold,
                    "weight": one.model.weight / total,
                    "encoding": one.encoding,
                    "parts": parts,
                }
            )
        values = {
            "title": title,
            "problem": problem,
            "outputs": outputs,
            "threshold": threshold,
            "cutPoints": list(cut_points),
            "task": demo.task,
            "spec": demo.spec,
            "examples": demo.examples,
            "models": models,
            "libraries": list(demo.libraries),
            "assets": list(assets),
            "files": files,
        }
        limits = [*demo.limits, *_quantization(record), *record.left_out]
        licenses = {LIBRARIES[name].package: LIBRARIES[name].license for name in names}
        text = _html(title, values, (*demo.scripts, f"{demo.task}.js"), limits, record, licenses)
        write_text(folder / "index.html", text)
        made = sorted(path for path in folder.rglob("*") if path.is_file())
        record = replace(
            record,
            models=[replace(m, weight=m.weight / total) for m in record.models],
            size=sum(path.stat().st_size for path in made),
            licenses=licenses,
            files={path.relative_to(folder).as_posix(): file_digest(path) for path in made},
        )
        record.write(folder / EXPORTED.name)
    return record


def _quantization(record: Exported) -> list[str]:
    """Return what quantization costs, a sentence for each quantized member."""
    several = len({model.member for model in record.models}) > 1
    return [
        f"{f'Member {one.member}' if several else 'The model'} is quantized to 8-bit integers to "
        f"load faster, so its predictions differ slightly from those of the original: {one.scores}."
        for one in record.int8
        if one.kept
    ]


def _safe(name: str) -> str:
    """Return a member's name as part of a file's name that needs no escaping in an address."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _parts(folder: Path, name: str, content: bytes) -> list[int]:
    """Write bytes as scripts `parts/NAME-0.js` and so on; return the size of each."""
    sizes = []
    for number, start in enumerate(range(0, len(content), _PART)):
        packed = gzip.compress(content[start : start + _PART], mtime=0)
        script = f'part("{name}",{number},"{base64.b64encode(packed).decode()}");\n'
        write_text(folder / "parts" / f"{name}-{number}.js", script)
        sizes.append(len(script))
    return sizes


def _html(
    title: str,
    values: dict[str, Any],
    own: Sequence[str],
    limits: list[str],
    record: Exported,
    licenses: dict[str, str],
) -> str:
    """Return the page with style, scripts and values in it."""
    scripts = (*_SCRIPTS[:-1], *own, _SCRIPTS[-1])
    count = len(record.models)
    fills = {
        "title": html.escape(title),
        "css": _read("page.css"),
        "script": "\n".join(_read(name) for name in scripts),
        # In a script, only `</` and `<!--` could end it.
        "values": json.dumps(values, ensure_ascii=False).replace("<", "\\u003c"),
        "limits": "".join(f"<li>{html.escape(limit)}</li>" for limit in limits),
        "models": f"{count} models, averaged" if count > 1 else "One model",
        "megabytes": f"{sum(map(sum, values['files'].values())) / 1e6:.0f}",
        "licenses": html.escape("; ".join(f"{name} ({who})" for name, who in licenses.items())),
        "report": '<a href="../index.html">Report</a>' if _has_report() else "",
    }
    page = _read("page.html")
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: fills[found[1]], page)


def _read(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8").strip()


def _has_report() -> bool:
    return (REPORTS / "index.html").exists()
