"""Watches instances being made: time by stage and rejected draws, from outside the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import get_clock_info, perf_counter, process_time
from types import TracebackType
from typing import Any, Literal

from penwork import instance
from penwork.errors import Reject

Stage = Literal["sample", "solve", "write", "certify"]
# Processor time, so that other programs don't count, where its clock is fine enough.
_clock = process_time if get_clock_info("process_time").resolution < 1e-5 else perf_counter
STAGES: tuple[Stage, ...] = ("sample", "solve", "write", "certify")
# What stands in none of these functions is certifying.
_OF: dict[str, Stage] = {
    "_sample": "sample",
    "solve": "solve",
    "make_slips": "solve",
    "as_on_paper": "solve",
    "make_answers": "write",
    "_statement": "write",
    "steps_of": "write",
    "insight_of": "write",
    "_figures": "write",
}


class Watch:
    """While it is open, every instance that is made in this process is timed by stage."""

    def __init__(self) -> None:
        self.spent: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
        self.rejected: Counter[str] = Counter()
        self._stage: Stage = "certify"
        self._since = 0.0
        self._plain: dict[str, Any] = {}

    def __enter__(self) -> Watch:
        self._plain = {name: getattr(instance, name) for name in (*_OF, "_draw")}
        for name, stage in _OF.items():
            setattr(instance, name, self._timed(stage, self._plain[name]))
        setattr(instance, "_draw", self._counted(self._plain["_draw"]))  # noqa: B010
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, function in self._plain.items():
            setattr(instance, name, function)

    def start(self) -> None:
        """Begin an instance: nothing is spent on it yet."""
        self.spent = dict.fromkeys(STAGES, 0.0)
        self._stage, self._since = "certify", _clock()

    def stop(self) -> tuple[float, ...]:
        """Milliseconds of each stage since `start`."""
        self._enter("certify")
        return tuple(1000 * self.spent[stage] for stage in STAGES)

    def _enter(self, stage: Stage) -> Stage:
        now = _clock()
        self.spent[self._stage] += now - self._since
        before, self._stage, self._since = self._stage, stage, now
        return before

    def _timed(self, stage: Stage, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            before = self._enter(stage)
            try:
                return function(*arguments, **options)
            finally:
                self._enter(before)

        return timed

    def _counted(self, draw: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            try:
                return draw(*arguments)
            except Reject as rejected:
                self.rejected[rejected.reason] += 1
                raise

        return counted
