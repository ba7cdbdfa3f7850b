"""What every template gave when it was last looked at: givens and answers in full, and a digest.

`make golden` writes them anew. It refuses where givens changed and `draws` did not rise, or where
answers changed and `version` did not.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penwork.document import document
from penwork.model import Instance

FOLDER = Path(__file__).parent / "golden"
WRITING = os.environ.get("PENWORK_GOLDEN") == "write"
SEEDS = int(os.environ.get("PENWORK_SEEDS", "300"))
DIGESTED = 300
IN_FULL = 3


def path_of(template_id: str, level: int) -> Path:
    return FOLDER / f"{template_id.replace('/', '.')}.{level}.json"


def digest(rows: Sequence[Any]) -> str:
    text = json.dumps(list(rows), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def record(instances: Sequence[Instance]) -> dict[str, Any]:
    """The golden of one template and level from its first 300 instances."""
    documents = [document(instance) for instance in instances[:DIGESTED]]
    return {
        "draws": documents[0]["draws"],
        "version": documents[0]["version"],
        "givens": digest([[d["try"], d["given"]] for d in documents]),
        "answers": digest([d["answers"] for d in documents]),
        "first": [
            {key: d[key] for key in ("seed", "try", "given", "answers")}
            for d in documents[:IN_FULL]
        ],
    }


def complaint(name: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """What must rise before this golden may change; "" where nothing is wrong."""
    if old["givens"] != new["givens"] and new["draws"] <= old["draws"]:
        return f"{name}: a seed's givens changed: raise draws in the template, then `make golden`"
    answers_changed = old["answers"] != new["answers"] and old["givens"] == new["givens"]
    if answers_changed and new["version"] <= old["version"]:
        return f"{name}: answers changed: raise version in the template, then `make golden`"
    return ""
