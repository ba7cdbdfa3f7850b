"""The schema that editors use, and the manual: every key of a spec, and no other."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from penwork.compose.exams.complaints import Wants
from penwork.compose.exams.spec import Accommodation, Entry, Section, Spec, schema

ROOT = Path(__file__).parents[3]
EXAMS = ROOT / "templates" / "exams"
MANUAL = ROOT / "docs" / "exams.md"
SCHEMA = EXAMS / "exam.schema.json"


def test_golden_schema() -> None:
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("PENWORK_GOLDEN") == "write":
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text, "the model changed: `make golden`"


def test_the_example_names_the_schema() -> None:
    first = (EXAMS / "midterm.toml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"#:schema ./{SCHEMA.name}"


def objects(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield found
    yield from found["$defs"].values()


def test_every_key_is_described_and_no_other_allowed() -> None:
    for found in objects(schema()):
        assert found["additionalProperties"] is False
        for key, about in found["properties"].items():
            assert about["description"].endswith((".", "…", "]")), key


@pytest.mark.parametrize("model", [Spec, Section, Entry, Accommodation])
def test_every_key_says_what_it_wants(model: type[BaseModel]) -> None:
    for key, field in model.model_fields.items():
        assert sum(isinstance(about, Wants) for about in field.metadata) == 1, key


@pytest.mark.parametrize("model", [Spec, Section, Entry, Accommodation])
def test_every_key_is_in_the_manual(model: type[BaseModel]) -> None:
    rows = [line for line in MANUAL.read_text("utf-8").splitlines() if line.startswith("|")]
    told = set(re.findall(r"`\W*(?:section\.)?(\w+)", " ".join(row.split("|")[1] for row in rows)))
    assert model.model_fields.keys() <= told


def test_the_schema_knows_the_keys_of_the_example() -> None:
    example = tomllib.loads((EXAMS / "midterm.toml").read_text(encoding="utf-8"))
    found = schema()
    assert example.keys() <= found["properties"].keys()
    for section in example["section"]:
        assert section.keys() <= found["$defs"]["Section"]["properties"].keys()
        for entry in section["problem"]:
            assert entry.keys() <= found["$defs"]["Entry"]["properties"].keys()
