"""What `compete prepare` found out about texts."""

import json
from pathlib import Path
from typing import Any


def read_facts(root: Path) -> dict[str, Any]:
    """The facts of all rows and, if there are tokens, those of the tokens."""
    folder = root / "data/processed"
    facts: dict[str, Any] = {}
    for file in (*folder.glob("tokens-*/tokens.json"), folder / "prepared.json"):
        facts |= json.loads(file.read_text(encoding="utf-8"))
    return facts
