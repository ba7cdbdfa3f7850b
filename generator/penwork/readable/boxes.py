r"""Penwork's LaTeX as text for a terminal: formulas become boxes of characters, set side by side.

Knows the vocabulary that statements and solutions are written in; what it does not know it
prints by name, and nothing raises.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from penwork.readable.box import Box, beside, columns
from penwork.readable.symbols import ACCENTS, FONTS, FUNCTIONS, SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\n\s*\n|\s+|---|--|``|''|.", re.DOTALL)
_RELATIONS = {"=", "<", ">", "≈", "≤", "≥", "≠", "→", "←", "≡", "∈"}
_TEXT_SIGNS = {"---": "—", "--": "–", "``": "“", "''": "”", "~": "\N{NO-BREAK SPACE}"}
_SPOKEN = {r"\word": 1, r"\said": 2, r"\givens": 0}  # arguments before the text
_TERMINAL = 80
_TABLES = {"nexttable", "tabular"}
_RULES = (r"\tablerule", r"\hline")
_TALL = {
    "(": "⎛⎜⎝",
    ")": "⎞⎟⎠",
    "[": "⎡⎢⎣",
    "]": "⎤⎥⎦",
    "⌊": "⎢⎢⎣",
    "⌋": "⎥⎥⎦",
    "|": "|||",
    "‖": "‖‖‖",
    "{": "⎧⎨⎩",
    "}": "⎫⎬⎭",
}


def formula(tex: str) -> Box:
    """A formula as a box."""
    return _Reader(tex).math()


def prose(tex: str, width: int) -> list[str]:
    """Text with formulas, wrapped; a formula of several rows keeps them."""
    out: list[str] = []
    for paragraph in _Reader(tex).paragraphs():
        if out:
            out.append("")
        out += flow(paragraph, width)
    return out


def words(tex: str) -> list[Box]:
    """The words and formulas of a text, without its paragraphs."""
    return [box for paragraph in _Reader(tex).paragraphs() for box in paragraph]


def cells(tex: str) -> list[str]:
    """The entries of a matrix, row by row."""
    inner = tex.removeprefix(r"\pmx{").removesuffix("}")
    return [cell for row in _split(inner, r"\\") for cell in _split(row, "&")]


def flow(boxes: Sequence[Box], width: int, hang: int = 0) -> list[str]:
    """Words and formulas on lines of that width; each line as high as its highest box."""
    out: list[str] = []
    line: list[Box] = []
    used = 0
    for box in _cut(boxes, width - hang):
        gap = 1 if line else 0
        if line and used + gap + box.width > width:
            out += _rows(beside(line))
            line, used, gap = [Box((" " * hang,))] if hang else [], hang, 0
        line += [Box((" ",))] * gap + [box]
        used += gap + box.width
    return out + (_rows(beside(line)) if line else [])


def _cut(boxes: Sequence[Box], width: int) -> Iterable[Box]:
    for box in boxes:
        if box.width > width and len(box.rows) == 1:
            yield from (Box((part,)) for part in textwrap.wrap(box.rows[0], max(width, 20)))
        else:
            yield box


def _rows(box: Box) -> list[str]:
    return [row.rstrip() for row in box.rows]


class _Reader:
    """Reads LaTeX token by token."""

    def __init__(self, tex: str) -> None:
        self._tokens = _TOKEN.findall(tex)
        self._at = 0

    def paragraphs(self) -> list[list[Box]]:
        """Text mode: words and formulas by paragraph."""
        found: list[list[Box]] = [[]]
        word: list[Box] = []

        def end_word() -> None:
            if word:
                found[-1].append(beside(word))
                word.clear()

        while (token := self._next()) is not None:
            if token.isspace() or token in (r"\\", r"\par"):
                end_word()
                if token in (r"\\", r"\par") or token.count("\n") > 1:
                    found.append([])
            elif token in (r"\begin", r"\end"):
                end_word()
                if self.argument() in _TABLES and token == r"\begin":
                    self.argument()
                    found.append([_table(self._until(r"\end"))])
                    self.argument()
                found.append([])
            elif token == r"\item":
                end_word()
                found += [[Box(("•",))]]
            elif token in FONTS or token in _SPOKEN or token == "{":
                if token == r"\givens":
                    end_word()
                    found.append([])
                text = self._spoken(token)
                if text[:1].isspace():
                    end_word()
                for number, piece in enumerate(words(text)):
                    if number:
                        end_word()
                    word.append(piece)
                if text[-1:].isspace():
                    end_word()
                if token == r"\givens":
                    end_word()
                    found.append([])
            else:
                word.append(self._in_text(token))
        end_word()
        return [paragraph for paragraph in found if paragraph]

    def _spoken(self, token: str) -> str:
        """Text in braces, or in an argument of a macro."""
        for _ in range(_SPOKEN.get(token, 0)):
            self.argument()
        if token == "{":
            self._at -= 1
        return self.argument()

    def _in_text(self, token: str) -> Box:
        if token == "$":
            return _Reader(self._until("$")).math()
        if token in (r"\(", r"\["):
            return _Reader(self._until(r"\)" if token == r"\(" else r"\]")).math()
        if token == r"\ensuremath":
            return _Reader(self.argument()).math()
        if token in _TEXT_SIGNS:
            return Box((_TEXT_SIGNS[token],))
        return self._command(token) if token[0] == "\\" else Box((token,))

    def math(self) -> Box:
        """Math mode to the end: one box."""
        boxes: list[Box] = []
        fraction = False
        while (token := self._next()) is not None:
            if token.isspace():
                continue
            if token in "^_" and token:
                boxes.append(_script(token, _Reader(self.argument()).math(), boxes))
                continue
            box = _spaced(self._atom(token), boxes, signed=token == r"\term")
            before = boxes[-1].text if boxes else ""
            if token in FUNCTIONS and (before[-1:].isalnum() or before[-1:] == ")"):
                boxes.append(Box((" ",)))
            if before[:1] in ("^", "_") and box.text[:1].isalnum():
                boxes.append(Box((" ",)))  # else it would be read as part of the index
            if fraction and (box.text[:1].isalnum() or box.text[:1] in ("√", "(")):
                boxes[-1] = _in_brackets(boxes[-1])
            fraction = token in _FRACTIONS and len(box.rows) == 1
            if before == " + " and len(box.rows) == 1 and box.text.startswith("−"):
                boxes[-1], box = Box((" − ",)), Box((box.text[1:],))
            elif fraction and before.strip() in ("−", "·") and box.text.startswith("−"):
                box = _in_brackets(box)
            boxes.append(box)
        return beside(boxes)

    def _atom(self, token: str) -> Box:
        if token == "{":
            self._at -= 1
            return _Reader(self.argument()).math()
        if token[0] == "\\":
            return self._command(token)
        return Box(({"-": "−", "~": " ", "'": "′", "''": "″", "*": "∗"}.get(token, token),))

    def _command(self, token: str) -> Box:
        if token in _MACROS:
            count, make = _MACROS[token]
            return make(*(self.argument() for _ in range(count)))
        if token == r"\left":
            return self._fenced()
        if token in FONTS:
            content = self.argument()
            return _Reader(content).math() if token.startswith(r"\math") else _text(content)
        if token in ACCENTS:
            inner = _Reader(self.argument()).math()
            return Box((inner.text + ACCENTS[token],))
        if token in FUNCTIONS:
            follows = next((t for t in self._tokens[self._at :] if not t.isspace()), "")
            gap = "" if follows in ("(", "^", "_", "'", r"\left", "", "}", r"\bigl") else " "
            return Box((FUNCTIONS[token] + gap,))
        return Box((SYMBOLS.get(token, token.lstrip("\\")),))

    def _fenced(self) -> Box:
        opening = self._delimiter()
        start, depth = self._at, 1
        while depth and (token := self._next()) is not None:
            depth += (token == r"\left") - (token == r"\right")
        inner = "".join(self._tokens[start : self._at - 1 if not depth else self._at])
        return _bracketed(_Reader(inner).math(), opening, self._delimiter())

    def _delimiter(self) -> str:
        token = self._next() or ""
        return "" if token == "." else SYMBOLS.get(token, token.lstrip("\\"))

    def argument(self) -> str:
        """The next group without its braces, or the next token."""
        token = self._next()
        while token is not None and token.isspace():
            token = self._next()
        if token != "{":
            return token or ""
        start, depth = self._at, 1
        while depth and (token := self._next()) is not None:
            depth += (token == "{") - (token == "}")
        return "".join(self._tokens[start : self._at - 1 if not depth else self._at])

    def _until(self, end: str) -> str:
        start = self._at
        while (token := self._next()) is not None and token != end:
            pass
        return "".join(self._tokens[start : self._at - 1 if token else self._at])

    def _next(self) -> str | None:
        if self._at >= len(self._tokens):
            return None
        self._at += 1
        return str(self._tokens[self._at - 1])


def _text(tex: str) -> Box:
    spaced = [piece for box in words(tex) for piece in (Box((" ",)), box)]
    edges = [Box((" ",)) if tex[i : i + 1 or None].isspace() else Box(("",)) for i in (0, -1)]
    return beside([edges[0], *spaced[1:], edges[1]])


def _spaced(box: Box, before: Sequence[Box], signed: bool = False) -> Box:
    """Room around relations, and around + and − between two terms; a term may bring its sign."""
    sign = box.rows[0] if len(box.rows) == 1 else ""
    last = before[-1].text.rstrip()[-1:] if before else ""
    if sign in _RELATIONS and before:
        return Box((f" {sign} ",))
    first, rest = (sign[:1], sign[1:]) if signed else (sign, "")
    if first in ("+", "−", "±") and last and last not in "(+−·,[|/" and last not in _RELATIONS:
        return Box((f" {first} {rest}",))
    return Box((", ",)) if sign == "," else box


def _script(mark: str, box: Box, before: list[Box]) -> Box:
    table, text = (SUPERSCRIPTS, SUBSCRIPTS)[mark == "_"], box.text.strip().replace(" ", "")
    if len(box.rows) == 1 and all(character in table for character in text):
        small = Box(("".join(table[character] for character in text),))
    else:
        bare = text.isalnum() or len(text) == 1
        small = Box((f"{mark}{text}" if bare else f"{mark}({box.text.strip()})",))
    if before and len(before[-1].rows) > 1 and mark == "^":
        return Box((small.rows[0], *[""] * before[-1].base), before[-1].base)
    return small


def _bracketed(inner: Box, opening: str, closing: str) -> Box:
    if len(inner.rows) == 1:
        return Box((f"{opening}{inner.rows[0].strip()}{closing}",))
    return beside((_tall(opening, inner), inner, _tall(closing, inner)))


def _tall(sign: str, inner: Box) -> Box:
    if not sign:
        return Box(("",))
    glyphs = _TALL.get(sign, sign[0] * 3)
    middle = [glyphs[1]] * (len(inner.rows) - 2)
    return Box((glyphs[0], *middle, glyphs[2]), inner.base)


def _matrix(tex: str) -> Box:
    rows = [[formula(cell).text for cell in _split(row, "&")] for row in _split(tex, r"\\")]
    count = max(map(len, rows))
    full = [row + [""] * (count - len(row)) for row in rows]
    widths = [max(columns(row[j]) for row in full) for j in range(count)]
    lines = tuple(
        "  ".join(" " * (w - columns(cell)) + cell for cell, w in zip(row, widths, strict=True))
        for row in full
    )
    return _bracketed(Box(lines, (len(lines) - 1) // 2), "(", ")")


def _table(tex: str) -> Box:
    """Rows of text in columns; a rule stands where the table has one."""
    rows: list[list[str]] = []
    rules: set[int] = set()
    for row in _split(tex, r"\\"):
        if any(rule in row for rule in _RULES):
            rules.add(len(rows))
        for rule in _RULES:
            row = row.replace(rule, "")
        if row.strip():
            rows.append([_text(cell).text.strip() for cell in _split(row, "&")])
    widths = [max(map(columns, column)) for column in zip_longest(*rows, fillvalue="")]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= _TERMINAL else 1
    lines = [
        (" " * gap).join(c + " " * (w - columns(c)) for c, w in zip(r, widths, strict=False))
        for r in rows
    ]
    for at in sorted(rules, reverse=True):
        lines.insert(at, "─" * (sum(widths) + gap * (len(widths) - 1)))
    return Box(tuple(lines))


def _split(tex: str, separator: str) -> list[str]:
    found, depth = [""], 0
    for token in _TOKEN.findall(tex):
        depth += (token == "{") - (token == "}")
        if token == separator and not depth:
            found.append("")
        else:
            found[-1] += token
    return found


_INDEXED = r"(?:[_^](?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-z]+|\w)|')*"
_LETTER = r"\\(?:mathbf|boldsymbol|mathrm)\s*\{?\\?\w+\}?|\\(?:hat|bar)\s*\w|\\[a-z]+|[A-Za-z]"
_WHOLE = r"P?(?:\\left)?\([^()]*\)|\\left\\\|[^|]*\\right\\\|"
_SINGLE = re.compile(
    rf"(?:[\d.\\,]+|(?:\\partial\s*)?(?:{_LETTER})|{_WHOLE}){_INDEXED}"
    r"|\\sqrt(?:\{[^{}]*\}|\s*\w)"
)


def _in_brackets(box: Box) -> Box:
    return Box((f"({box.text.strip()})",)) if len(box.rows) == 1 else box


def _grouped(tex: str) -> Box:
    box = formula(tex)
    if _SINGLE.fullmatch(tex.strip()) or not re.search(r"[ +−·/]", box.text.strip("−")):
        return box
    return _in_brackets(box)


def _one(tex: str) -> Box:
    """In brackets unless it is one number, letter, root or bracket, with its indices."""
    box = formula(tex)
    return box if _SINGLE.fullmatch(tex.strip()) else _in_brackets(box)


def _fraction(over: str, under: str) -> Box:
    return beside((_grouped(over), Box(("/",)), _one(under)))


def _root(inner: str) -> Box:
    return beside((Box(("√",)), _one(inner)))


def _equation(_: str, tex: str, number: str) -> Box:
    return beside((formula(tex), Box((" = ",)), formula(number)))


_FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac"}
_MACROS: dict[str, tuple[int, Callable[..., Box]]] = {
    r"\pmx": (1, _matrix),
    **dict.fromkeys(_FRACTIONS, (2, _fraction)),
    r"\sqrt": (1, _root),
    r"\given": (3, _equation),
    r"\term": (2, lambda _, number: formula(number)),
    r"\val": (2, lambda _, number: formula(number)),
    r"\word": (2, lambda _, text: _text(text)),
    r"\said": (3, lambda _, __, text: _text(text)),
    r"\ensuremath": (1, formula),
    r"\z": (1, lambda text: Box((" " * columns(formula(text).text),))),
    r"\right": (0, lambda: Box(("",))),
}
