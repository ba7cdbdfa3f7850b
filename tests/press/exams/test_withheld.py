"""Papers that failed, and those that are withheld with them: the next run makes what is missing."""

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
from penwork.errors import Fault, PressError
from penwork.model import Instance
from penwork.press.exams import batch, measure
from penwork.press.exams.run import run_exam
from press.exams import small
from press.exams.small import DESCENT, PICKED, contents, made, request, spread


def _users(folder: Path) -> list[Any]:
    """Make the exam of PICKED; the papers that have the problem which these tests break."""
    made(folder, PICKED)
    return [p for p in small.papers_of(folder) if p["problems"][0]["template"] == DESCENT]


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
    asked, victim = request(folder), small.papers_of(finished)[1]
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
    papers = small.papers_of(finished)
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
    users = {paper["form"] for paper in _users(tmp_path / "whole" / "out")}
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
    users = _users(tmp_path / "whole" / "out")

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
    users = _users(folder)
    whole = contents(folder)
    assert 1 < len(users) < 5, "the secret of this test gives everybody the same problem"
    (folder / "keys" / f"{users[0]['form']}.pdf").unlink()
    result, claims = failed_certificate(folder, users[0], monkeypatch)
    lost = {paper["form"] for paper in users}
    assert (result.papers, result.made) == (5 - len(users), 0)
    assert {each["form"] for each in claims["missing"]} == lost
    withheld = [each for each in claims["missing"] if each["why"].startswith("withheld, for")]
    assert len(withheld) == len(users) - 1
    assert {file.stem for file in (folder / "papers").iterdir()} == {
        paper["form"] for paper in small.papers_of(folder)
    }
    assert not lost & {file.stem for file in folder.rglob("*.pdf")}
    made(folder, PICKED)
    assert contents(folder) == whole
