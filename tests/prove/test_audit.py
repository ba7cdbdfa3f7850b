"""The audit counts what there is, and exits with 1 where a template breaks a rule or a limit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from penwork import instance
from penwork.catalogue import VARIABLE, load
from penwork.prove import limits
from penwork.prove.audit import Chunk, Row, chunks, repeats, spread, summarise, work
from penwork.prove.observe import observe
from penwork.prove.report import histogram, summary
from penwork.prove.watch import STAGES, Watch
from prove.toy import STATEMENT, put
from ran import TOYS, Run


def rows(folder: Path, seeds: int = 30, level: int | None = 2) -> list[Row]:
    catalogue = load([folder])
    jobs = chunks(catalogue.select(), seeds, level)
    return summarise(catalogue, [work(catalogue, job._replace(typeset=False)) for job in jobs])


def broken(folder: Path, exceptions: dict[str, str] | None = None) -> set[str]:
    found = limits.breaches(rows(folder), {"odd/line": exceptions or {}}, whole=False)
    return {breach.rule for breach in found if not breach.reason}


def test_a_good_template_passes(tmp_path: Path) -> None:
    put(tmp_path)
    (row,) = rows(tmp_path)
    assert (row.made, row.failures) == (30, ())
    assert row.stages.keys() == set(STAGES)
    assert 0 < sum(row.stages.values()) < row.ms.high * 4
    assert broken(tmp_path) == set()


def test_rejected_draws_are_counted_by_reason(tmp_path: Path) -> None:
    put(tmp_path, "effort={1: (0, 100), 2: (0, 100)", "effort={1: (0, 100), 2: (5, 100)")
    (row,) = rows(tmp_path)
    assert row.rejected.keys() == {"too easy"} and row.made == 30
    assert row.tries == 1 + sum(row.rejected.values()) / 30


def test_the_watch_leaves_the_engine_as_it_was(tmp_path: Path) -> None:
    before = {name: getattr(instance, name) for name in ("solve", "_draw", "_sample")}
    with Watch():
        assert instance.solve is not before["solve"]
    assert before == {name: getattr(instance, name) for name in before}


W, X = '"w": draw.integer(2, 9)', '"x": draw.integer(11, 99)'
B = '"b": draw.integer(1, 9) + 10 * level'
BREACHES = {
    "common": (f"{W},\n        {X},\n        {B}", '"w": 2, "x": 31, "b": draw.integer(1, 2)'),
    "repeats": (f"{W},\n        {X}", '"w": 2, "x": 31'),
    "digits": (X, '"x": draw.integer(10**9, 2 * 10**9)'),
}


@pytest.mark.parametrize("rule", BREACHES)
def test_a_broken_limit_is_found_and_can_be_excused(tmp_path: Path, rule: str) -> None:
    put(tmp_path, *BREACHES[rule])
    assert rule in broken(tmp_path)
    assert rule not in broken(tmp_path, {rule: "it is a toy", "repeats": "it is a toy"})


def test_repeats_do_not_grow_with_the_seeds() -> None:
    givens = [str(seed % 600) for seed in range(5000)]
    assert repeats(givens) == repeats(givens[:1000]) == pytest.approx(0.4)
    assert repeats([]) == repeats(["one"]) == 0


def test_a_broken_limit_names_the_answer_and_its_value(tmp_path: Path) -> None:
    put(tmp_path, *BREACHES["common"])
    found = {b.rule: b.said for b in limits.breaches(rows(tmp_path), {}, whole=False)}
    assert re.match(r"the commonest value of a number \(y = \d+\): \d+%", found["common"])


def test_a_share_may_exceed_its_limit_by_chance_in_a_few_seeds(tmp_path: Path) -> None:
    put(tmp_path)
    (row,) = rows(tmp_path)
    seven_in_twenty = limits.Limit("", 0.25, "", "", lambda row: 0.35, drawn=True)
    assert seven_in_twenty.holds(replace(row, made=20))
    assert not seven_in_twenty.holds(replace(row, made=1000))
    assert not seven_in_twenty._replace(drawn=False).holds(replace(row, made=20))


WRONG_SIGN = "product - given.b),"
SLIPS = {
    "never": "given.b + product",
    "not at level 1": "product + given.b * given.n",
    "nowhere": "given.b / (product - product)",
}


@pytest.mark.parametrize("instead", SLIPS)
def test_a_slip_that_never_shows_is_a_broken_limit(tmp_path: Path, instead: str) -> None:
    more = f'{WRONG_SIGN}\n            slip("mute", "it was thought to differ", {SLIPS[instead]}),'
    put(tmp_path, WRONG_SIGN, more)
    file = tmp_path / "odd" / "line.py"
    file.write_text(file.read_text(encoding="utf-8").replace('"n": 2', '"n": level'), "utf-8")
    every = rows(tmp_path, level=None)
    mute = [(each.name, each.declared, each.share) for row in every for each in row.silent]
    found = [(b.where, b.said) for b in limits.breaches(every, {}, False) if b.rule == "silent"]
    why = ": a division by 0" if instead == "nowhere" else ""
    never = instead != "not at level 1"
    assert mute == [("mute", 30, 1.0)] * (3 if never else 1)
    assert [where for where, _ in found] == [f"odd/line, level {n}" for n in (1, 2, 3)] * never
    assert all(said.startswith(f"a slip that never shows (mute{why})") for _, said in found)
    assert not [b for b in limits.breaches(rows(tmp_path), {}, False) if b.rule == "silent"]


def test_an_exception_from_no_rule_is_a_breach(tmp_path: Path) -> None:
    put(tmp_path)
    assert broken(tmp_path, {"speed": "it is slow"}) == {"speed"}


def test_the_exit_code_and_the_files(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put(Path("mine"), *BREACHES["repeats"])
    monkeypatch.setenv(VARIABLE, "mine")
    words = ("audit", "odd", "--level", "2", "--seeds", "40", "--jobs", "1")
    ran = run(*words, "--json", "out/a.json", "--report", "out/a.html")
    assert ran.code == 1
    assert "givens that had come before" in ran.out
    found = json.loads(Path("out/a.json").read_text(encoding="utf-8"))
    assert found["rows"][0]["pressed"]["instances"] == 40
    assert [breach["rule"] for breach in found["breaches"]] == ["repeats"]
    page = Path("out/a.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert not re.search(r'(src|href)="', page)


def test_the_total_tells_why_draws_were_rejected(tmp_path: Path) -> None:
    first = "    product = work.let"
    needs = f"    work.require(lambda n: n(given.x) > 50, 'no large input')\n{first}"
    put(tmp_path, first, needs)
    (row,) = rows(tmp_path)
    assert f" (no large input: {row.rejected['no large input']}), " in summary([row], [])[-1]


def test_a_failure_is_told_with_its_replay_line(tmp_path: Path) -> None:
    put(tmp_path, 'product + given["b"]}', 'product + given["b"] + (product > 700)}')
    (row,) = rows(tmp_path)
    assert row.failures and row.made + len(row.failures) == 30
    told = summary([row], [])
    assert any("rule: check" in line and "penwork show odd/line --seed" in line for line in told)


def test_a_replay_line_names_the_folder(run: Run) -> None:
    put(Path("my own"), 'product + given["b"]}', 'product - given["b"]}')
    own = ("--templates", "my own")
    audited = run("audit", "odd/line", "--level", "2", "--seeds", "1", "--jobs", "1", *own)
    assert audited.code == 1
    assert "penwork show odd/line --seed 0 --level 2 --templates 'my own'\n" in audited.out
    mutated = run("audit", "odd/line", "--mutate", "--seeds", "1", "--jobs", "1", *own)
    assert "penwork show odd/line --seed 0 --level 2 --templates 'my own'\n" in mutated.out


def test_many_failures_fit_a_screen(tmp_path: Path) -> None:
    put(tmp_path, 'product + given["b"]}', 'product - given["b"]}')
    told = "\n".join(summary(rows(tmp_path), []))
    assert told.count("\n") < 24
    assert "more; --json" in told


def test_what_is_too_wide_is_reported(tmp_path: Path) -> None:
    wide = STATEMENT.replace("Find its value", r"\hbox{\vrule width 180mm} Find its value")
    put(tmp_path, statement=wide.replace("A scale", r"\noindent\hbox to 190mm{\hrulefill} A scale"))
    found = work(load([tmp_path]), Chunk("odd/line", 2, 0, 1, True))
    assert found.pressed is not None
    assert len(found.pressed.overfull) >= 2
    assert "penwork show odd/line --seed 0" in found.pressed.overfull[0]


def test_what_sticks_out_unnoticed_by_tex_is_reported(tmp_path: Path) -> None:
    put(
        tmp_path,
        statement=STATEMENT.replace(
            "<% part", "\n\\par\\hbox{\\vrule width200mm height1pt}\n<% part"
        ),
    )
    found = work(load([tmp_path]), Chunk("odd/line", 2, 0, 1, True))
    assert found.pressed is not None
    assert (len(found.pressed.overfull), len(found.pressed.beyond)) == (0, 2)


def test_heights_are_measured() -> None:
    found = work(load([TOYS]), Chunk("toy/line", 2, 0, 2, True))
    assert found.pressed is not None
    low, high = found.pressed.statement
    assert 15 < low <= high < 60
    assert 20 < found.pressed.solution[0] < 100


def test_an_answer_that_the_statement_prints() -> None:
    template = load([TOYS]).get("toy/line")
    given = {"w": 1, "x": 12, "b": 0, "n": 2}
    seen = observe(instance.make_given(template, given, level=1), (0, 0, 0, 0))
    assert [handed.told for handed in seen.handed] == [True]
    other = observe(instance.make_given(template, given | {"b": 5}, level=1), (0, 0, 0, 0))
    assert [handed.told for handed in other.handed] == [False]


def test_spread_and_its_picture() -> None:
    found = spread([1.0, 2.0, 3.0, 10.0])
    assert (found.low, found.median, found.high, sum(found.bins)) == (1, 2.5, 10, 4)
    assert histogram(found).count("<rect") == len(found.bins)
    assert spread([]).bins == () and histogram(spread([])) == ""


def test_many_processes_find_what_one_finds(run: Run) -> None:
    words = ("audit", "toy", "--seeds", "3", "--level", "1")
    tables = [run(*words, "--jobs", str(n)).out.split("\n\n")[1] for n in (1, 2)]
    assert tables[0] == tables[1]


def test_a_derivative_that_is_none_is_a_failure(run: Run) -> None:
    put(Path("my own"), 'why="weight times input"', "derives=(given.b, given.w)")
    audited = run("audit", "odd/line", "--level", "2", "--seeds", "4", "--jobs", "1",
                  "--templates", "my own")  # fmt: skip
    assert audited.code == 1
    assert "rule: SymPy" in audited.out and "penwork audit odd/line --level 2" in audited.out


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("the statement", "<< w.plain ~ '' >> rows."),
        ("the statement", "<< '%d' % (x.plain * 2) >> rows."),
        ("the statement", "<< [x.plain, 3]|join(' and ') >>."),
        ("the why of product", "why=f\"times {given.plain('x')}\""),
        ("the why of product", "why=f\"times {given.plain('w') / 10 + 0:.1f}\""),
        ("an insight", "work.insight(f\"It is {given.plain('x')}.\", holds=lambda n: True)"),
        ("a slip", 'slip(f"took {given.plain(\'x\')}", "a mix-up", lambda: product + given.x),'),
    ],
)
def test_a_number_of_the_draw_beside_the_filters_is_a_breach(
    where: str, text: str, tmp_path: Path
) -> None:
    if where == "the statement":
        put(tmp_path, statement=text + STATEMENT)
    elif where == "the why of product":
        put(tmp_path, 'why="weight times input"', text.replace(" / 10 + 0:.1f", ".numerator / 10"))
    elif where == "an insight":
        put(tmp_path, "    work.insight(", f"    {text}\n    work.insight(")
    else:
        put(tmp_path, "slips=[", f"slips=[{text}")
    (row,) = rows(tmp_path)
    assert row.failures == () and where in row.loose[0]
    assert broken(tmp_path) == {"loose"}


def test_places_sizes_and_told_numbers_may_change(tmp_path: Path) -> None:
    told = "Row $x_{<< w.plain ~ '' >>}$ of [<< w.plain ~ '' >>×3], << w|n >>, << x|eq >>. "
    put(tmp_path, 'why="weight times input"', "why=f\"row {given.plain('w')}\"", told + STATEMENT)
    assert rows(tmp_path)[0].loose == ()
