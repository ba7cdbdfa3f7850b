"""What a template's source may say, read from its syntax tree before it is ever run."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import get_args

from penwork.errors import TemplateError
from penwork.numbers import Style

_OURS = "penwork.author"
_FOR_CHECKS = "penwork.checking"
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
_TAKES = {
    "sample": ("draw", "level"),
    "solve": ("work", "given"),
    "check": ("given",),
    "figures": ("given", "steps"),
}
MOST_WORDS = 12
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def examine(source: str) -> None:
    """Raise TemplateError with the reason why this source is no template."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        number = getattr(error, "lineno", None)
        line = f" in line {number}" if number else ""
        raise TemplateError(f"it is no Python{line} ({error.args[0]})") from None
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    for name, takes in _TAKES.items():
        if name in functions:
            _arguments(functions[name], takes)
        elif name != "figures":
            raise TemplateError(f"it has no {name}")
    check = functions["check"]
    _imports(tree, check)
    _keywords(tree)
    if not (ast.get_docstring(check) or "").strip():
        raise TemplateError("its check has no docstring, whose first line is the printed route")
    _sample(functions)
    _check(functions, _engine_names(tree))


def _arguments(function: _Function, takes: tuple[str, ...]) -> None:
    its = function.args
    there = len(its.posonlyargs) + len(its.args)
    if there and not there - len(its.defaults) <= len(takes) <= (99 if its.vararg else there):
        said = f"def {function.name}({', '.join(takes)})"
        raise TemplateError(f"its {function.name} in line {function.lineno} must begin {said}:")


def _keywords(tree: ast.Module) -> None:
    """What stands in a call as it is: a style that there is, a why of a few words."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for said in call.keywords:
            match said.arg, said.value:
                case "style", ast.Constant(value=style) if style not in get_args(Style):
                    listed = ", ".join(get_args(Style))
                    raise TemplateError(
                        f"its style {style!r} in line {said.value.lineno} is none of {listed}"
                    )
                case "why", ast.Constant(value=str(why)) if len(why.split()) > MOST_WORDS:
                    many = f"{len(why.split())} words; name the rule in at most {MOST_WORDS}"
                    raise TemplateError(f"its why in line {said.value.lineno} has {many}")


_JINJA = re.compile(r"\{\{-?\s*\w+\s*\|.*|\{%-?\s*(?:end)?(?:part|if|elif|else|for|set|macro)\b.*")


def examine_statement(text: str) -> None:
    """Raise TemplateError where a statement speaks Jinja as other projects write it."""
    if found := _JINJA.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise TemplateError(
            f"line {line} of its statement says {found[0][:40]!r};"
            " write << ... >> for {{ ... }} and <% ... %> for {% ... %}"
        )


def _sample(functions: dict[str, _Function]) -> None:
    for node in (node for f in _reached("sample", functions) for node in ast.walk(f)):
        said = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            said = f"the float {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = "float()" if node.func.id == "float" else ""
        if said:
            raise TemplateError(
                f"its sample uses {said} in line {getattr(node, 'lineno', 0)};"
                " draw fractions instead: draw.fraction(1, 9, 10), Fraction(1, 4)"
            )


def _check(functions: dict[str, _Function], engine: set[str]) -> None:
    check = functions["check"]
    names = [node for node in ast.walk(check) if isinstance(node, ast.Name)]
    given = next((a.arg for a in (*check.args.posonlyargs, *check.args.args)), None)
    if given is None or all(node.id != given for node in names):
        raise TemplateError(
            "its check looks at nothing; let it work out every answer from its argument, given,"
            " and return {answer: value}"
        )
    engine = engine - set(functions)
    reached = [(f, node) for f in _reached("check", functions) for node in ast.walk(f)]
    for function, node in reached:
        if not isinstance(node, ast.Name):
            continue
        instead = ""
        if node.id == "solve":
            instead = "find the answers by another method"
        elif node.id in ("Draw", "draw"):
            instead = "the same givens must give the same answers, so nothing is drawn"
        elif node.id in engine and node.id not in _bound(function):
            instead = "write it in plain Python, with math and Fraction: it must not share code"
        if instead:
            raise TemplateError(f"its check uses {node.id} in line {node.lineno}; {instead}")


def _engine_names(tree: ast.Module) -> set[str]:
    """What the names of penwork.author are called in this source."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in (_OURS, "penwork")
        for alias in node.names
    }


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
                name in (_OURS, _FOR_CHECKS)
                or root == "numpy"
                or (root in sys.stdlib_module_names and root not in _NEVER)
            ):
                raise TemplateError(
                    f"it imports {name}, which a template may not use{_instead(name)}"
                )
        if isinstance(node, ast.Import):
            numpy |= {
                alias.asname for alias in node.names if alias.name == "numpy" and alias.asname
            }
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="random") if name in numpy:
                where = f"in line {node.lineno}"
                raise TemplateError(f"it uses numpy.random {where}{_instead('numpy.random')}")
            case ast.Call(func=ast.Name(id=name)) if name in _NO_CALLS:
                raise TemplateError(f"it calls {name} in line {node.lineno}")


def _instead(name: str) -> str:
    """What to write instead of a module that is refused."""
    if name in ("numpy.random", "random", "secrets", "uuid"):
        return "; draw with sample's draw: draw.integer(1, 9), draw.pick([2, 3])"
    if name.split(".")[0] == "penwork":
        return f"; import from {_OURS}, or for check from {_FOR_CHECKS}"
    return "; it may import penwork.author, numpy and the standard library's mathematics"


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        if module in ("numpy", "penwork"):
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield module


def _reached(start: str, functions: dict[str, _Function]) -> list[_Function]:
    """A function and those of the module's functions that it names; solve is not looked into."""
    found = [start]
    for name in found:
        function = functions[name]
        named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found += sorted((named & set(functions)) - _bound(function) - {*found, "solve"})
    return [functions[name] for name in found]


def _bound(function: _Function) -> set[str]:
    """The names that a function makes its own."""
    own = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    inner = {node.name for node in ast.walk(function) if isinstance(node, _Function)}
    return own | (inner - {function.name})
