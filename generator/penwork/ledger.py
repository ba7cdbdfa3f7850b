"""The certificate's third rule: every printed line, read back from its LaTeX, holds.

The ledger keeps what was printed so far; operands and symbols of later lines are looked up in it.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from gmpy2 import mpq

from penwork.errors import Fault
from penwork.escape import spelled
from penwork.maths.fields import array, entries, filled
from penwork.maths.given import Given, Scalar, Vector
from penwork.maths.records import Record
from penwork.maths.tally import Tally
from penwork.maths.value import Value, symbols_in
from penwork.maths.words import Table
from penwork.model import Line, Operand, Step
from penwork.numbers import EXACTLY, WORKING_PLACES, Shown, Style, show
from penwork.writing.digits import number_tex
from penwork.writing.lines import EQUAL, NEARLY, shown_candidates
from penwork.writing.near import Near, Unreadable
from penwork.writing.pen import stripped
from penwork.writing.reader import as_table, difference, read

STANDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    r"\le": operator.le,
    ">": operator.gt,
    r"\ge": operator.ge,
}


@dataclass(slots=True)
class Known:
    """How a given or a result stands in print: the text of every entry, and its value."""

    texts: dict[tuple[Any, ...], str]
    values: Any
    row: bool


class Result(NamedTuple):
    """What a line names (nothing: its symbols), the number it must show, and how that is shown."""

    tex: str
    data: Any
    places: int = WORKING_PLACES
    style: Style = "decimal"
    row: bool = False

    def shown(self) -> list[Shown]:
        """How every number stands in print."""
        return [show(number, self.places, self.style) for number in entries(self.data)]


class Ledger:
    """What has been printed so far, by step; operands and symbols are looked up here."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.equations = 0

    def add_given(self, name: str, declaration: Given, stored: Any) -> None:
        if isinstance(declaration, (Table, Tally)):
            cells = declaration.cells(stored)
            texts = {at: number_tex(x, EXACTLY, declaration.style) for at, x in cells.items()}
            self.known[name] = Known(texts, cells, False)
            return
        data = array(stored)
        if stored is None or isinstance(stored, (bool, str)) or _words(data):
            return
        data = mpq(data) if isinstance(data, int) else data
        texts = {at: number_tex(x, EXACTLY, declaration.style) for at, x in _entries(data)}
        row = isinstance(declaration, Vector) and declaration.row
        self.known[name] = Known(texts, data, row)

    def take(self, name: str, result: Result) -> None:
        """A number that is offered in place of a step."""
        self._remember(name, (), [number.value for number in result.shown()], result)

    def add_symbol(self, source: str, letter: Value) -> None:
        self.known[source] = Known({}, letter.data, False)

    def read_expression(self, name: str, line: Line, result: Result) -> None:
        """Read a formula in free symbols: both sides must agree at the test point."""
        self._check_chain(line, result.tex, name)
        self._check_operands(line, name)
        rounded = self._rounded_operands(line)
        if (line.to_numbers == NEARLY) != bool(rounded):
            raise Fault("lines", f"{line.latex} has the wrong sign", name)
        letters = self._names(line)
        for side, off in ((line.symbols, {}), (line.numbers, rounded)):
            self.equations += 1
            if not difference(self._read(side, letters, off, name), result.data)[1]:
                raise Fault("lines", f"{side} is not what {line.lhs} stands for", name)
        self.known[name] = Known({}, result.data, False)

    def read_line(self, name: str, at: tuple[int, ...], line: Line, result: Result) -> None:
        """Read one line again, and remember what it printed."""
        step = name if not at else f"{name} {at[0] + 1}"
        shown = result.shown()
        printed = entries(self._read(line.printed, {}, {}, step))
        said = [number.value for number in shown]
        if said != printed and not difference(said, printed)[0]:
            raise Fault("lines", f"prints {line.printed} for another value", step)
        self._check_chain(line, result.tex, step)
        self._check_operands(line, step)
        values = [
            Near(value, number.half_unit) if number.half_unit else value
            for value, number in zip(printed, shown, strict=True)
        ]
        self._check_sides(line, values, step)
        self._remember(name, at, values, result)

    def read_comparison(self, name: str, line: Line, result: Result, limit: Result) -> None:
        """Read the left side as a line of its own, then whether it stands to the right as said."""
        *chain, (relation, right) = line.chain
        if relation not in STANDS:  # both are equal, and the second is not said again
            self.read_line(name, (), line, result)
            if result.shown()[0].value != limit.shown()[0].value:
                raise Fault("lines", f"{line.latex} is compared with nothing", name)
            return
        self.read_line(name, (), line._replace(chain=tuple(chain)), result)
        printed = self._read(right, {}, {}, name)
        if printed != limit.shown()[0].value:
            raise Fault("lines", f"prints {right} for another value", name)
        left = self._read(line.printed, {}, {}, name)
        if not STANDS[relation](left, printed):
            raise Fault("lines", f"{line.printed} {relation} {right} is not true", name)

    def _check_chain(self, line: Line, tex: str, step: str) -> None:
        """The page shows what is certified here, and nothing else."""
        symbols, numbers = (EQUAL, line.symbols), (line.to_numbers, line.numbers)
        result = (line.to_printed, line.printed) if line.printed else numbers
        odd = not {symbols, numbers, result}.issuperset(line.chain)
        if odd or line.lhs != (tex or line.symbols):
            raise Fault("lines", f"shows {line.latex}, which is not what was certified", step)
        if result not in line.chain and line.lhs != line.printed:
            raise Fault("lines", f"shows no result in {line.latex}", step)

    def _remember(
        self, name: str, at: tuple[int, ...], values: Sequence[Any], result: Result
    ) -> None:
        numbers = _entries(result.data)
        texts = {at + i: number_tex(x, result.places, result.style) for i, x in numbers}
        data = filled(values, result.data.shape if isinstance(result.data, np.ndarray) else ())
        if not at:
            self.known[name] = Known(texts, data, result.row)
            return
        before = self.known.setdefault(name, Known({}, {}, result.row))
        before.texts.update(texts)
        before.values[at] = data

    def _check_operands(self, line: Line, step: str) -> None:
        for operand in line.operands:
            known = self.known.get(operand.source)
            if known is None or known.texts.get(operand.at) != operand.printed:
                self._check_size(operand, step)
        if not line.numbers:
            return
        here, there = _numbers(line.numbers), []
        for text in (*[operand.printed for operand in line.operands], *line.constants):
            there += _few_numbers(text)
        if sorted(here) != sorted(there):
            one, other = Counter(here), Counter(there)
            odd = next(iter((one - other) | (other - one)))
            raise Fault("operands", f"the number {odd} stands in no earlier line", step)

    def _check_size(self, operand: Operand, step: str) -> None:
        """What no entry printed may still be the size of something printed."""
        known = self.known.get(operand.source)
        if known is None:
            raise Fault("operands", f"uses {operand.source}, which is printed nowhere")
        before = known.texts.get(operand.at, "nowhere")
        if "size" in operand.at:
            before = str(np.shape(known.values)[operand.at[-1]])
        if before != operand.printed:
            wrong = f"prints {operand.printed} for {operand.source}, which was {before} before"
            raise Fault("operands", wrong, step)

    def _check_sides(self, line: Line, result: Sequence[Any], step: str) -> None:
        rounded = self._rounded_operands(line)
        if line.to_numbers:
            self.equations += 1
            side = self._read(line.numbers, {}, rounded, step)
            equal, within = difference(side, result)
            if not within:
                raise Fault("lines", f"{line.numbers} is not {line.printed}", step)
            if (line.to_printed == EQUAL) != equal:
                wrong = f"{line.numbers} {line.to_printed} {line.printed}"
                raise Fault("lines", f"{wrong} has the wrong sign", step)
            if (line.to_numbers == NEARLY) != bool(rounded):
                wrong = f"{line.symbols} {line.to_numbers} {line.numbers}"
                raise Fault("lines", f"{wrong} has the wrong sign", step)
        elif line.to_printed and (line.to_printed == NEARLY) != (Near in map(type, result)):
            raise Fault("lines", f"{line.latex} has the wrong sign", step)
        if line.symbols:
            self.equations += 1
            side = self._read(line.symbols, self._names(line), {}, step)
            if not difference(side, result)[1]:
                raise Fault("lines", f"{line.symbols} is not {line.printed}", step)

    def _rounded_operands(self, line: Line) -> dict[str, Any]:
        """The rounded numbers of a line, and how far each may be off."""
        return {
            operand.printed.lstrip("-"): self._half(operand)
            for operand in line.operands
            if operand.rounded
        }

    def _half(self, operand: Operand) -> Any:
        known = self.known[operand.source]
        value = known.values[operand.at] if operand.at else known.values
        return value.off if isinstance(value, Near) else mpq(0)

    def _names(self, line: Line) -> dict[str, Any]:
        return {tex: self._look_up(source, index) for tex, source, index in line.names}

    def _look_up(self, source: str, index: tuple[Any, ...]) -> Any:
        known = self.known.get(source)
        if known is None:
            raise Fault("operands", f"names {source}, which is printed nowhere")
        values = known.values
        if isinstance(values, dict):
            return values[index]
        if not index:
            return as_table(values, known.row)
        if str not in map(type, index):
            return as_table(values[index], True)
        letters = [i for i in index if isinstance(i, str)]
        at = tuple(i for i in index if isinstance(i, int))
        if letters == ["size"]:
            return mpq(np.shape(values)[index[-1]])
        if letters == ["columns"]:
            return values[:, index[-2] : index[-1]]
        if letters == ["rows"]:
            return values[index[-2] : index[-1]]
        return as_table(values[at] if at else values, False)

    def _read(
        self, text: str, names: Mapping[str, Any], rounded: Mapping[str, Any], step: str
    ) -> Any:
        try:
            return read(text, names, rounded)
        except (Unreadable, ValueError, TypeError, ArithmeticError) as error:
            raise Fault("lines", f"cannot read {text} again: {error}", step) from error


def _words(data: Any) -> bool:
    return isinstance(data, np.ndarray) and data.size > 0 and isinstance(data.flat[0], str)


_is_number = re.compile(r"-?\d[\d.,\\]*").fullmatch
_BETWEEN_DIGITS = re.compile(r"\\(?:,|log_2|z\{[\d.]*\})")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")


def _numbers(text: str) -> list[str]:
    return _DIGITS.findall(_BETWEEN_DIGITS.sub("", text))


_few_numbers = lru_cache(maxsize=4096)(_numbers)


def _entries(data: Any) -> Iterable[tuple[tuple[int, ...], Any]]:
    """Every number with its place: () for a scalar."""
    if not isinstance(data, np.ndarray):
        return [((), data)]
    return zip(product(*map(range, data.shape)), data.flat, strict=True)


def certify_lines(
    declared: Mapping[str, Given],
    stored: Mapping[str, Any],
    records: Sequence[Record],
    steps: Sequence[Step],
    taken: Set[str] = frozenset(),
) -> int:
    """Every printed line, parsed back, holds. Returns how many equations were read.

    The results of the steps in `taken` come from elsewhere; they are known, not worked.
    """
    ledger = Ledger()
    for name, declaration in declared.items():
        ledger.add_given(name, declaration, stored[name])
    by_name = {record.name: record for record in records}
    for step in steps:
        record = by_name[step.name]
        if step.name in taken:
            ledger.take(step.name, _result(record.result))
            continue
        if record.comparison is not None:
            left, _, right = record.comparison
            if right.name is None and right.operation != "constant":
                what = "compares with a number that stands in no line: name it with work.let"
                raise Fault("operands", what, step.name)
            sides = _result(left, record.places), _result(right)
            ledger.read_comparison(step.name, step.lines[0], *sides)
        if record.kind == "let" and record.result.free:
            for source, letter in symbols_in(record.result).items():
                ledger.add_symbol(source, letter)
            ledger.read_expression(step.name, step.lines[0], _result(record.result))
            continue
        if record.labels:
            _read_symbols(record, step.lines)
        for at, line, result in _results(record, step.lines):
            ledger.read_line(step.name, at, line, result)
    if not ledger.equations:
        raise Fault("lines", "no printed line was read: the key shows no formula")
    return ledger.equations


def certify_letters(
    declared: Mapping[str, Given],
    stored: Mapping[str, Any],
    records: Sequence[Record],
    steps: Sequence[Step],
) -> None:
    """One letter, one thing: no line could tell two of one name apart, nor a name from a number."""
    first: dict[str, str] = {}
    named = [
        (name, its.called(name, stored[name]))
        for name, its in declared.items()
        if isinstance(its, Scalar) and not isinstance(its, (Table, Tally))
        if stored[name] is not None
    ]
    for record in records:
        if record.kind == "let" and record.result.name is not None:
            named.append((record.name, record.result.name.tex))
        labels = [score.name.tex for score, _ in record.options if score.name]
        if labels and len(set(labels)) < len(labels):
            raise Fault("names", "two of its options have one label", record.name)
    for name, tex in named:
        if first.setdefault(tex, name) != name:
            raise Fault("names", f"{first[tex]!r} and {name!r} are both called {tex}", name)
        if _is_no_name(tex):
            raise Fault("names", f"{tex} is a number or an equation: name it by a letter", name)
    held = {name: stored[name] for name, _ in named if name in stored}
    held |= {record.name: record.result.data for record in records if record.kind == "let"}
    names = dict.fromkeys(name for step in steps for line in step.lines for name in line.names)
    called: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for tex, source, index in names:
        if source not in held or str in map(type, index):
            continue
        before, here = called.setdefault(tex, (source, index)), (source, index)
        if before != here and _at(held, *before) != _at(held, *here):
            raise Fault("names", f"{tex} is one number here and another before", source)


@lru_cache(maxsize=1024)
def _is_no_name(tex: str) -> bool:
    return bool(_is_number(tex)) or not set("=<>").isdisjoint(stripped(tex))


def _at(held: Mapping[str, Any], source: str, index: tuple[int, ...]) -> list[Any]:
    whole = array(held[source])
    return entries(whole[index] if index else whole)


def _read_symbols(record: Record, lines: Sequence[Line]) -> None:
    """Read the rows of symbols that a state prints."""
    printed = [re.findall(r"\\tok\{((?:\\.|[^{}\\]|\{\})*)\}", line.chain[0][1]) for line in lines]
    if printed != [[spelled(symbol) for symbol in row] for row in record.result]:
        raise Fault("lines", "prints other symbols than it holds", record.name)


def _results(
    record: Record, lines: Sequence[Line]
) -> Iterator[tuple[tuple[int, ...], Line, Result]]:
    """Each line of a step with its place among the candidates, and the number it must show."""
    if record.kind == "let":
        yield (), lines[0], _result(record.result)
        return
    for i, line in zip(shown_candidates(record), lines, strict=False):
        yield (i,), line, _result(record.options[i][0])


def _result(value: Value, places: int = WORKING_PLACES) -> Result:
    if value.name is None:
        return Result("", value.data, places, row=value.row)
    return Result(value.name.tex, value.data, value.name.places, value.name.style, value.row)
