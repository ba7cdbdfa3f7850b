"""A run of solve: what the author calls `work`. The same solve serves every run.

The exact run records the steps, with their formulas and those of every wrong turn; rework.py puts
other numbers in. A slip run takes one wrong turn wherever it is named and decides afresh.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from penwork.errors import Fault, Reject
from penwork.maths.cancelling import settled
from penwork.maths.decisions import COMPARE, Relation, compared, decide, telling_places, turn_of
from penwork.maths.fields import EXACT, Field, elementwise, entries
from penwork.maths.records import Claim, Insight, Option, Record, Rule, Slip, Test, is_true
from penwork.maths.turns import Turns
from penwork.maths.unworkable import refuse_tie, trouble, unworkable
from penwork.maths.value import Name, ShapeError, TraceError, Value, sources_in, values_in
from penwork.numbers import WORKING_PLACES, Style, test_point, too_long


class Answered(Exception):
    """Every wanted answer of this run is in; the rest of solve is not needed."""


@dataclass(slots=True)
class Work:
    """One run of solve; `own` numbers obey no rule of paper, symbols may stand further `away`."""

    field: Field = EXACT
    slip: str | None = None
    tape: Mapping[str, tuple[int, ...]] | None = None
    strict: bool = True
    own: bool = False
    away: int = 1
    wanted: frozenset[str] = frozenset()
    known: Mapping[tuple[str, tuple[Any, ...]], Any] = dataclasses.field(default_factory=dict)
    records: list[Record] = dataclasses.field(default_factory=list)
    claims: list[Claim] = dataclasses.field(default_factory=list)
    insights: list[Insight] = dataclasses.field(default_factory=list)
    turns: Turns = dataclasses.field(default_factory=Turns)
    decisions: dict[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)
    notices: list[str] = dataclasses.field(default_factory=list)
    symbols: dict[str, Value] = dataclasses.field(default_factory=dict)
    _names: set[str] = dataclasses.field(default_factory=set)
    _claimed: set[str] = dataclasses.field(default_factory=set)

    # ── what an author calls ──

    def symbol(self, name: str, tex: str) -> Value:
        """A free symbol: a letter that keeps standing where numbers are put in.

        For the certificate it is a number, always the same of one name (Schwartz 1980).
        """
        source = f"symbol {name}"
        self._fresh(source)
        called = Name(tex, source)
        self.symbols[name] = Value(self.field, "symbol", (), (), self._test_point(name), called)
        return self.symbols[name]

    def let(
        self,
        name: str,
        value: Value,
        tex: str,
        *,
        why: str = "",
        slips: Sequence[Slip] = (),
        entry: str = "",
        first: int = 1,
        places: int = WORKING_PLACES,
        style: Style | None = None,
        derives: tuple[Value, Value] | None = None,
    ) -> Value:
        """One named result, one printed line; later lines show the name.

        `places` is how many decimals the working shows. `derives=(loss, w)` claims that this is
        the derivative of loss by w, which SymPy then proves.
        """
        self._fresh(name)
        expression = self._expression(name, value, slips)
        usual: Style = "rounded" if expression.shape else "decimal"
        called = Name(tex, name, entry, first, places=places, style=style or usual)
        data = self.settle(called, expression)
        if self.own and not expression.shape and not self.symbols:
            called = called._replace(places=telling_places(data, places))
        free = bool(self.symbols) and expression.free
        if free and expression.shape:
            raise TraceError(f"step {name}: free symbols stand in scalars; name entry by entry")
        result = Value(
            self.field,
            "defined" if free else "name",
            (expression,) if free else (),
            expression.shape,
            data=data,
            name=called,
            row=expression.row,
        )
        if self.recording:
            self.records.append(
                Record(name, "let", why, result, expression, derives, self._rests(expression))
            )
        return result

    def choose(
        self,
        name: str,
        options: Sequence[Option],
        *,
        keep: int = 1,
        reach: Any = None,
        lowest: bool = False,
        tie: Literal["reject", "listed"] = "reject",
        why: str = "",
        decision: str = "",
        tied: str = "",
        shown: int = 0,
        places: int = WORKING_PLACES,
        style: Style = "decimal",
        slips: Sequence[Slip] = (),
    ) -> list[Option]:
        """The `keep` best options in order (highest score first), each with its score named.

        With `reach`, the fewest best ones whose scores add up to at least that.
        A tie among what is kept or at the cut rejects the draw; tie="listed" keeps the first
        listed instead, the statement must say so, and the key says `tied` where it happened.
        Where there are many options, the key prints the `shown` best and says how many follow.
        """
        self._fresh(name)
        if not options or keep < 1:
            raise Fault("decision", "a decision without options, or that keeps none", name)
        rule, items = Rule(keep, reach, lowest, tie), [option.item for option in options]
        wrong = self._taken(slips, lambda slip: slip.instead)
        formulas = wrong if isinstance(wrong, list) else [option.score for option in options]
        self._need_numbers(name, *formulas)
        scores = []
        for i, (option, formula) in enumerate(zip(options, formulas, strict=True)):
            called = Name(option.label, name, at=(i,), places=places, style=style)
            scores.append(Value(self.field, "name", (), (), self.settle(called, formula), called))
        if self.recording:
            self.turns.note(name, slips, lambda slip: turn_of(slip.instead, scores, items))
        if self.tape is not None and name in self.tape:
            kept = self.tape[name]
        else:
            kept, faults = decide(scores, rule, turn_of(wrong, scores, items))
            if self.own and tie == "reject":
                refuse_tie(self.records, name, options, scores, len(kept), lowest)
            for fault in faults:
                self._reject(f"{name}: {fault}")
        self.decisions[name] = kept
        chosen = [Option(options[i].label, scores[i], options[i].item) for i in kept]
        self.records.append(
            Record(
                name,
                "choose",
                why,
                [o.score.data if o.item is None else o.item for o in chosen],
                options=tuple(zip(scores, formulas, strict=True)),
                rule=rule,
                kept=kept,
                decision=decision,
                tied=tied,
                shown=shown,
                rests=self._rests(*formulas),
            )
        )
        return chosen

    def largest(self, name: str, vector: Value, *, why: str = "", lowest: bool = False) -> Option:
        """The largest (or lowest) entry of a named vector and, as its item, where it stands."""
        entries = [
            Option(entry.name.tex if entry.name else "", entry, i) for i, entry in enumerate(vector)
        ]
        return self.choose(name, entries, why=why, lowest=lowest)[0]

    def compare(
        self,
        name: str,
        left: Value,
        relation: Relation,
        right: Any,
        *,
        yes: str = "yes",
        no: str = "no",
        label: str = "",
        why: str = "",
        slips: Sequence[Slip] = (),
    ) -> str:
        """Whether left stands in the relation to right: a decision with two outcomes.

        With the `label` of a box, the outcome is also the answer of that name.
        """
        self._fresh(name)
        sides = (left, relation, right)
        one, sign, other = self._turn(name, slips, lambda slip: slip.expression, sides)
        other = left.constant(other)
        if sign not in COMPARE:
            raise TraceError(f"step {name}: {sign!r} is none of {' '.join(COMPARE)}")
        self._need_numbers(name, one, other)
        if one.name is None:
            one = one.with_data(self.field.tidy(self._number(name, one)))
        own = self.own and not one.name
        places = telling_places(one.data) if own else WORKING_PLACES
        if self.tape is not None and name in self.tape:
            holds = bool(self.tape[name][0])
        else:
            holds, near, odd = compared(one, sign, other, places)
            if near:
                self._reject(f"{name}: too close to call")
            if odd:
                self._unprintable(name, "a comparison too close for paper", one, other)
        outcome, kept = yes if holds else no, (int(holds),)
        self.decisions[name] = kept
        sides, rests = (one, sign, other), self._rests(one, other)
        record = Record(
            name, "compare", why, outcome, comparison=sides, kept=kept, rests=rests, places=places
        )
        self.records.append(record)
        if label:
            self.answer(name, outcome, label=label, options=(yes, no))
        return outcome

    def state(
        self, name: str, lhs: Any, held: Any, *, why: str = "", slips: Sequence[Slip] = ()
    ) -> Any:
        """What an algorithm has before it now, no formula: LaTeX text, or rows of symbols.

        Rows of symbols (a corpus) are lists of words, and `lhs` the LaTeX label of each. Returns
        what is held, or what a slip, a function that makes it, puts in its place.
        """
        self._fresh(name)
        if self.recording:
            self.turns.note(name, slips, None)
        held = self._taken(slips, lambda slip: slip.instead(), held)
        if isinstance(held, str):
            self.records.append(Record(name, "state", why, held, text=(lhs, held)))
        else:
            rows = [list(row) for row in held]
            self.records.append(Record(name, "state", why, rows, labels=tuple(lhs)))
        return held

    def softmax(
        self,
        name: str,
        scores: Value,
        tex: str,
        *,
        letter: str = "e",
        why: str = "",
        slips: Sequence[Slip] = (),
    ) -> Value:
        """Softmax by hand: exponentials (with the letter "e_1": E_1), sums by row, quotients."""
        from penwork.maths.functions import by_rows, exp, row_sums, total

        bold = rf"\mathbf {letter.upper()}" if len(scores.shape) == 2 else rf"\mathbf {letter}"
        summed = f"s{letter[1:]}"
        powers = self.let(f"{name}_exponentials", exp(scores), bold, why="exponentials")
        if len(scores.shape) == 1:
            whole = self.let(f"{name}_sum", total(powers), summed, why="their sum")
            return self.let(name, powers / whole, tex, why=why, slips=slips)
        sums = self.let(
            f"{name}_sums", row_sums(powers), rf"\mathbf {summed}", why="the sum of each row"
        )
        return self.let(name, by_rows(powers, sums), tex, why=why, slips=slips)

    def answer(
        self,
        name: str,
        value: Any,
        tex: str = "",
        *,
        places: int | None = None,
        label: str = "",
        options: Sequence[str] = (),
        why: str = "",
        joint: str = r"\,",
        room: str = "",
        **step: Any,
    ) -> Any:
        """What the student hands in: a value, a list of values, a word, words, or lists of words.

        With `tex` it is a step of that name too, a formula as `let` takes it (`why`, `slips`,
        `entry`, `first`, `style`, `derives`). Returns the value, then the named one. `places`
        decimals where it is not exact (2 unless said); `label` of the box; `options` to choose
        from; `why` where the part has no step; `joint` between words (\\sep: the symbols of one
        word); `room`: the type whose box is drawn ("number" where "infinite" would tell).
        """
        if name in self._claimed:
            raise Fault("names", f"the answer {name!r} is given twice", name)
        if tex:
            value, why = self.let(name, value, tex, why=why, **step), ""
        elif step:
            raise TraceError(f"answer {name}: {', '.join(step)} describe a step: write its LaTeX")
        self._claimed.add(name)
        after, rests = len(self.records), self._rests(*values_in(value))
        self.claims.append(
            Claim(name, value, places, label, tuple(options), after, why, joint, room, rests)
        )
        if self.wanted and self.wanted <= self._claimed:
            raise Answered
        return value

    def insight(self, text: str, *, holds: Test | None = None, **values: Any) -> None:
        """One sentence that these numbers show; the first whose `holds` is true is printed."""
        self.insights.append(Insight(text, holds, values))

    def require(self, test: Test, reason: str) -> None:
        """Draw again where the test of the exact numbers fails."""
        if self.field is EXACT and self.recording and not is_true(test, f"require {reason!r}"):
            self._reject(reason)

    def refuse(self, when: object, reason: str) -> None:
        """Tell whoever brought such numbers why they cannot be worked."""
        if when:
            raise ArithmeticError(reason)

    # ── the run's own ──

    def settle(self, name: Name, expression: Value) -> Any:
        """The number that a named result carries on, tidied."""
        if (name.source, name.at) in self.known:
            return self.known[name.source, name.at]
        if self.field is not EXACT:
            return elementwise(self.field.tidy, expression.data)
        number = self._number(name.source, expression)
        data = settled(expression, number, lambda value: value.data, tiny=self.own)
        if data is None:
            self._unprintable(name.source, "a number too small for paper, or 0/0", expression)
        if self.own and any(map(too_long, entries(data))):
            self._unprintable(name.source, "a number with thousands of digits", expression)
        return data

    def _number(self, step: str, expression: Value) -> Any:
        try:
            return expression.data
        except ArithmeticError as error:
            if self.own:
                self._unprintable(step, trouble(error), expression)
            raise

    def _test_point(self, name: str) -> Any:
        return self.field.number(self.away * test_point(name))

    @property
    def recording(self) -> bool:
        """A slip run is asked for answers only."""
        return self.slip is None

    def _rests(self, *formulas: Value) -> frozenset[str]:
        return frozenset(sources_in(*formulas) if self.recording else ())

    def _fresh(self, name: str) -> None:
        if name in self._names:
            raise Fault("names", f"two steps are called {name!r}", name)
        self._names.add(name)

    def _need_numbers(self, name: str, *values: Value) -> None:
        if self.symbols and any(value.free for value in values):
            raise TraceError(f"step {name}: a decision needs numbers, not a free symbol")

    def _taken(self, slips: Sequence[Slip], made: Callable[[Slip], Any], right: Any = None) -> Any:
        """What is made of the slip that this run takes; what is right where it takes none."""
        return next((made(slip) for slip in slips if slip.name == self.slip), right)

    def _turn(
        self, step: str, slips: Sequence[Slip], made: Callable[[Slip], Any], right: Any
    ) -> Any:
        """What stands at a step of this run; the exact run notes what slips make of it."""
        if self.recording:
            self.turns.note(step, slips, made)
        return self._taken(slips, made, right)

    def _expression(self, name: str, value: Value, slips: Sequence[Slip]) -> Value:
        if not isinstance(value, Value):
            raise TraceError(f"step {name}: {value!r} is no traced value; build it from the givens")

        def made(slip: Slip) -> Value:
            turn: Value = slip.expression
            if turn.shape != value.shape:
                raise ShapeError(f"the slip {slip.name!r} changes the shape")
            return turn

        turn: Value = self._turn(name, slips, made, value)
        return turn

    def _reject(self, reason: str) -> None:
        if self.strict or self.slip:
            raise Reject(reason)
        self.notices.append(reason)

    def _unprintable(self, step: str, what: str, *formulas: Value) -> NoReturn:
        """What no key could show: another draw, or a word to whoever brought the numbers."""
        if self.own:
            raise unworkable(self.records, step, what, *formulas)
        reason = f"{step}: {what}"
        raise Reject(reason) if self.strict or self.slip else ArithmeticError(reason)
