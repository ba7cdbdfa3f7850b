"""A problem voided when the exam was held: keys, marking pages and errata; papers as they were."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from penwork.bridge import replay_bridged
from penwork.errors import Fault, PressError, UserError
from penwork.model import Instance
from penwork.press.exams import batch
from penwork.press.exams.files import attached
from penwork.press.exams.run import run_exam
from penwork.prove.verify.folder import verify_folder
from penwork.prove.verify.keys import verify_key
from press.exams import small, test_kinds
from press.exams.small import DESCENT, LATE, MOMENTUM, ROSTER, SPEC, contents, made, request
from press.exams.test_run import text
from prove.test_verify import Change, first, in_manifest, redrawn, verified_later, with_hash

ERRATUM = "Problem 1 is void: 9 points out, 4 points in all instead of 13."
MADE_ANEW = {
    "answers.csv",
    "blueprint.pdf",
    "errata.pdf",
    "keys.pdf",
    "manifest.json",
    "marking.pdf",
}

quick = pytest.fixture(small.quick, autouse=True, scope="module")


@pytest.fixture(scope="module")
def voided(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small exam with its first problem void. Nobody writes into it."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("void") / "out"))
    result = made(folder, void=("1",))
    assert (result.papers, result.made, result.rekeyed, result.failures) == (5, 0, 5, [])
    assert f"Void: problem 1, {DESCENT}@2, 9 points." in result.notes
    return folder


@pytest.fixture
def void_copy(voided: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(voided, tmp_path / "void"))


def claims(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())


def points(folder: Path) -> Counter[tuple[str, str]]:
    """What each problem of each form counts, by answers.csv."""
    found: Counter[tuple[str, str]] = Counter()
    with (folder / "answers.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["form"], row["problem"]] += int(row["points"] or 0)
    return found


def papers(folder: Path) -> dict[str, tuple[bytes, int]]:
    """The papers and when they were written."""
    return {
        file.name: (file.read_bytes(), file.stat().st_mtime_ns)
        for file in sorted((folder / "papers").iterdir())
    }


def test_the_papers_stay_and_what_tells_of_points_is_new(finished: Path, voided: Path) -> None:
    before, after = contents(finished), contents(voided)
    assert set(after) - set(before) == {"errata.pdf"} and set(before) <= set(after)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == MADE_ANEW | {name for name in before if name.startswith("keys/")}
    assert papers(voided) == papers(finished), "they were not written again"


def test_every_total_goes_down(voided: Path) -> None:
    forms = [paper["form"] for paper in claims(voided)["papers"]]
    assert points(voided) == {(f, number): 4 * (number == "2") for f in forms for number in "12"}
    assert claims(voided)["void"] == [f"{DESCENT}@2"]
    for paper in claims(voided)["papers"]:
        assert [problem.get("void", False) for problem in paper["problems"]] == [True, False]
    [blueprint] = text(voided / "blueprint.pdf")
    assert "Gradient descent on one weight 2 9 void" in blueprint and "Total 12 4 " in blueprint


def test_a_line_for_every_form_in_their_order(voided: Path) -> None:
    [page] = text(voided / "errata.pdf")
    lines = [f"{p['form']} {p['student']} {ERRATUM}" for p in claims(voided)["papers"]]
    assert " ".join(lines) in page


def test_the_key_marks_it_void_and_still_shows_it(finished: Path, voided: Path) -> None:
    for paper in claims(voided)["papers"]:
        name = f"keys/{paper['form']}.pdf"
        was, page = (" ".join(text(folder / name)) for folder in (finished, voided))
        assert ERRATUM in page and "Gradient descent on one weight void" in page
        assert "void" not in was and "Gradient descent on one weight 9" in was
        marks = [code for part in paper["problems"][0]["parts"] for code in part["marks"].split()]
        lost = Counter(was.split()) - Counter(page.split())
        assert lost == Counter(marks), "no marks are told, all else stands there still"
        carried = json.loads(attached((voided / name).read_bytes()) or b"")["problems"]
        assert [problem.get("void") for problem in carried] == [True, None]


def test_the_marking_pages_mark_it_void(voided: Path) -> None:
    page = " ".join(text(voided / "marking.pdf"))
    first, second = page.split("2 Steps")
    assert first.count("void") == 6, "with the head"
    assert "void" not in second
    assert "Gradient descent on one weight void" in page


def test_the_same_again_changes_nothing(void_copy: Path, voided: Path) -> None:
    result = made(void_copy, void=("1", f"{DESCENT}@2", DESCENT))
    assert (result.made, result.rekeyed) == (0, 0)
    assert contents(void_copy) == contents(voided)


def test_what_is_void_stays_void_and_is_told(void_copy: Path, voided: Path) -> None:
    result = made(void_copy)
    assert contents(void_copy) == contents(voided)
    assert "That was so before; `--void none` takes it back." in result.notes


def test_it_is_taken_back(void_copy: Path, finished: Path) -> None:
    result = made(void_copy, void=("none",))
    assert f"No longer void: {DESCENT}@2." in result.notes
    assert contents(void_copy) == contents(finished)


def test_another_in_its_place(void_copy: Path) -> None:
    made(void_copy, void=("none", "2"))
    assert set(points(void_copy).values()) == {9, 0}
    assert claims(void_copy)["void"] == [f"{MOMENTUM}@1"]
    assert "Problem 2 is void: 4 points out, 9 points in all instead of 13." in " ".join(
        text(void_copy / "errata.pdf")
    )


def test_a_late_student_has_it_void_too(void_copy: Path, voided: Path) -> None:
    result = made(void_copy, roster=ROSTER + LATE)
    assert (result.made, result.rekeyed) == (1, 0)
    late = claims(void_copy)["papers"][-1]
    assert late["student"] == "0040" and late["problems"][0]["void"]
    assert ERRATUM in text(first(void_copy, "keys", -1))[0]
    there = contents(void_copy)
    assert all(there[n] == content for n, content in contents(voided).items() if "/" in n)
    assert verify_folder(void_copy, small.catalogue(), small.spread).sound


SAID: dict[str, tuple[tuple[str, ...], str]] = {
    "number": (("3",), r"--void 3 names no problem of this exam. Give a number from 1 to 2"),
    "zero": (("0",), "--void 0 names no problem"),
    "name": (("forward_backward/gradient",), f"or a name such as {DESCENT}@2"),
    "all": (("1", "2"), "Nothing would count on paper .* Void fewer problems"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_void(copy: Path, finished: Path, case: str) -> None:
    said, told = SAID[case]
    with pytest.raises(UserError, match=told):
        made(copy, void=said)
    assert contents(copy) == contents(finished)


def test_all_of_it_in_two_runs(void_copy: Path, voided: Path) -> None:
    with pytest.raises(UserError, match="Nothing would count"):
        made(void_copy, void=("2",))
    assert contents(void_copy) == contents(voided)


def test_where_no_exam_stands(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No exam stands in .*out yet"):
        made(tmp_path / "out", void=("1",))
    assert not (tmp_path / "out").exists()


def test_force_replaces_nothing_that_is_voided(copy: Path, finished: Path) -> None:
    with pytest.raises(UserError, match=r"holds another exam.* Void with the spec"):
        made(copy, SPEC.replace("points = 9", "points = 8"), void=("1",), force=True)
    assert contents(copy) == contents(finished)


ADAPTED = f'{SPEC}\n[accommodations."0044"]\nlarge_print = true\n'


@pytest.mark.parametrize(
    ("spec", "roster"),
    [
        (SPEC, ROSTER + LATE),
        (SPEC, ROSTER.replace("0044,O'Brien\n", "")),
        (SPEC, ROSTER.replace("O'Brien", "O'Bryan")),
        (ADAPTED, ROSTER),
    ],
)
def test_papers_that_would_change(copy: Path, finished: Path, spec: str, roster: str) -> None:
    with pytest.raises(UserError, match=r"class list paper .* would (change|be new)"):
        made(copy, spec, roster, void=("1",))
    assert contents(copy) == contents(finished)


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("writes", [0, 3, 8, 16])
def test_killed_and_resumed(
    copy: Path, voided: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The process ends when so many files have their names; then the usual command goes on."""
    left, rename, before = [writes], Path.replace, papers(copy)

    def dying(self: Path, target: Path) -> Path:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "replace", dying)
        run_exam(request(copy, void=("1",)), small.catalogue(), small.spread)
    assert papers(copy) == before
    made(copy, void=() if writes else ("1",))
    assert contents(copy) == contents(voided)
    assert papers(copy) == before


def test_a_key_that_cannot_be_made_costs_no_paper(
    copy: Path, voided: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, before = claims(copy)["papers"][1], papers(copy)

    def broken(*arguments: Any, **named: Any) -> Instance:
        instance = replay_bridged(*arguments, **named)
        if instance.seed == victim["problems"][1]["seed"]:
            raise Fault("value", "the check finds another number")
        return instance

    def afresh(work: Callable[..., Any], jobs: Sequence[Any], what: str) -> Any:
        return (small.afresh if work is batch.print_batch else small.spread)(work, jobs, what)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "replay_bridged", broken)
        with pytest.raises(PressError, match=f"The new key of {victim['form']} could not be made"):
            run_exam(request(copy, void=("1",)), small.catalogue(), afresh)
    assert papers(copy) == before
    made(copy)
    assert contents(copy) == contents(voided)


def test_verified(voided: Path) -> None:
    found = verify_folder(voided, small.catalogue(), small.spread)
    assert found.sound and found.answers == 30
    assert found.notes == [f"Void: problem 1, {DESCENT}@2, 9 points."]


def errata(folder: Path) -> Path:
    return folder / "errata.pdf"


def points_of_answers(folder: Path) -> None:
    file = folder / "answers.csv"
    lines = file.read_bytes().replace(b",0\r\n", b",3\r\n", 1)
    assert lines != file.read_bytes()
    file.write_bytes(lines)


def unlisted(folder: Path) -> None:
    there = claims(folder)
    del there["files"]["errata.pdf"]
    errata(folder).unlink()
    (folder / "manifest.json").write_text(json.dumps(there))


def taken_back(folder: Path) -> None:
    """The claim alone, in every place."""
    there = claims(folder)
    del there["void"]
    for paper in there["papers"]:
        del paper["problems"][0]["void"]
    (folder / "manifest.json").write_text(json.dumps(there))


CHANGES: dict[str, tuple[Change, str]] = {
    "nothing void": (in_manifest("void", to=[]), "void: claimed True, right is nothing"),
    "another void": (in_manifest("void", 0, to=f"{MOMENTUM}@1"), "problem 2: manifest, void"),
    "unknown": (in_manifest("void", to=["x"]), "manifest, void: claimed ['x'], right is []"),
    "one paper": (
        in_manifest("papers", 2, "problems", 0, "void", to=False),
        "problem 1: manifest, void: claimed False, right is True",
    ),
    "everywhere": (taken_back, "attachment of keys/"),
    "errata": (with_hash(lambda folder: redrawn(errata(folder)), errata), "errata.pdf is not"),
    "errata lost": (lambda folder: errata(folder).unlink(), "errata.pdf is missing"),
    "errata unlisted": (unlisted, "the manifest lacks the file errata.pdf"),
    "answers.csv": (
        with_hash(points_of_answers, lambda folder: folder / "answers.csv"),
        "problem 1: answers.csv, part a",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_found(void_copy: Path, name: str) -> None:
    change, told = CHANGES[name]
    change(void_copy)
    found = verify_folder(void_copy, small.catalogue(), small.spread)
    assert not found.sound
    assert any(told in str(fault) for fault in found.faults), [*map(str, found.faults)]


def test_a_key_of_before_is_found(void_copy: Path, finished: Path) -> None:
    def of_before(folder: Path) -> None:
        shutil.copy(first(finished, "keys"), first(folder, "keys"))

    with_hash(of_before, lambda folder: first(folder, "keys"))(void_copy)
    found = verify_folder(void_copy, small.catalogue(), small.spread)
    assert any("problems[0].void: claimed nothing" in str(fault) for fault in found.faults)


def test_a_void_key_alone(voided: Path) -> None:
    found = verify_key(first(voided, "keys"), small.catalogue())
    assert found.sound and found.notes == ["Made again, byte for byte."]


def test_a_void_problem_that_the_mended_template_answers_otherwise(void_copy: Path) -> None:
    manifest = void_copy / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"3/5"', '"4/5"'))
    found = verified_later(void_copy)
    told = "claimed 4/5, right is 3/5"
    assert any(note.endswith(f"{told}; it is void") for note in found.notes)
    assert not any("and now by draws" in str(fault) for fault in found.faults)


def test_an_older_void_exam_is_sound(voided: Path) -> None:
    found = verified_later(voided)
    assert found.sound, found.faults
    assert any(note.endswith("3/5 both times") for note in found.notes)


def test_a_problem_of_some_papers(tmp_path: Path) -> None:
    """Its number is another on every form, and who hasn't got it keeps key and points."""
    folder, spec, roster = tmp_path / "out", test_kinds.SPEC, test_kinds.ROSTER
    made(folder, spec, roster)
    before = contents(folder)
    with pytest.raises(UserError, match=r"--void 3 may mean vectors/projection@1 or debugging"):
        made(folder, spec, roster, void=("3",))
    with pytest.raises(UserError, match=rf"--void 1 may mean {DESCENT}@1 or {MOMENTUM}@1"):
        made(folder, spec, roster, void=("1",))
    result = made(folder, spec, roster, void=(DESCENT, "vectors/projection"))
    lines = []
    for paper in claims(folder)["papers"]:
        void = [p["number"] for p in paper["problems"] if p.get("void")]
        few = [p for p in paper["problems"] if p["slot"] == "vectors/projection@1"]
        said = "Problem {} is void: 5" if not few else "Problems {}, 3 are void: 11"
        total = 13 if not few else 7
        lines.append(
            f"{paper['who'][-1]} {paper['form']} {paper['candidate']} {said.format(void[0])}"
            f" points out, {total} points in all instead of 18."
        )
        assert sum(points(folder)[paper["form"], n] for n in "123") == total
    assert " ".join(lines) in text(folder / "errata.pdf")[0]
    assert "Total" in text(folder / "blueprint.pdf")[0]
    assert result.rekeyed == 6
    after = contents(folder)
    assert all(after[name] == before[name] for name in before if name.startswith("papers"))
    made(folder, spec, roster, void=("none", "vectors/projection"))
    one = contents(folder)
    whole = [p["form"] for p in claims(folder)["papers"] if not p["problems"][2].get("void")]
    assert all(one[f"keys/{form}.pdf"] == before[f"keys/{form}.pdf"] for form in whole)
    said = "Nothing is void: 18 points in all." if whole else "Problem 3 is void: 6 points out"
    assert said in text(folder / "errata.pdf")[0]
    assert verify_folder(folder, small.catalogue(), small.spread).sound
