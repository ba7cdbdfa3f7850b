"""What solve claimed, as printed lines: lhs = symbols = numbers = value.

"=" stands only where it is exactly true of what is printed, else "≈".
"""

from __future__ import annotations

from typing import Any

from penwork.maths.decisions import COMPARE
from penwork.maths.fields import EXACT, array, entries
from penwork.maths.operations import OPERATIONS
from penwork.maths.records import Record
from penwork.maths.value import Name, Value
from penwork.model import Line
from penwork.writing import rules, sums  # noqa: F401 (they fill the pen's table)
from penwork.writing.digits import data_tex, symbols_tex
from penwork.writing.pen import Paper, Pen, PutIn, put_in
from penwork.writing.reader import difference

EQUAL, NEARLY = "=", r"\approx"
_OPPOSITE = {"<": r"\ge", "<=": ">", ">": r"\le", ">=": "<"}
_STRICTLY = {r"\ge": ">", r"\le": "<"}
_SIGN = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
_SYMBOLS_ONLY = {"mask", "less_by_rows"}
_UNNAMED = Name("", "")


def write_lines(record: Record, paper: Paper) -> tuple[Line, ...]:
    """The printed lines of one step: one for a formula, one a candidate for a decision.

    The steps of a run share their paper.
    """
    if record.kind == "state" and isinstance(record.result, str):
        return (Line(record.text[0], (("", record.text[1]),)),)
    if record.kind == "state":
        rows = zip(record.labels, record.result, strict=True)
        return tuple(Line(label, ((":", symbols_tex(row)),)) for label, row in rows)
    if record.kind == "compare":
        return (_comparison(record, paper),)
    if record.kind == "choose":
        return tuple(
            _formula(*record.options[i], paper, kept=i in record.kept)
            for i in shown_candidates(record)
        )
    assert record.expression is not None
    return (_formula(record.result, record.expression, paper),)


def shown_candidates(record: Record) -> tuple[int, ...]:
    """The candidates that the key prints: all as listed, or what was kept and the next best."""
    count = len(record.options)
    if not record.shown or count <= record.shown:
        return tuple(range(count))
    return (*record.kept, *_others(record)[: max(record.shown - len(record.kept), 0)])


def _others(record: Record) -> list[int]:
    """What was not kept, best first."""
    scores = [score.data for score, _ in record.options]
    others = [i for i in range(len(scores)) if i not in record.kept]
    return sorted(others, key=lambda i: (scores[i] if record.rule.lowest else -scores[i], i))


def decision_text(record: Record) -> str:
    """What the key says below a decision: a tie that was broken, and what it doesn't print."""
    if not (record.tied or record.shown):
        return record.decision
    said, others = [record.decision], _others(record)
    if others and record.kept:
        best, last = (record.options[i][0].data for i in (others[0], record.kept[-1]))
        said.append(record.tied if best == last else "")
    hidden = others[len(shown_candidates(record)) - len(record.kept) :]
    if hidden:
        best = _number(record.options[hidden[0]][0])
        bound = "" if len(hidden) == 1 else "at least " if record.rule.lowest else "at most "
        what = "candidate reaches" if len(hidden) == 1 else "candidates reach"
        said.append(f"{len(hidden)}~further {what} {bound}${best}$.")
    return " ".join(text for text in said if text)


def _formula(result: Value, expression: Value, paper: Paper, kept: bool | None = None) -> Line:
    name = result.name
    assert name is not None
    if result.free:
        return _expression(name, expression, paper)
    symbols, numbers = Pen(False, paper), Pen(True, paper)
    in_symbols = symbols.text(expression) if kept is None else ""
    in_numbers = numbers.text(expression) if expression.operation not in _SYMBOLS_ONLY else ""
    found = paper.put_in(result)
    printed, rounded = found.text, numbers.rounded
    chain: list[tuple[str, str]] = []
    if in_symbols not in ("", in_numbers, printed, name.tex):
        chain.append((EQUAL, in_symbols))
    to_numbers = "" if in_numbers in ("", printed) else NEARLY if rounded else EQUAL
    if to_numbers:
        chain.append((to_numbers, in_numbers))
    exact = _says(expression, found, paper) if rounded and to_numbers else not found.rounded
    to_printed = EQUAL if exact else NEARLY
    chain.append((to_printed, printed))
    return Line(
        lhs=name.tex,
        chain=tuple(chain),
        kept=kept,
        symbols=in_symbols,
        numbers=in_numbers,
        printed=printed,
        to_numbers=to_numbers,
        to_printed=to_printed,
        operands=tuple(numbers.operands),
        constants=tuple(numbers.constants),
        names=tuple(symbols.names),
    )


def _expression(name: Name, expression: Value, paper: Paper) -> Line:
    """A formula in free symbols: with its numbers put in it ends."""
    symbols, numbers = Pen(False, paper), Pen(True, paper)
    in_symbols, in_numbers = symbols.text(expression), numbers.text(expression)
    to_numbers = NEARLY if numbers.rounded else EQUAL
    chain = [(to_numbers, in_numbers)]
    if in_symbols not in (in_numbers, name.tex):
        chain.insert(0, (EQUAL, in_symbols))
    return Line(
        lhs=name.tex,
        chain=tuple(chain),
        symbols=in_symbols,
        numbers=in_numbers,
        to_numbers=to_numbers,
        operands=tuple(numbers.operands),
        constants=tuple(numbers.constants),
        names=(*symbols.names, *numbers.names),
    )


def expression_tex(value: Value) -> str:
    """A named result in free symbols as it stands in print, with its numbers put in."""
    return Pen(True).text(value)


def _says(expression: Value, result: PutIn, paper: Paper) -> bool:
    """Whether the last "=" is exactly true: the numbers put in come to what is printed."""
    there = [EXACT.tidy(number) for number in entries(as_printed(expression, paper))]
    pairs = zip(there, result.said, strict=True)
    return there == result.said or all(difference(one, said)[0] for one, said in pairs)


def as_printed(value: Value, paper: Paper) -> Any:
    """The expression's number when every named operand is what its print says."""
    if value.name is not None:
        said = paper.put_in(value).said
        return array(said).reshape(value.shape) if value.shape else said[0]
    if value.operation == "constant":
        return value.data
    bare = [as_printed(a, paper) if isinstance(a, Value) else a for a in value.arguments]
    return OPERATIONS[value.operation].evaluate(value.field, *bare)


def _number(value: Value) -> str:
    name = value.name or _UNNAMED
    return data_tex(value.data, places=name.places, style=name.style)


def _comparison(record: Record, paper: Paper) -> Line:
    assert record.comparison is not None
    left, relation, right = record.comparison
    symbols, numbers = Pen(False, paper), Pen(True, paper)
    lhs, in_numbers = symbols.text(left), numbers.text(left)
    found = paper.put_in(left) if left.name else put_in(left, Name("", "", places=record.places))
    printed, rounded = found.text, numbers.rounded
    holds = COMPARE[relation](left.data, right.data)
    chain: list[tuple[str, str]] = []
    to_numbers = "" if in_numbers in (lhs, printed) else NEARLY if rounded else EQUAL
    if to_numbers:
        chain.append((to_numbers, in_numbers))
    exact = _says(left, found, paper) if rounded and to_numbers else not found.rounded
    to_printed = "" if lhs == printed else EQUAL if exact else NEARLY
    if to_printed:
        chain.append((to_printed, printed))
    sign, limit = _SIGN[relation] if holds else _OPPOSITE[relation], _number(right)
    if not (chain and printed == limit and right.operation == "constant"):  # 0 = 0, not 0 ≤ 0
        chain.append((_STRICTLY.get(sign, sign) if not holds and printed != limit else sign, limit))
    return Line(
        lhs=lhs,
        chain=tuple(chain),
        symbols=lhs,
        numbers=in_numbers,
        printed=printed,
        to_numbers=to_numbers,
        to_printed=to_printed,
        operands=tuple(numbers.operands),
        constants=tuple(numbers.constants),
        names=tuple(symbols.names),
    )
