"""penwork exam and penwork verify, as they are typed."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from penwork.press.exams import batch
from press.exams import small
from press.exams.small import ROSTER, SECRET, SPEC, contents
from ran import Run

ROWS = ["form", "problem", "part", "answer", "value"]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spec, class and secret in an empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SPEC, encoding="utf-8")
    Path("class.csv").write_text(ROSTER, encoding="utf-8")
    Path("secret").write_bytes(SECRET)


@pytest.fixture
def typed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`penwork` with the real templates."""
    monkeypatch.setenv("PENWORK_TEMPLATES", str(small.TEMPLATES))
    return run


ABROAD = {"SOURCE_DATE_EPOCH": "1700000000", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}


def started(folder: Path, seed: int, **more: str) -> subprocess.Popen[str]:
    """`penwork exam` in a process group of its own."""
    command = [sys.executable, "-m", "penwork", "exam", "small.toml", "--roster", "class.csv"]
    return subprocess.Popen(
        [*command, "--secret-file", "secret", "-o", str(folder)],
        env=os.environ | {"PYTHONHASHSEED": str(seed)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=120)
    return process.returncode, err


def test_the_same_bytes_wherever_whatever_the_hashes_and_though_it_was_killed(
    finished: Path, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    killed, steady = started(one, 1), started(other, 2, **ABROAD)
    until = time.monotonic() + 100
    while not (one / ".penwork" / "plan.json").exists():
        assert killed.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    ended(killed)
    assert killed.returncode == -signal.SIGKILL and not (one / "manifest.json").exists()
    again = started(one, 3)
    code, err = ended(steady)
    assert code == 0, err
    assert "Wrote 5 papers with keys into" in err and "Check it: penwork verify" in err
    assert ended(again)[0] == 0
    assert contents(one) == contents(other) == contents(finished)


@pytest.mark.slow
def test_killed_at_ten_random_moments_it_is_the_same_exam(finished: Path, tmp_path: Path) -> None:
    """Each run goes on where the one before was killed; what has its name is whole."""
    whole, folder = contents(finished), tmp_path / "out"
    begun = time.monotonic()
    assert ended(started(tmp_path / "other", 0))[0] == 0
    length = time.monotonic() - begun
    for _ in range(10):
        process, moment = started(folder, 0), random.uniform(0, length)
        time.sleep(moment)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        ended(process)
        there = {name: c for name, c in contents(folder).items() if not name.startswith(".")}
        assert there == {name: whole[name] for name in there}, f"killed after {moment:.2f} s"
        if random.random() < 0.3:  # from the start again, so that early moments come too
            shutil.rmtree(folder, ignore_errors=True)
    assert ended(started(folder, 0))[0] == 0
    assert contents(folder) == whole


def told(typed: Run, *words: str | Path) -> str:
    """What is said of a mistake."""
    ran = typed(*words)
    assert ran.code == 2 and ran.out == "" and "Traceback" not in ran.err
    return ran.err


def test_whose_papers(typed: Run) -> None:
    assert "Say whose papers these are" in told(typed, "exam", "small.toml")
    both = ("--roster", "class.csv", "--papers", "3")
    assert "Say whose papers these are" in told(typed, "exam", "small.toml", *both)
    assert not Path("output").exists()


def test_a_secret_is_told_when_it_is_made(
    typed: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The class list that hides a column is told as well; neither is, a second time or unasked."""
    from penwork.press.exams import run as runs
    from penwork.press.exams.run import Result

    own = tmp_path / "account" / "exam-secret"
    monkeypatch.setattr("penwork.compose.exams.secret.own_file", lambda: own)
    monkeypatch.setattr(runs, "run_exam", lambda *_: Result(Path("out"), 5, 5))
    first = typed("exam", "small.toml", "--roster", "class.csv").err
    assert f"Your secret is made now: {own}. Keep a copy" in first and own.exists()
    assert "5 students: ids from the column id, names from name.\n" in first
    again = typed("exam", "small.toml", "--papers", "5").err
    assert "secret" not in again and "students" not in again


def test_a_short_secret_is_refused(typed: Run) -> None:
    Path("short").write_text("abc")
    words = ("exam", "small.toml", "--papers", "2", "--secret-file", "short", "-o", "out")
    assert "short has 3 bytes" in told(typed, *words)
    assert not Path("out").exists()


def test_another_exam_in_the_folder(typed: Run, copy: Path, finished: Path) -> None:
    Path("small.toml").write_text(SPEC.replace("points = 9", "points = 8"))
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o")
    assert "holds another exam" in told(typed, *words, copy)
    assert contents(copy) == contents(finished)


def test_again_from_the_copies_in_the_folder(typed: Run, copy: Path, finished: Path) -> None:
    spec, roster = copy / "spec.toml", copy / "roster.csv"
    words = ("exam", spec, "--roster", roster, "--secret-file", "secret", "-o", copy)
    assert typed(*words).code == 0
    assert contents(copy) == contents(finished)
    with roster.open("a", encoding="utf-8") as file:
        file.write(small.LATE)
    ran = typed(*words)
    assert ran.code == 0 and "Wrote 6 papers with keys into" in ran.err
    papers = json.loads((copy / "manifest.json").read_bytes())["papers"]
    assert [paper["student"] for paper in papers][-1] == "0040"


WORD = "W" * 60
COVER = "A line of the cover (title, course, date, instructions) is"
UNFIT = {
    f'course = "{WORD} and {WORD[:50]}"': COVER,
    f'date = "{WORD}"': "Shorten its longest word.",
    f'instructions = "{"Words " * 650}"': "is higher than a page of a4 paper. Shorten its text.",
}


@pytest.mark.parametrize("line", UNFIT)
def test_text_that_fits_no_page(typed: Run, line: str) -> None:
    """Told before anything is written."""
    spec = SPEC.replace(f"instructions = '{small.INSTRUCTIONS}'", "")
    Path("small.toml").write_text(f"{line}\n{spec}")
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", "out")
    assert UNFIT[line] in told(typed, *words)
    assert not Path("out").exists()


def test_parts_that_do_not_stand_alone(typed: Run) -> None:
    spec = SPEC.replace("points = 9\nbridge", "points = 9\nparts").replace('["b"]', '["c"]')
    Path("small.toml").write_text(spec)
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", "out")
    assert f"{small.DESCENT} at level 2 makes no problem of c alone (" in told(typed, *words)
    assert not Path("out").exists()


def test_a_folder_of_ones_own(typed: Run) -> None:
    Path("mine").mkdir()
    Path("mine", "roster.csv").write_text("mine")
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", "mine")
    line = "mine is no exam's folder, and its roster.csv would be overwritten. Choose another"
    assert line in told(typed, *words)
    assert contents(Path("mine")) == {"roster.csv": b"mine"}


def test_nothing_to_verify(typed: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "has no manifest.json" in told(typed, "verify", "empty")
    (tmp_path / "empty" / "manifest.json").write_text('{"format": 77, "papers": []}')
    ran = typed("verify", "empty")
    assert ran.code == 1 and "format of the manifest: claimed 77, right is 2" in ran.err
    assert "Nothing was examined." in ran.err
    assert "There is no nowhere" in told(typed, "verify", "nowhere")
    (tmp_path / "some.pdf").write_bytes(b"no PDF")
    assert "cannot be read as a key" in told(typed, "verify", "some.pdf")
    assert "--key goes with" in told(typed, "verify", "some.pdf", "--key", "some.csv")


def test_a_paper_is_no_key(typed: Run, finished: Path) -> None:
    paper = next((finished / "papers").iterdir())
    assert "carries no answers" in told(typed, "verify", paper)


def test_a_sound_and_a_changed_exam(typed: Run, copy: Path) -> None:
    key = min((copy / "keys").iterdir())
    ran = typed("verify", key)
    assert ran.code == 0 and "answers                                 6" in ran.out
    key.write_bytes(b"")
    ran = typed("verify", copy)
    assert ran.code == 1 and f"FAULT {key.stem}: the file keys/{key.name} is empty" in ran.err


def test_the_key_of_a_worksheet(typed: Run) -> None:
    typed("sheet", small.MOMENTUM, "-n", "2", "--level", "1", "-o", "sheet")
    ran = typed("verify", Path("sheet", "key.pdf"))
    assert ran.code == 0, ran
    assert "faults                                  0" in ran.out


def answers(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(newline="") as file:
        return [{name: row[name] for name in ROWS} for row in csv.DictReader(file)]


def judged(typed: Run, folder: Path, rows: list[dict[str, str]]) -> tuple[int, str]:
    with Path("written.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ROWS)
        writer.writeheader()
        writer.writerows(rows)
    ran = typed("verify", "--key", "written.csv", folder)
    return ran.code, ran.err


def slip_of(folder: Path) -> tuple[str, Any]:
    """A slip of the first paper's first problem: form and slip."""
    from penwork.press.exams.files import attached

    for key in sorted((folder / "keys").iterdir()):
        carried = json.loads(attached(key.read_bytes()) or b"")
        for slip in carried["problems"][0]["slips"]:
            if slip["answer"] in ("factor", "minimiser"):
                return carried["form"], slip
    raise AssertionError("no slip changes a single number")


def test_a_key_that_somebody_wrote(typed: Run, finished: Path) -> None:
    rows = answers(finished)
    code, err = judged(typed, finished, rows)
    assert code == 0 and "FAULT" not in err
    assert "written.csv has 40 of the exam's 40 answers.\n" in err and "lacks" not in err
    at = next(k for k, row in enumerate(rows) if row["answer"] == "factor")
    rows[at]["value"] = "0.77"
    code, err = judged(typed, finished, rows[: at + 1])
    assert code == 1 and f"FAULT {rows[at]['form']}, problem 1: line {at + 2}, factor" in err
    assert "claimed 0.77, right is 3/5" in err


def test_what_a_key_leaves_out_is_told(typed: Run, finished: Path) -> None:
    """One marker's papers are a key; what is missing is named, and so is what stands twice."""
    rows = answers(finished)
    form, others = rows[0]["form"], list(dict.fromkeys(row["form"] for row in rows))[1:]
    code, err = judged(typed, finished, rows[:3])
    assert code == 0 and "written.csv has 3 of the exam's 40 answers." in err
    assert f"It has nothing of {', '.join(others)}." in err
    left = "converges, minimiser (bridge b), converges (bridge b)"
    assert f"Of {form} it lacks problem 1 {left}; problem 2 v, w." in err
    code, err = judged(typed, finished, [*rows, rows[1]])
    assert code == 1 and err.count("FAULT") == 1
    assert f"FAULT {form}, problem 1: line 42 gives factor again, line 3 did already" in err


def test_a_key_as_spreadsheets_write_it(typed: Run, finished: Path) -> None:
    rows = [row | {"form": row["form"].lower()} for row in answers(finished)]
    lines = [
        " ;".join(ROWS).title(),
        *(";".join(f"{row[name]!r}" for name in ROWS) for row in rows),
    ]
    lines = [line.replace('"', '""').replace("'", '"') for line in lines]
    Path("written.csv").write_text("\ufeff" + "\r\n".join([*lines, ";;;;", ""]), newline="")
    ran = typed("verify", "--key", "written.csv", finished)
    assert ran.code == 0 and "has 40 of the exam's 40 answers." in ran.err, ran.err


def test_a_value_that_is_no_number_is_told(typed: Run, finished: Path) -> None:
    row = next(row for row in answers(finished) if row["answer"] == "factor")
    code, err = judged(typed, finished, [row | {"value": "0,6"}])
    assert code == 1 and "factor (no number: write 0.5, 1/2 or 12000): claimed 0,6" in err


def test_a_slip_is_named(typed: Run, finished: Path) -> None:
    form, slip = slip_of(finished)
    row = next(r for r in answers(finished) if (r["form"], r["answer"]) == (form, slip["answer"]))
    value = slip["value"] if isinstance(slip["value"], str) else json.dumps(slip["value"])
    code, err = judged(typed, finished, [row | {"value": value}])
    assert code == 1 and f"(the slip {slip['name']!r})" in err


def test_rows_that_are_not_asked(typed: Run, finished: Path) -> None:
    first, *_ = answers(finished)
    rows = [first | {"answer": "nonsense"}, first | {"form": "WWWWWWW"}, first | {"part": "b"}]
    code, err = judged(typed, finished, rows)
    assert code == 1 and err.count("FAULT") == 3
    assert judged(typed, finished, [])[0] == 1
    Path("bare.csv").write_text("form,problem\n")
    assert "lacks the column 'part'" in told(typed, "verify", "--key", "bare.csv", finished)


def test_a_problem_is_voided(typed: Run, copy: Path, finished: Path) -> None:
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", copy)
    assert "--void 7 names no problem of this exam." in told(typed, *words, "--void", "7")
    assert "Nothing would count" in told(typed, *words, "--void", "1", "--void", "2")
    assert contents(copy) == contents(finished)
    new = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", "new")
    assert "No exam stands in new yet." in told(typed, *new, "--void", "1")
    assert not Path("new").exists()
    ran = typed(*words, "--void", small.DESCENT)
    assert ran.code == 0 and f"Void: problem 1, {small.DESCENT}@2, 9 points." in ran.err
    assert "Made 5 keys anew; the papers are as they were." in ran.err
    code, err = judged(typed, copy, answers(copy))
    assert code == 0 and "30 rows are of void problems, and not judged." in err
    assert "written.csv has 10 of the exam's 10 answers." in err
    assert judged(typed, copy, answers(copy)[:1])[0] == 1, "nothing was examined"


def test_a_failure_ends_with_1(typed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's exit code, with one paper that failed."""
    from penwork.press.exams import run as runs
    from penwork.press.exams.run import Result

    failure = batch.Failure("K7M4QXR", small.DESCENT, "Undefined", "penwork show it", False)
    withheld = [batch.Failure(f"F{k}", small.DESCENT, "withheld", "", False) for k in range(7)]
    result = Result(Path("out"), 4, 4, [failure, *withheld])
    monkeypatch.setattr(runs, "run_exam", lambda *_: result)
    Path("my own").mkdir()
    words = ("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret")
    ran = typed(*words, "--templates", "my own")
    assert ran.code == 1
    shown = "  To see it again: penwork show it --templates 'my own'\n"
    assert f"Without paper K7M4QXR: Undefined\n{shown}" in ran.err
    assert "Check it: penwork verify out --templates 'my own'\n" in ran.err
    assert "Without papers F0, F1, F2, F3, F4 and 2 more: withheld\n" in ran.err


def test_aids_and_time_that_are_too_little_are_told(
    typed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penwork.press.exams import run as runs
    from penwork.press.exams.run import Result

    needy = SPEC.replace(small.MOMENTUM, "attention_mechanics/softmax_scale")
    Path("small.toml").write_text(f'aids = "none"\n{needy.replace("minutes = 30", "minutes = 3")}')
    monkeypatch.setattr(runs, "run_exam", lambda *_: Result(Path("out"), 5, 5))
    ran = typed("exam", "small.toml", "--roster", "class.csv", "--secret-file", "secret")
    assert ran.code == 0
    assert "softmax_scale at level 1 needs the strip of values, which this exam's aids" in ran.err
    assert re.search(r"The problems take \d+ minutes; the exam has 3\.\n", ran.err)
