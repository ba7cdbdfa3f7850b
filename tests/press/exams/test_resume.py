"""Runs that were killed, and papers that failed: the next run makes what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penwork import instance, kept
from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams import drawing
from penwork.errors import Fault, PressError, UserError
from penwork.model import Instance
from penwork.press.exams import batch, measure
from penwork.press.exams.run import run_exam
from penwork.prove.verify.folder import verify_folder
from press.exams import small
from press.exams.small import DESCENT, LISTS, ROSTER, SPEC, TITLE, contents, made, request, spread
from press.exams.test_run import text

PICKED = SPEC.replace("[[section]]", "[[section]]\npick = 1").replace("level = 1", "points = 9")
ADAPTED = f'{SPEC}\n[accommodations."0044"]\nlarge_print = true\nextra_time = 25\n'


class Killed(BaseException):
    """The end of a process."""


quick = pytest.fixture(small.quick, autouse=True, scope="module")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """An exam in two kinds of print, made without a break."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    assert not made(folder, ADAPTED).failures
    return contents(folder)


def killed_after(jobs: int) -> Callable[..., Iterator[Any]]:
    """A spread that ends the process after so many jobs."""
    left = [jobs]

    def broken(work: Any, these: Sequence[Any], what: str) -> Iterator[Any]:
        for done in spread(work, these, what):
            if not left[0]:
                raise Killed
            left[0] -= 1
            yield done

    return broken


@pytest.mark.parametrize("jobs", [0, 3, 4, 5, 7])
def test_killed_between_jobs(tmp_path: Path, whole: dict[str, bytes], jobs: int) -> None:
    folder = tmp_path / "out"
    with pytest.raises(Killed):
        run_exam(request(folder, ADAPTED), small.catalogue(), killed_after(jobs))
    assert not (folder / "manifest.json").exists()
    there = {name: c for name, c in contents(folder).items() if not name.startswith(".")}
    assert there == {name: whole[name] for name in there}
    (folder / "papers").mkdir(parents=True, exist_ok=True)
    (folder / "papers" / ".penwork-half").write_bytes(b"half a file")
    made(folder, ADAPTED)
    assert contents(folder) == whole


@pytest.mark.parametrize("writes", [1, 3, 12, 19])
def test_killed_between_files(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The process ends when so many files have their names."""
    folder, left = tmp_path / "out", [writes]
    rename = Path.replace

    def dying(self: Path, target: Path) -> Path:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return rename(self, target)

    asked = request(folder, ADAPTED)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "replace", dying)
        run_exam(asked, small.catalogue(), spread)
    there = {name: c for name, c in contents(folder).items() if not name.startswith(".")}
    assert there == {name: whole[name] for name in there}
    made(folder, ADAPTED)
    assert contents(folder) == whole


def test_what_is_there_is_not_made_again(copy: Path, finished: Path) -> None:
    assert made(copy).made == 0
    assert contents(copy) == contents(finished)


@pytest.mark.parametrize("name", ["papers", "keys"])
def test_a_lost_or_damaged_file_is_made_again(copy: Path, finished: Path, name: str) -> None:
    one, other, *_ = sorted((copy / name).glob("*.pdf"))
    one.unlink()
    other.write_bytes(b"")
    assert made(copy).made > 0
    assert contents(copy) == contents(finished)


def test_another_exam_is_not_replaced_unasked(copy: Path, finished: Path, tmp_path: Path) -> None:
    other = SPEC.replace("points = 9", "points = 8")
    with pytest.raises(UserError, match=r"holds another exam .* --force"):
        made(copy, other)
    assert contents(copy) == contents(finished)
    (copy / "notes.txt").write_text("mine")
    made(copy, other, force=True)
    made(tmp_path / "new" / "out", other)
    assert contents(copy) == contents(tmp_path / "new" / "out") | {"notes.txt": b"mine"}


def test_a_class_that_lost_somebody(copy: Path) -> None:
    roster = "".join(line for line in ROSTER.splitlines(True) if "O'Brien" not in line)
    form = next(p["form"] for p in _papers(copy) if p["student"] == "0044")
    made(copy, roster=roster)
    assert [paper["student"] for paper in _papers(copy)] == ["0041", "0042", "0043", "0045"]
    left = [file.name for file in copy.rglob("*.pdf") if file.stem == form]
    assert left == [], "the paper of somebody who left lies there still"


def test_nobody_changes_when_somebody_leaves(tmp_path: Path) -> None:
    """Neither the form nor the candidate's number; who comes late goes on counting."""
    folder, spec = tmp_path / "out", f"versions = 2\nanonymous = true\n{SPEC}"
    made(folder, spec)
    before = contents(folder)
    whose = {p["student"]: (p["who"], p["candidate"]) for p in _papers(folder)}
    assert whose["0042"] == ("form B", "0002") and whose["0043"] == ("form A", "0003")
    left = "".join(line for line in ROSTER.splitlines(True) if "O'Brien" not in line)
    assert made(folder, spec, f"{left}0046,Late Comer\n").made == 1
    del whose["0044"]
    whose["0046"] = ("form B", "0006")
    assert {p["student"]: (p["who"], p["candidate"]) for p in _papers(folder)} == whose
    after = contents(folder)
    assert len(before.keys() & after.keys() - LISTS) == 8
    assert all(after[name] == before[name] for name in before.keys() & after.keys() - LISTS)
    assert verify_folder(folder, small.catalogue(), spread).sound


def test_an_accommodation_that_comes_later(tmp_path: Path) -> None:
    folder, spec = tmp_path / "out", SPEC.replace(TITLE, "Small")
    large = ADAPTED.replace(TITLE, "Small")
    made(folder, spec)
    form = next(p["form"] for p in _papers(folder) if p["student"] == "0044")
    made(folder, large.replace("large_print = true\n", ""))
    assert "38 minutes (30 and 25 % extra)" in text(folder / "papers" / f"{form}.pdf")[0]
    assert made(folder, large).made == 1, "the other papers are as they were"
    _on_both_sides(folder, form)
    assert verify_folder(folder, small.catalogue(), spread).sound


def _on_both_sides(folder: Path, large: str) -> None:
    """Printed on both sides, every paper begins on a new sheet, and large print has empty backs."""
    pages = text(folder / "papers.pdf")
    fronts, backs = pages[::2], pages[1::2]
    forms = [paper["form"] for paper in _papers(folder)]
    assert [front for front in fronts if "page 1 of" in front] == [
        text(folder / "papers" / f"{form}.pdf")[0] for form in forms
    ]
    assert {back.strip() for front, back in zip(fronts, backs, strict=True) if large in front} == {
        ""
    }
    assert len(text(folder / "keys.pdf")) % 2 == 0


def _papers(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())["papers"]


def _broken(made_one: Callable[..., Instance], seed: int, fault: bool) -> Callable[..., Instance]:
    """Makes the instance of one seed fail, in TeX or in its certificate."""

    def broken(*arguments: Any, **named: Any) -> Instance:
        one = made_one(*arguments, **named)
        if one.seed != seed:
            return one
        if fault:
            error = Fault("value", "the check finds another number")
            error.where, error.replay = f"{DESCENT} level 2", "penwork show it"
            raise error
        return replace(one, statement=rf"{one.statement} \nosuchcommand")

    return broken


def _unremembered(
    work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str
) -> Iterator[Any]:
    return (small.afresh if work is batch.print_batch else spread)(work, jobs, what)


def test_a_paper_that_tex_refuses(
    tmp_path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    asked, victim = request(folder), _papers(finished)[1]
    with monkeypatch.context() as patch:
        seed = victim["problems"][0]["seed"]
        patch.setattr(batch, "replay_bridged", _broken(replay_bridged, seed, False))
        result = run_exam(asked, small.catalogue(), _unremembered)
    [failure] = result.failures
    assert (failure.form, failure.template) == (victim["form"], DESCENT)
    assert f"({DESCENT} seed {seed} level 2): " in failure.why and "penwork" not in failure.why
    assert "nosuchcommand" in failure.why or "Undefined control sequence" in failure.why
    assert failure.replay.startswith(f"penwork show {DESCENT}") and str(seed) in failure.replay
    there, sound = contents(folder), contents(finished)
    others = [name for name in sound if "/" in name and victim["form"] not in name]
    assert len(others) == 8 and all(there[name] == sound[name] for name in others)
    assert not any(victim["form"] in name for name in there)
    assert made(folder).failures == []
    assert contents(folder) == sound


def failed_certificate(folder: Path, victim: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run in which the certificate of a paper's first problem fails, and what it leaves."""
    spec = (folder.parent / "small.toml").read_text(encoding="utf-8")
    with monkeypatch.context() as patch:
        seed = victim["problems"][0]["seed"]
        patch.setattr(batch, "replay_bridged", _broken(replay_bridged, seed, True))
        result = run_exam(request(folder, spec), small.catalogue(), _unremembered)
    return result, json.loads((folder / "manifest.json").read_bytes())


def test_a_failed_certificate_withholds_the_template(
    tmp_path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    request(folder)
    papers = _papers(finished)
    result, claims = failed_certificate(folder, papers[1], monkeypatch)
    assert [failure.certificate for failure in result.failures] == [True, *[False] * 4]
    assert result.failures[0].replay == "penwork show it"
    assert "penwork show" not in result.failures[0].why, "the line that replays it comes once"
    assert (result.papers, result.made, claims["papers"]) == (0, 0, [])
    assert {each["form"] for each in claims["missing"]} == {paper["form"] for paper in papers}
    assert {each["template"] for each in claims["missing"]} == {DESCENT}
    there = [name for name in contents(folder) if not name.startswith(".")]
    assert there == ["manifest.json", "roster.csv", "spec.toml"]
    assert made(folder).papers == 5
    assert contents(folder) == contents(finished)


def _measured_wrong(
    monkeypatch: pytest.MonkeyPatch, fault: bool
) -> Callable[[Path, str], tuple[Any, Any]]:
    """A run in which a probe of descent fails, in TeX or in its certificate."""

    def certify(template: Any, good: Any, **named: Any) -> Instance:
        made_one = real(template, good, **named)
        if template.id != DESCENT or named["seed"] != 7:
            return made_one
        if fault:
            error = Fault("value", "the check finds another number")
            error.where, error.replay = f"{DESCENT} v1, level 2, seed 7", "penwork show it"
            raise error
        return replace(made_one, statement=rf"{made_one.statement} \nosuchcommand")

    def run(folder: Path, spec: str) -> tuple[Any, Any]:
        with monkeypatch.context() as patch:
            patch.setattr(measure, "certify", certify)
            patch.setattr(kept, "recall", lambda *_: None)
            result = run_exam(request(folder, spec), small.catalogue(), small.afresh)
        return result, json.loads((folder / "manifest.json").read_bytes())

    real = instance.certify
    return run


@pytest.mark.parametrize("fault", [False, True])
def test_what_fails_while_it_is_measured_withholds_its_papers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: bool
) -> None:
    run = _measured_wrong(monkeypatch, fault)
    made(tmp_path / "whole" / "out", PICKED)
    papers = _papers(tmp_path / "whole" / "out")
    users = {p["form"] for p in papers if p["problems"][0]["template"] == DESCENT}
    folder = tmp_path / "out"
    result, claims = run(folder, PICKED)
    assert {failure.form for failure in result.failures} == users
    assert {each["form"] for each in claims["missing"]} == users
    assert {failure.template for failure in result.failures} == {DESCENT}
    shown = "penwork show it" if fault else f"penwork show {DESCENT} --seed 7 --level 2"
    assert {failure.replay for failure in result.failures} == {shown}
    [why] = {failure.why for failure in result.failures}
    assert "nosuchcommand" in why or fault
    assert result.papers == result.made == 5 - len(users)
    again, _ = run(folder, PICKED)
    assert (again.papers, again.made) == (5 - len(users), 0)
    assert made(folder, PICKED).failures == []
    assert contents(folder) == contents(tmp_path / "whole" / "out")


def test_what_fails_when_it_is_measured_again_takes_no_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    made(folder, PICKED)
    before = contents(folder)
    with pytest.raises(PressError, match=r"(?s)nosuchcommand.*have this problem, and stay"):
        _measured_wrong(monkeypatch, False)(folder, PICKED)
    assert contents(folder) == before


def test_a_draw_that_fails_withholds_its_papers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seed on which a template breaks, long before its certificate."""
    made(tmp_path / "whole" / "out", PICKED)
    papers = _papers(tmp_path / "whole" / "out")
    users = [p for p in papers if p["problems"][0]["template"] == DESCENT]

    def breaking(template: Any, **named: Any) -> Any:
        if named["seed"] == users[0]["problems"][0]["seed"]:
            fault = Fault("solve", "ZeroDivisionError")
            fault.where = f"{DESCENT} v1, level 2, seed 7"
            raise fault
        return instance.propose(template, **named)

    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "propose", breaking)
        result = made(folder, PICKED)
    assert {failure.form for failure in result.failures} == {paper["form"] for paper in users}
    assert result.papers == 5 - len(users)
    assert made(folder, PICKED).failures == []
    assert contents(folder) == contents(tmp_path / "whole" / "out")


def test_a_failed_certificate_withholds_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has another problem gets it, and whose paper was there before loses it."""
    folder = tmp_path / "out"
    made(folder, PICKED)
    whole = contents(folder)
    users = [p for p in _papers(folder) if p["problems"][0]["template"] == DESCENT]
    assert 1 < len(users) < 5, "the secret of this test gives everybody the same problem"
    (folder / "keys" / f"{users[0]['form']}.pdf").unlink()
    result, claims = failed_certificate(folder, users[0], monkeypatch)
    lost = {paper["form"] for paper in users}
    assert (result.papers, result.made) == (5 - len(users), 0)
    assert {each["form"] for each in claims["missing"]} == lost
    withheld = [each for each in claims["missing"] if each["why"].startswith("withheld, for")]
    assert len(withheld) == len(users) - 1
    assert {file.stem for file in (folder / "papers").iterdir()} == {
        paper["form"] for paper in _papers(folder)
    }
    assert not lost & {file.stem for file in folder.rglob("*.pdf")}
    made(folder, PICKED)
    assert contents(folder) == whole


def test_an_exam_takes_away_nothing_that_is_not_its_own(tmp_path: Path, finished: Path) -> None:
    folder = tmp_path / "out"
    mine = {"grades.csv": b"mine", "papers/essay.pdf": b"mine", "papers-2019.txt": b"mine"}
    for name, content in mine.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    made(folder)
    assert contents(folder) == contents(finished) | mine
    made(folder, PICKED, force=True)
    made(tmp_path / "new" / "out", PICKED)
    assert contents(folder) == contents(tmp_path / "new" / "out") | mine


@pytest.mark.parametrize(
    "name", ["roster.csv", "spec.toml", "manifest.json", "marking.pdf", "papers-2.pdf", "papers"]
)
@pytest.mark.parametrize("force", [False, True])
def test_a_file_of_ones_own_is_never_overwritten(tmp_path: Path, name: str, force: bool) -> None:
    folder = tmp_path / "mine"
    mine = {name: b'{"mine": 1}', "papers-2019/essay.pdf": b"mine"}
    for file, content in mine.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    with pytest.raises(UserError, match=f"its {name} would be overwritten.*another folder with -o"):
        made(folder, force=force)
    assert contents(folder) == mine


def test_spec_and_class_may_lie_in_the_folder(tmp_path: Path, finished: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "spec.toml").write_text(SPEC, encoding="utf-8")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    made(folder)
    assert contents(folder) == contents(finished)


def test_an_exam_without_its_manifest(copy: Path, finished: Path) -> None:
    (copy / "manifest.json").write_bytes(b"")
    before = contents(copy)
    with pytest.raises(UserError, match=r"whose manifest.json is lost or damaged.* --force"):
        made(copy)
    assert contents(copy) == before
    made(copy, force=True)
    assert contents(copy) == contents(finished)
