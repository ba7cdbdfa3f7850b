"""Finds templates, pairs their files, loads them when asked, and refuses bad ones with a reason."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from penwork.cards import digest, keep, recall
from penwork.errors import TemplateError, UserError, blame
from penwork.lint import examine, examine_statement
from penwork.maths.given import Given
from penwork.problem import LEVELS, MOST_DRAWS, Aids, Card, Problem, Template

VARIABLE = "PENWORK_TEMPLATES"
SUFFIX = ".tex.j2"
MOST_NAMED = 8
MOST_NEAR = 4
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_NO_CATEGORY = {"exams"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of a template, of which one may be missing."""

    id: str
    python: Path
    statement: Path


@dataclass(slots=True)
class Catalogue:
    """The templates of some folders, by id; each is loaded when it is first asked for."""

    pairs: Mapping[str, Pair]
    refused: dict[str, str] = field(default_factory=dict)
    _loaded: dict[str, Template] = field(default_factory=dict)

    @property
    def categories(self) -> list[str]:
        return sorted({name.split("/")[0] for name in self.pairs})

    def get(self, name: str, level: int | None = None) -> Template:
        """The template of that id, which must have that level.

        A bad one raises TemplateError with the reason.
        """
        self._find(name)
        template = self._load(name)
        if template is None:
            raise TemplateError(f"The template {name} is refused: {self.refused[name]}.")
        levels = sorted(template.problem.minutes)
        if level is not None and level not in levels:
            listed = ", ".join(map(str, levels))
            raise UserError(f"{name} has no level {level}.", f"Choose out of {listed}.")
        return template

    def select(self, names: Iterable[str] = ()) -> list[Template]:
        """Templates and whole categories by name, all without one; in the order of their ids.

        A bad template in a category is left out and stands in `refused` afterwards.
        """
        return [self._loaded[card.id] for card in self.cards(names) if self._load(card.id)]

    def cards(self, names: Iterable[str] = ()) -> list[Card]:
        """What `select` finds, told by cards; a template whose card is kept is not loaded."""
        wanted: dict[str, Card | None] = {}
        for name in names:
            members = self._members(name)
            for member in members:
                wanted[member] = self._card(member)
            if not members:
                wanted[name] = self._named(name)
        found = wanted or {name: self._card(name) for name in self.pairs}
        return [card for _, card in sorted(found.items()) if card is not None]

    def _named(self, name: str) -> Card:
        """The card of a template that must be good."""
        self._find(name, "template" if "/" in name else "template or category")
        return self._card(name) or self.get(name).card

    def _find(self, name: str, what: str = "template") -> None:
        if name in self.pairs:
            return
        if name in self.categories:
            raise UserError(f"{name} is a category, not a template.", self._named_members(name))
        raise UserError(f"No {what} is called {_short(name)}.", self._nearest(name, what))

    def _card(self, name: str) -> Card | None:
        if name not in self._loaded and name not in self.refused:
            with suppress(TemplateError):
                if kept := recall(_key(self.pairs[name])):
                    return kept
        template = self._load(name)
        return template.card if template else None

    def _load(self, name: str) -> Template | None:
        if name not in self._loaded and name not in self.refused:
            try:
                self._loaded[name] = load_pair(self.pairs[name])
            except TemplateError as error:
                self.refused[name] = str(error)
        return self._loaded.get(name)

    def _members(self, category: str) -> list[str]:
        return [each for each in self.pairs if each.split("/")[0] == category]

    def _named_members(self, category: str) -> str:
        members = self._members(category)
        if len(members) > MOST_NAMED:
            return f"`penwork list {category}` names its templates."
        return f"Name one of its templates: {', '.join(members)}."

    def _nearest(self, name: str, what: str) -> str:
        slugs = {each.split("/")[1]: each for each in self.pairs}
        known = [*self.pairs, *self.categories]
        near = difflib.get_close_matches(name, known, 3, 0.5)
        near += [slugs[s] for s in difflib.get_close_matches(name.split("/")[-1], slugs, 3, 0.6)]
        if what == "template":
            near = [each for name in near for each in (self._members(name) or [name])]
        if not near:
            return "`penwork list` names them all."
        *most, last = list(dict.fromkeys(near))[:MOST_NEAR]
        return f"Did you mean {', '.join(most)}{' or ' if most else ''}{last}?"


def default_folders(extra: Iterable[str | Path] = ()) -> list[Path]:
    """Penwork's own templates, then those of PENWORK_TEMPLATES, then `extra`."""
    package = Path(__file__).resolve().parent
    inside, beside = package / "templates", package.parent.parent / "templates"
    own = inside if inside.is_dir() else beside
    named = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    folders = [own, *map(Path, named), *map(Path, extra)]
    return list(dict.fromkeys(folder.resolve() for folder in folders))


def load(folders: Sequence[Path]) -> Catalogue:
    """The catalogue of `folders`. Files are named here and read when a template is asked for."""
    pairs: dict[str, Pair] = {}
    for folder in folders:
        if not folder.is_dir():
            why = "is no folder" if folder.exists() else "does not exist"
            raise UserError(
                f"The template folder {folder} {why}.", f"Mend --templates or {VARIABLE}."
            )
        for pair in _scan(folder):
            known = pairs.get(pair.id)
            if known is not None:
                raise UserError(
                    f"Two templates are called {pair.id}: {known.python} and {pair.python}.",
                    "Rename one.",
                )
            pairs[pair.id] = pair
    return Catalogue(dict(sorted(pairs.items())))


def _scan(folder: Path) -> list[Pair]:
    found: dict[str, Pair] = {}
    try:
        for category in sorted(folder.iterdir()):
            if category.name in _NO_CATEGORY or category.name[0] in "._" or not category.is_dir():
                continue
            for file in sorted(category.iterdir()):
                slug = file.name.removesuffix(SUFFIX).removesuffix(".py")
                if slug == file.name or file.name[0] in "._":
                    continue
                name = f"{category.name}/{slug}"
                found[name] = Pair(name, category / f"{slug}.py", category / f"{slug}{SUFFIX}")
    except OSError as error:
        raise UserError(
            f"The template folder {folder} cannot be read: {error.strerror}.", "Mend its rights."
        ) from None
    return list(found.values())


def named_well(name: str) -> bool:
    """Whether category/slug may name a template."""
    parts = name.split("/")
    return len(parts) == 2 and parts[0] not in _NO_CATEGORY and all(map(_NAME.fullmatch, parts))


def load_pair(pair: Pair) -> Template:
    """Read, examine and import one template. Raises TemplateError with the reason."""
    if not named_well(pair.id):
        raise TemplateError("its name must be lower case letters, digits and _")
    source, statement = _text(pair.python), _text(pair.statement)
    key = digest(pair.id, source, statement)
    known = recall(key)
    if known is None:
        examine(source)
        examine_statement(statement)
    module = _import(pair)
    problem = _member(module, "problem", lambda found: isinstance(found, Problem), "a Problem")
    _examine_problem(problem)
    sample, solve, check = (_member(module, n, callable, "a function") for n in _FUNCTIONS)
    template = Template(
        id=pair.id,
        problem=problem,
        sample=sample,
        solve=solve,
        check=check,
        figures=getattr(module, "figures", None),
        statement=statement,
        path=str(pair.python),
    )
    if known is None:
        keep(key, template.card)
    return template


def _key(pair: Pair) -> str:
    return digest(pair.id, _text(pair.python), _text(pair.statement))


_FUNCTIONS = ("sample", "solve", "check")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TemplateError(f"its file {path.name} is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"its file {path.name} cannot be read ({error})") from None


def _import(pair: Pair) -> ModuleType:
    digest = hashlib.blake2b(str(pair.python).encode(), digest_size=8).hexdigest()
    name = f"_penwork_template_{digest}"
    spec = importlib.util.spec_from_file_location(name, pair.python)
    if spec is None or spec.loader is None:
        raise TemplateError(f"its file {pair.python.name} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    module.__dict__["print"] = partial(print, file=sys.stderr)  # stdout is for data
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise TemplateError(f"importing it fails: {blame(str(pair.python), error)[1]}") from error
    return module


def _member(module: ModuleType, name: str, fits: Callable[[Any], bool], what: str) -> Any:
    found = getattr(module, name, None)
    if found is None:
        raise TemplateError(f"it has no {name}")
    if not fits(found):
        raise TemplateError(f"its {name} is not {what}")
    return found


def _examine_problem(problem: Problem) -> None:
    levels = set(problem.minutes)
    if isinstance(problem.source, str):
        raise TemplateError('its source is a list: ["Own 1"]')
    if not levels or not levels <= set(LEVELS) or not isinstance(problem.minutes, Mapping):
        raise TemplateError("its minutes must name levels out of 1, 2 and 3: {1: 4, 2: 7}")
    for name, by_level in (("effort", problem.effort), ("aids", problem.aids)):
        if not isinstance(by_level, Mapping):
            raise TemplateError(f"its {name} goes by level: {{1: ..., 2: ...}}")
        if missing := levels - set(by_level):
            raise TemplateError(f"its {name} lacks level {min(missing)}")
    for level, (low, high) in problem.effort.items():
        if low > high:
            raise TemplateError(f"its effort of level {level} runs from {low} down to {high}")
    if wrong := set(problem.aids.values()) - set(get_args(Aids)):
        raise TemplateError(f"its aids {min(wrong)!r} is none of {', '.join(get_args(Aids))}")
    if any(not isinstance(n, int) or n < 1 for n in (problem.draws, problem.version)):
        raise TemplateError("its draws and version are whole numbers that start at 1")
    if problem.draws > MOST_DRAWS:
        raise TemplateError(f"its draws are more than {MOST_DRAWS}, which no sheet's code can hold")
    if not problem.given:
        raise TemplateError("it declares no given")
    for name, declared in problem.given.items():
        if not isinstance(declared, Given):
            raise TemplateError(f"its given {name} is {declared!r}: write {name}=scalar()")
    optional = [name for name, its in problem.given.items() if its.default is None]
    for name in chain.from_iterable(problem.together):
        if name not in optional:
            raise TemplateError(f"its together names {name!r}, which is no given with default=None")


def _short(name: str) -> str:
    return repr(name if len(name) <= 60 else f"{name[:57]}...")
