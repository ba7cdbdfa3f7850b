"""Runs that were killed, and papers that failed: the next run makes what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from penwork.errors import UserError
from penwork.press.exams.run import run_exam
from penwork.prove.verify.folder import verify_folder
from press.exams import small
from press.exams.small import LISTS, PICKED, ROSTER, SPEC, TITLE, contents, made, request, spread
from press.exams.test_run import text

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


def test_what_another_spec_left_unfinished_goes_and_is_told(tmp_path: Path) -> None:
    folder, other = tmp_path / "out", SPEC.replace("points = 9", "points = 8")
    with pytest.raises(Killed):
        run_exam(request(folder, other), small.catalogue(), killed_after(5))
    mine = {"grades.csv": b"mine", "papers/essay.pdf": b"mine"}
    for name, content in mine.items():
        (folder / name).write_bytes(content)
    told = f"Cleared away what was unfinished in {folder}: it was of another spec or secret."
    assert told in made(folder).notes
    made(tmp_path / "new" / "out")
    assert contents(folder) == contents(tmp_path / "new" / "out") | mine
    assert told not in made(folder).notes


@pytest.mark.parametrize("finished", [False, True])
def test_another_exam_goes_only_when_this_one_can_be_made(tmp_path: Path, finished: bool) -> None:
    folder, other = tmp_path / "out", SPEC.replace("points = 9", "points = 8")
    with pytest.raises(Killed):
        run_exam(request(folder, other), small.catalogue(), killed_after(99 if finished else 5))
        raise Killed
    before = contents(folder)
    nobody = f'{SPEC}\n[accommodations."0099"]\nextra_time = 25\n'
    with pytest.raises(UserError, match="is for nobody of this class"):
        made(folder, nobody, force=finished)
    assert contents(folder) == before


def test_a_class_that_lost_somebody(copy: Path) -> None:
    roster = "".join(line for line in ROSTER.splitlines(True) if "O'Brien" not in line)
    form = next(p["form"] for p in small.papers_of(copy) if p["student"] == "0044")
    assert "Papers for nobody of this class, taken away: 1." in made(copy, roster=roster).notes
    assert [paper["student"] for paper in small.papers_of(copy)] == ["0041", "0042", "0043", "0045"]
    left = [file.name for file in copy.rglob("*.pdf") if file.stem == form]
    assert left == [], "the paper of somebody who left lies there still"


def test_nobody_changes_when_somebody_leaves(tmp_path: Path) -> None:
    """Neither the form nor the candidate's number; who comes late goes on counting."""
    folder, spec = tmp_path / "out", f"versions = 2\nanonymous = true\n{SPEC}"
    made(folder, spec)
    before = contents(folder)
    whose = {p["student"]: (p["who"], p["candidate"]) for p in small.papers_of(folder)}
    assert whose["0042"] == ("form B", "0002") and whose["0043"] == ("form A", "0003")
    left = "".join(line for line in ROSTER.splitlines(True) if "O'Brien" not in line)
    assert made(folder, spec, f"{left}0046,Late Comer\n").made == 1
    del whose["0044"]
    whose["0046"] = ("form B", "0006")
    assert {p["student"]: (p["who"], p["candidate"]) for p in small.papers_of(folder)} == whose
    after = contents(folder)
    assert len(before.keys() & after.keys() - LISTS) == 8
    assert all(after[name] == before[name] for name in before.keys() & after.keys() - LISTS)
    assert verify_folder(folder, small.catalogue(), spread).sound


def test_an_accommodation_that_comes_later(tmp_path: Path) -> None:
    folder, spec = tmp_path / "out", SPEC.replace(TITLE, "Small")
    large = ADAPTED.replace(TITLE, "Small")
    made(folder, spec)
    form = next(p["form"] for p in small.papers_of(folder) if p["student"] == "0044")
    made(folder, large.replace("large_print = true\n", ""))
    assert "38 minutes (30 and 25 % extra)" in text(folder / "papers" / f"{form}.pdf")[0]
    assert made(folder, large).made == 1, "the other papers are as they were"
    _on_both_sides(folder, form)
    assert verify_folder(folder, small.catalogue(), spread).sound


def _on_both_sides(folder: Path, large: str) -> None:
    """Printed on both sides, every paper begins on a new sheet, and large print has empty backs."""
    pages = text(folder / "papers.pdf")
    fronts, backs = pages[::2], pages[1::2]
    forms = [paper["form"] for paper in small.papers_of(folder)]
    assert [front for front in fronts if "page 1 of" in front] == [
        text(folder / "papers" / f"{form}.pdf")[0] for form in forms
    ]
    assert {back.strip() for front, back in zip(fronts, backs, strict=True) if large in front} == {
        ""
    }
    assert len(text(folder / "keys.pdf")) % 2 == 0


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


DAMAGES: dict[str, Any] = {
    "form": (("papers", 0, "form"), "../../elsewhere"),
    "medium": (("papers", 0, "medium"), 5),
    "files": (("papers", 0, "files"), None),
    "problem": (("papers", 0, "problems", 0, "slot"), 5),
    "marking": (("papers", 0, "problems", 0, "marking"), 5),
    "papers": (("papers",), 5),
    "order": (("order",), 3),
    "void": (("void",), {}),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_manifest_is_made_anew_when_asked(copy: Path, finished: Path, name: str) -> None:
    path, value = DAMAGES[name]
    there = inner = json.loads((copy / "manifest.json").read_bytes())
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    (copy / "manifest.json").write_text(json.dumps(there), encoding="utf-8")
    before = contents(copy)
    with pytest.raises(UserError, match=r"whose manifest.json is lost or damaged.* --force"):
        made(copy)
    assert contents(copy) == before and not list(copy.parent.glob("*.pdf"))
    made(copy, force=True)
    assert contents(copy) == contents(finished)


def test_items_of_other_problems_are_drawn_anew(copy: Path, finished: Path) -> None:
    there = json.loads((copy / "manifest.json").read_bytes())
    for item in there["papers"][0]["items"]:
        item["slot"] = 99
    (copy / "manifest.json").write_text(json.dumps(there), encoding="utf-8")
    made(copy)
    assert contents(copy) == contents(finished)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
@pytest.mark.parametrize("name", ["papers", "keys"])
def test_a_pipe_in_place_of_a_file_is_not_read(copy: Path, finished: Path, name: str) -> None:
    one = min((copy / name).glob("*.pdf"))
    one.unlink()
    os.mkfifo(one)
    made(copy)
    assert contents(copy) == contents(finished)


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
