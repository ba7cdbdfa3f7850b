"""Worked lines and answer boxes as the macros of a page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from penwork.model import Answer, Box, Line, Step

_SLOT_WIDE, _SLOT_HIGH = 12.0, 7.0
_WIDTHS = {"number": 17.0, "choice": 20.0, "text": 40.0, "sequence": 40.0, "expression": 44.0}
_WIDTH = 34.0
# a number of so many digits needs this much
_LONG, _LONG_WIDE = 8, 26.0
# a letter by hand, a letter of the note (which may take two lines), the widest box of a choice
_SIGN, _SMALL, _WIDEST = 1.9, 1.3, 42.0

_BOX_HIGH = 7.5
_TOGETHER = 6  # rows of a state that no column's end parts
_NUMBERS = ("number", "vector", "matrix", "expression")


def worked(step: Step, bold: Collection[str] = ()) -> str:
    """The step's lines; the values of those whose left side is in `bold` stand out."""
    if step.kind == "choose":
        return rf"\pmcandidates{{{''.join(_candidate(line) for line in step.lines)}}}"
    between = "\\pmrow\n" if step.kind == "state" and len(step.lines) > _TOGETHER else "%\n"
    return between.join(
        rf"\pmline{{{line.lhs}}}{{{_chain(line, step.kind == 'let' and line.lhs in bold)}}}"
        for line in step.lines
    )


def left_sides(steps: Sequence[Step]) -> str:
    """What TeX measures to align the lines of a part at their first relation."""
    sides = dict.fromkeys(
        line.lhs for step in steps if step.kind != "choose" for line in step.lines if line.lhs
    )
    return "".join(rf"\pmone{{{side}}}" for side in sides)


def _chain(line: Line, bold: bool) -> str:
    pieces = []
    for number, (relation, text) in enumerate(line.chain):
        kind = ("first" if number == 0 else "rel") + (
            "bold" if bold and number == len(line.chain) - 1 else ""
        )
        pieces.append(rf"\pm{kind}{{{relation}}}{{{text}}}")
    return "".join(pieces)


def _candidate(line: Line) -> str:
    kind = "kept" if line.kept else "dropped"
    return rf"\pm{kind}{{{line.lhs}}}{{{_chain(line, False)}}}"


def codes(marks: str, rounded: bool = False) -> str:
    """Marker's codes, each in a frame; of a rounded answer anything counts that rounds to it."""
    return "".join(rf"\pmcode{{{code}}}" for code in (*marks.split(), *["awrt"] * rounded))


def boxes(answers: Collection[Answer]) -> str:
    """The answer boxes of a part; where one number is long, those of all its numbers are wide."""
    long = any(sum(map(str.isdigit, a.printed)) >= _LONG for a in answers if a.type == "number")
    return "".join(_box(box, long) for answer in answers for box in answer.boxes)


def _box(box: Box, long: bool = False) -> str:
    label = f"${box.label}$" if box.kind in _NUMBERS and box.label else box.label
    if box.kind in _NUMBERS and box.shape:
        return rf"\pmslots{{{label}}}{{{_slots(box.shape)}}}{{{box.note}}}"
    kind = box.room or box.kind
    width = _LONG_WIDE if long and kind == "number" else _WIDTHS.get(kind, _WIDTH)
    note = box.note
    if box.kind == "choice":
        options = note.split(" / ")
        longest = max(len(note) * _SMALL / 2, _SIGN * max(map(len, options)))
        width = min(max(width, longest), _WIDEST)
        note = "~/ ".join(option.replace(" ", "~") for option in options)
    return rf"\pmbox{{{label}}}{{{width:g}}}{{{_BOX_HIGH:g}}}{{{note}}}"


def handed_in(answers: Sequence[Answer]) -> str:
    """Answers as they are handed in, bold."""
    return r"\pmcomma ".join(_handed_in(answer) for answer in answers)


def _handed_in(answer: Answer) -> str:
    if answer.type not in _NUMBERS:
        label = answer.boxes[0].label if len(answer.boxes) == 1 else ""
        left = rf"\mbox{{{label}:}}~" if label else ""  # never parted from its answer
        return rf"{left}\pmtext{{{answer.printed}}}"
    cells = [answer.printed]
    if answer.printed.startswith(r"\pmx{") and not any(box.shape for box in answer.boxes):
        cells = answer.printed[5:-1].split(" & ")
    relations = ["=" if box.exact else r"\approx" for box in answer.boxes]
    return r"\pmcomma ".join(
        rf"\pmvalue{{{box.label and f'{box.label}{{}}{relation}{{}}'}}}{{{cell}}}"
        for box, relation, cell in zip(answer.boxes, relations, cells, strict=False)
    )


def _slots(shape: tuple[int, ...]) -> str:
    rows, columns = (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])
    slot = rf"\pmslot{{{_SLOT_WIDE:g}}}{{{_SLOT_HIGH:g}}}"
    row = "&".join([slot] * columns)
    return r"\cr\noalign{\kern1mm}".join([row] * rows)
