"""The audit's report: a table for a terminal, JSON, and one HTML page that needs nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2

from penwork import __version__
from penwork.prove.audit import Pressed, Row, Spread
from penwork.prove.limits import LIMITS, Breach, median_ms

MOST_LINES = 18
_HEADS = (
    "making,made,failed,tries,ms,p95,worst,seed,sample,solve,write,certify",
    "variety,distinct,common,told,place,slips,coincide,silent,effort,5-95 %,outliers,digits,"
    "decimals",
    "pages,sheet,key,overfull,margin,statement mm,solution mm",
)
Table = Sequence[Sequence[str]]


def table(rows: Table, gap: int = 2) -> list[str]:
    """Rows of cells as aligned lines; the first column stands left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        (" " * gap)
        .join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        .rstrip()
        for row in rows
    ]


def terminal(rows: Sequence[Row]) -> list[str]:
    """Three tables: making, variety and effort, pages."""
    making, variety, pages = ([tuple(head.split(","))] for head in _HEADS)
    for row in rows:
        name = f"{row.id} {row.level}"
        stages = [f"{ms:.2f}" for ms in row.stages.values()]
        making.append((name, str(row.made), str(len(row.failures)), f"{row.tries:.1f}",
                       f"{row.ms.median:.1f}", f"{row.ms.p95:.1f}", f"{row.ms.high:.1f}",
                       str(row.worst_seed), *stages))  # fmt: skip
        common = max((a.share for a in row.answers), default=0)
        told = max((a.told for a in row.answers), default=0)
        silent = max((slip.share for slip in row.silent), default=0)
        place = max((a.position for a in row.answers), default=0)
        variety.append((name, str(row.distinct), f"{common:.0%}", f"{told:.0%}",
                        f"{place:.0%}" if place else "-", f"{row.slips:.1f}",
                        f"{row.coinciding:.0%}", f"{silent:.0%}",
                        f"{row.effort.median:.0f}",
                        f"{row.effort.p5:.0f}-{row.effort.p95:.0f}", str(len(row.outliers)),
                        str(row.digits), str(row.decimals)))  # fmt: skip
        pages.append((name, *_pages(row.pressed)))
    return [*table(making), "", *table(variety), "", *table(pages)]


def _pages(pressed: Pressed | None) -> tuple[str, ...]:
    if pressed is None:
        return ("-",) * 6
    heights = (f"{low:.0f}-{high:.0f}" for low, high in (pressed.statement, pressed.solution))
    return (*map(str, pressed.pages), str(len(pressed.overfull)), str(len(pressed.beyond)),
            *heights)  # fmt: skip


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def summary(rows: Sequence[Row], found: Sequence[Breach]) -> list[str]:
    """What was wrong, within a screen; nothing wrong is one line."""
    failures = [(row, failure) for row in rows for failure in row.failures]
    open_, excused = _parted(found)
    alike: dict[str, list[str]] = {}
    for row, failure in failures:
        head = f"FAILED {row.name}: {failure.message} (rule: {failure.rule})"
        alike.setdefault(head, []).append(failure.replay)
    lines = [
        f"{head}{f', {len(replays)} seeds' * (len(replays) > 1)}\n       {replays[0]}"
        for head, replays in alike.items()
    ]
    lines += [f"OVER   {breach.where}: {breach.said} (rule: {breach.rule})" for breach in open_]
    room = MOST_LINES - 2
    kept: list[str] = []
    for line in lines:
        if sum(each.count("\n") + 1 for each in (*kept, line)) > room:
            kept.append(f"... and {len(lines) - len(kept)} more; --json FILE lists them all.")
            break
        kept.append(line)
    made, rejected = sum(r.made for r in rows), sum((Counter(r.rejected) for r in rows), Counter())
    why = "".join(f" ({reason}: {count})" for reason, count in rejected.most_common(1))
    total = (
        f"{_counted(made, 'instance')}, {_counted(rejected.total(), 'rejected draw')}{why},"
        f" {_counted(len(failures), 'failure')}, {_counted(len(open_), 'broken limit')},"
        f" {_counted(len(excused), 'exception')};"
        f" median {median_ms(rows):.1f} ms an instance."
    )
    return [*kept, total]


def exceptions(found: Sequence[Breach]) -> list[str]:
    """The limits that a template breaks with a reason in its metadata, by rule."""
    grouped: dict[tuple[str, str], list[Breach]] = {}
    for breach in _parted(found)[1]:
        grouped.setdefault((breach.where.split(",")[0], breach.rule), []).append(breach)
    return [
        f"EXCEPT {name}: {rule}: {each[0].reason} ({each[0].said};"
        f" level {', '.join(b.where[-1] for b in each)})"
        for (name, rule), each in grouped.items()
    ]


def _parted(found: Sequence[Breach]) -> tuple[list[Breach], list[Breach]]:
    return [b for b in found if not b.reason], [b for b in found if b.reason]


def as_json(rows: Sequence[Row], found: Sequence[Breach]) -> str:
    """Everything, for scripts."""
    content = {
        "penwork": __version__,
        "limits": {limit.rule: limit.most for limit in LIMITS},
        "rows": [_named(row) for row in rows],
        "breaches": [breach._asdict() for breach in found],
    }
    return json.dumps(content, indent=1) + "\n"


def _named(row: Row) -> dict[str, Any]:
    return asdict(row) | {
        "ms": row.ms._asdict(),
        "effort": row.effort._asdict(),
        "answers": [answer._asdict() for answer in row.answers],
        "silent": [slip._asdict() for slip in row.silent],
        "failures": [failure._asdict() for failure in row.failures],
    }


def as_html(rows: Sequence[Row], found: Sequence[Breach]) -> str:
    """One page with its style and pictures in it."""
    open_, excused = _parted(found)
    return page("audit").render(
        rows=rows, open=open_, excused=excused, limits=LIMITS, version=__version__,
        median=median_ms(rows), histogram=histogram)  # fmt: skip


def page(name: str) -> jinja2.Template:
    """A page template of this room."""
    return _environment().get_template(f"{name}.html.j2")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    folder = files("penwork.prove").joinpath("pages")
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def histogram(spread: Spread, unit: str = "") -> str:
    """A small picture of a spread; the median is marked."""
    if not spread.bins:
        return ""
    wide, high = 120, 26
    step, tallest = wide / len(spread.bins), max(spread.bins)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{high - high * count / tallest:.1f}"'
        f' width="{step - 1:.1f}" height="{high * count / tallest:.1f}"/>'
        for i, count in enumerate(spread.bins)
    )
    at = wide * (spread.median - spread.low) / ((spread.high - spread.low) or 1)
    return (
        f'<svg viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img">'
        f"<title>{spread.low:.1f} to {spread.high:.1f}{unit}, median {spread.median:.1f}</title>"
        f'{bars}<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{high}"/></svg>'
    )
