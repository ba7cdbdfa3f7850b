r"""Statements: Jinja prose in which every number is printed with the name of its given.

`<< w0|eq >>` prints "w_0 = 5", `<< T|n >>` "3", `<< T|word >>` "three", `<< token|tok >>` a token,
`<< causal|says("With a mask.", "Without.") >>` a flag, `<< polynomial((a, "x^2"), (b, "x")) >>` a
sum of terms. Each leaves a macro that names the given, so that the certificate reads the pairs
back from the rendered text. In an insight `<< r|about >>` prints "about 2.8284" of a rounded step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from traceback import walk_tb
from typing import Any

import jinja2
import numpy as np
from gmpy2 import mpq

from penwork.draw import Draw
from penwork.errors import Fault
from penwork.maths.fields import array
from penwork.maths.given import Given, Vector, called_at
from penwork.maths.records import Position
from penwork.maths.tally import Tally
from penwork.maths.value import Value
from penwork.maths.words import Table
from penwork.numbers import EXACTLY
from penwork.writing.compiled import compiled
from penwork.writing.digits import data_tex, token_tex
from penwork.writing.near import Unreadable
from penwork.writing.parts import PartTag
from penwork.writing.pen import PutIn, put_in
from penwork.writing.reader import difference, read

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Told:
    """A given in the statement, or a part of it: printed only through a filter."""

    path: str
    stored: Any
    declaration: Given

    def __getitem__(self, key: Any) -> Told:
        position = list(self.stored).index(key) if isinstance(self.stored, dict) else key
        return Told(f"{self.path}:{position}", self.stored[key], self.declaration)

    def __iter__(self) -> Iterator[Told]:
        keys = self.stored if isinstance(self.stored, dict) else range(len(self.stored))
        return (self[key] for key in keys)

    def __len__(self) -> int:
        return len(self.stored)

    def __bool__(self) -> bool:
        return bool(self.stored)

    @property
    def columns(self) -> list[str]:
        """The words of a table's columns, in the order of first appearance."""
        return list(dict.fromkeys(word for cells in self.stored.values() for word in cells))

    @property
    def words(self) -> list[tuple[Told, Told]]:
        """A tally's words with their counts."""
        return [
            (Told(f"{self.path}:{i}:word", word, self.declaration), self[word])
            for i, word in enumerate(self.stored)
        ]

    @property
    def plain(self) -> Any:
        """The bare given, for comparisons and loops; printing it is refused."""
        return self.stored


@dataclass(frozen=True, slots=True)
class Asked:
    """A part as the statement has it."""

    text: str
    asks: tuple[str, ...]
    marks: str


@dataclass(slots=True)
class Prose:
    """A rendered statement."""

    text: str = ""
    parts: list[Asked] = field(default_factory=list)


def _only_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    what = f"the given {value.path!r}" if isinstance(value, Told) else value
    raise Fault(
        "numbers", f"prose prints {what} without a filter: write |n, |eq, |word, |tok or |says"
    )


def _number(told: Any, places: int = 0) -> str:
    """With at least so many decimals, that the columns of a table stand in line."""
    if isinstance(told, Position):
        return str(told.number)
    if isinstance(told, Value):
        return _step_number(told)
    return rf"\val{{{_given(told).path}}}{{{_padded(_told_tex(told), places)}}}"


def _padded(tex: str, places: int) -> str:
    whole, _, decimals = tex.partition(".")
    if not places or not re.fullmatch(r"-?[\d\\,]+\.?\d*", tex):
        return tex
    return f"{whole}.{decimals:0<{places}}"


def _given(told: Any) -> Told:
    if isinstance(told, Told):
        return told
    raise Fault("numbers", f"prose prints the number {told}, which is no step and no given")


def _told_tex(told: Told) -> str:
    row = ":" in told.path or (isinstance(told.declaration, Vector) and told.declaration.row)
    stored = mpq(told.stored) if isinstance(told.stored, int) else array(told.stored)
    return data_tex(stored, row=row, places=EXACTLY, style=told.declaration.style)


def _step_number(value: Value) -> str:
    return rf"\ensuremath{{{_put_in(value).text}}}"


def _put_in(value: Value) -> PutIn:
    """A step's number as its line prints it."""
    name = value.name
    if name is None:
        raise Fault("numbers", "prose prints a number that is no step: name it with work.let")
    if value.free:
        raise Fault("numbers", f"prose prints {name.tex}, which is an expression and no number")
    return put_in(value, name)


def _about(value: Any) -> str:
    """A step's number, with "about" before it where it is rounded."""
    rounded = isinstance(value, Value) and _put_in(value).rounded
    return f"about {_number(value)}" if rounded else _number(value)


def equation(told: Any) -> str:
    """A given or a named step as name = number, ≈ where it is rounded."""
    if isinstance(told, Value):
        sign = r"\approx " if _put_in(told).rounded else "="
        assert told.name is not None
        return rf"\ensuremath{{{told.name.tex}{sign}{_step_number(told)}}}"
    tex = called_at(_given(told).declaration, told.path, told.stored)
    return rf"\given{{{told.path}}}{{{tex}}}{{{_told_tex(told)}}}"


def _name(value: Any) -> str:
    if isinstance(value, Value) and value.name is not None:
        return rf"\ensuremath{{{value.name.tex}}}"
    raise Fault("numbers", "|name is for a named step or given")


def _word(told: Told) -> str:
    count = _given(told).stored
    if not isinstance(count, int) or not 0 <= count < len(WORDS):
        return _number(told)
    return rf"\word{{{told.path}}}{{{WORDS[count]}}}"


def _token(told: Any) -> str:
    if isinstance(told, str):
        return token_tex(told)
    return rf"\word{{{_given(told).path}}}{{{token_tex(str(told.stored))}}}"


def _says(told: Told, *texts: Any) -> str:
    options = getattr(_given(told).declaration, "options", (True, False))
    if isinstance(told.stored, list) or told.stored not in options or len(texts) != len(options):
        needs = f"takes one text for each of {', '.join(map(_said_tex, options))}"
        raise Fault("statement", f"|says {needs}, which {told.path!r} and its texts don't fit")
    text = dict(zip(options, texts, strict=True))[told.stored]
    return rf"\said{{{told.path}}}{{{_said_tex(told.stored)}}}{{{text}}}"


def polynomial(*terms: tuple[Told, str]) -> str:
    """The sum of given times monomial (LaTeX) without 1x; givens left out stay out."""
    there = [(told, tex) for told, tex in terms if _given(told).stored is not None]
    return "".join(_term(told, tex, at == 0) for at, (told, tex) in enumerate(there))


def _term(told: Told, monomial: str, leads: bool) -> str:
    sign = "-" if told.stored < 0 else "" if leads else "+"
    size = "" if abs(told.stored) == 1 else _told_tex(told).removeprefix("-")
    return rf"\term{{{told.path}}}{{{sign}{size}}}{monomial}"


def _said_tex(stored: Any) -> str:
    return {True: "yes", False: "no"}.get(stored, str(stored))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=jinja2.StrictUndefined,
        finalize=_only_text,
        extensions=[PartTag],
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters.update(
        n=_number,
        eq=equation,
        about=_about,
        name=_name,
        word=_word,
        tok=_token,
        says=_says,
    )
    environment.tests["given"] = lambda told: told.stored is not None
    return environment


_BLANKS, _BLANK_LINES = re.compile("  +"), re.compile(r"\n\s*\n+")
_BRACE = re.compile(r"(?<!\\)[{}]")
_TELLING = re.compile(r"\\(given|val|term|word|said)(?=\{)")


@lru_cache(maxsize=512)
def _compiled(source: str) -> jinja2.Template:
    return compiled(_environment(), source)


def render_statement(
    source: str, declared: Mapping[str, Given], stored: Mapping[str, Any], level: int, story: Draw
) -> Prose:
    """The statement of one instance. `pick` in it draws from the story's own stream."""
    prose = Prose()

    def record_part(
        caller: Callable[[], str], asks: str = "", marks: str = "", when: object = True
    ) -> str:
        if isinstance(when, str):
            raise Fault("statement", "when= is a text, always true: write when=level > 1")
        if when:
            prose.parts.append(Asked(_trimmed(caller()), tuple(asks.split()), marks))
        return ""

    told = {name: Told(name, stored[name], declared[name]) for name in declared}
    prose.text = _trimmed(
        _render(
            source,
            "the statement",
            record_part=record_part,
            level=level,
            pick=_picker(story),
            polynomial=polynomial,
            **told,
        )
    )
    return prose


def render_sentence(text: str, values: Mapping[str, Any]) -> str:
    """An insight with its values put in."""
    return _trimmed(_render(text, "an insight", **values)) if "<" in text else text


def _picker(story: Draw) -> Callable[..., Any]:
    return lambda *options: story.pick(options)


def _render(source: str, where: str, /, **context: Any) -> str:
    try:
        return _compiled(source).render(**context)
    except jinja2.TemplateSyntaxError as error:
        raise Fault("statement", f"line {error.lineno} of {where}: {error.message}") from error
    except Exception as error:
        rule, said = "statement", str(error)
        if isinstance(error, jinja2.UndefinedError):
            known = "givens are" if where == "the statement" else "steps handed to work.insight are"
            said += f": only {known} known here"
        elif isinstance(error, Fault):
            rule, said = error.rule, error.message
        else:
            said = f"{type(error).__name__}: {said}"
        raise Fault(rule, f"line {_line(error)} of {where}: {said}") from error


def _line(error: Exception) -> int:
    """Where a statement raised it: Jinja gives its frames the lines of the text."""
    trace = walk_tb(error.__traceback__)
    lines = [line for frame, line in trace if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else 1


def _trimmed(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub(" ", text.replace("\t", " "))).strip()


# ── reading back ──


def read_back(texts: Sequence[str]) -> list[tuple[str, str, str]]:
    """(macro, path, printed) of every given in rendered statements."""
    found = []
    for text in texts:
        for match in _TELLING.finditer(text):
            count = 3 if match[1] in ("given", "said") else 2
            arguments = _arguments(text, match.end(), count)
            printed = arguments[1] if match[1] == "said" else arguments[-1]
            found.append((match[1], arguments[0], printed))
    return found


def _arguments(text: str, start: int, count: int) -> list[str]:
    out = []
    for _ in range(count):
        end = closing(text, start)
        out.append(text[start + 1 : end - 1])
        start = end
    return out


def closing(text: str, start: int) -> int:
    """Where the braces that open here have closed."""
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    raise Fault("statement", f"no brace closes {text[start : start + 40]!r}")


def printed_paths(name: str, declaration: Given, stored: Any) -> dict[str, Any]:
    """Every path of a given and what must be read there: numbers, words, flags."""
    if isinstance(declaration, Table):
        return {
            f"{name}:{i}:{j}": number
            for i, cells in enumerate(stored.values())
            for j, number in enumerate(cells.values())
        }
    if isinstance(declaration, Tally):
        words = {f"{name}:{i}:word": word for i, word in enumerate(stored)}
        return words | {f"{name}:{i}": count for i, count in enumerate(stored.values())}
    if isinstance(stored, list) and stored and isinstance(stored[0], str):
        return {f"{name}:{i}": word for i, word in enumerate(stored)}
    return {name: stored}


def at_path(stored: Any, keys: Sequence[str]) -> Any:
    """What stands at a path below a given: an entry by its place, or a tally's word."""
    if keys[1:] == ["word"]:
        return list(stored)[int(keys[0])]
    for key in keys:
        entries = list(stored.values()) if isinstance(stored, dict) else stored
        stored = entries[int(key)]
    return stored


def entries_of(path: str, stored: Any) -> dict[str, Any]:
    """A list of numbers may also be told entry by entry: its paths one level down."""
    if not isinstance(stored, list):
        return {}
    return {f"{path}:{i}": entry for i, entry in enumerate(stored)}


def same_as_printed(printed: str, stored: Any) -> bool:
    """Whether printed text says exactly this given."""
    if isinstance(stored, bool) or (isinstance(stored, str) and not printed.startswith(r"\tok")):
        return printed == _said_tex(stored)
    if isinstance(stored, str):
        return printed == token_tex(stored)
    if printed in WORDS:
        return bool(stored == WORDS.index(printed))
    if printed in ("", "+", "-"):  # the coefficient of a term
        printed += "1"
    try:
        value = read(printed.removeprefix("+"), {}, {})
    except (Unreadable, ValueError, ArithmeticError):
        return False
    data = array(stored) if isinstance(stored, list) else stored
    if isinstance(data, np.ndarray) and data.ndim == 2 and np.shape(value) != data.shape:
        return False
    return difference(value, data)[0]
