"""What a template's source may say, read from its syntax tree before it is ever run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from penwork.errors import TemplateError

_OURS = "penwork.author"
_NEVER = {
    "builtins",
    "ctypes",
    "datetime",
    "importlib",
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "sys",
    "time",
    "uuid",
}
_NO_CALLS = {"__import__", "compile", "eval", "exec", "hash", "id", "input", "open"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def examine(source: str) -> None:
    """Raise TemplateError with the reason why this source is no template."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise TemplateError(f"it is no Python{line} ({error.args[0]})") from None
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    for name in ("sample", "solve", "check"):
        if name not in functions:
            raise TemplateError(f"it has no {name}")
    check = functions["check"]
    _imports(tree, check)
    if not (ast.get_docstring(check) or "").strip():
        raise TemplateError("its check has no docstring, whose first line is the printed route")
    for node in _reached("sample", functions):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            raise TemplateError(
                f"its sample uses the float {node.value} in line {node.lineno};"
                " draw fractions instead"
            )
    for node in _reached("check", functions):
        if isinstance(node, ast.Name) and node.id in ("solve", "Draw", "draw"):
            raise TemplateError(f"its check uses {node.id} in line {node.lineno}")


def _imports(tree: ast.Module, check: _Function) -> None:
    within_check = {id(node) for node in ast.walk(check)}
    numpy = {"numpy"}
    for node in ast.walk(tree):
        for name in _imported(node):
            root = name.split(".")[0]
            if name == "sympy" or name.startswith("sympy."):
                if id(node) not in within_check:
                    raise TemplateError("it imports sympy outside check")
            elif name.startswith("numpy.random") or not (
                name == _OURS
                or root == "numpy"
                or (root in sys.stdlib_module_names and root not in _NEVER)
            ):
                raise TemplateError(f"it imports {name}, which a template may not use")
        if isinstance(node, ast.Import):
            numpy |= {
                alias.asname for alias in node.names if alias.name == "numpy" and alias.asname
            }
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="random") if name in numpy:
                raise TemplateError(f"it uses numpy.random in line {node.lineno}")
            case ast.Call(func=ast.Name(id=name)) if name in _NO_CALLS:
                raise TemplateError(f"it calls {name} in line {node.lineno}")


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        if module in ("numpy", "penwork"):
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield module


def _reached(start: str, functions: dict[str, _Function]) -> Iterator[ast.AST]:
    """Every node of a function and of the module's functions that it names."""
    seen, queue = {start}, [start]
    while queue:
        for node in ast.walk(functions[queue.pop()]):
            yield node
            if isinstance(node, ast.Name) and node.id in functions and node.id not in seen:
                seen.add(node.id)
                if node.id != "solve":
                    queue.append(node.id)
