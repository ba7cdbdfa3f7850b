"""Every mistake of a person: exit code 2, one sentence on stderr, nothing written."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ran import Ran, Run

GOOD = {"w": 3, "x": 12, "b": 4, "n": 2}
LINE = "toy/line"


def refused(ran: Ran, *words: str, here: Path | None = None) -> None:
    """The answer to a mistake, and that it names what it should."""
    assert ran.code == 2, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    assert len(ran.err) < 400, ran.err
    for word in words:
        assert word in ran.err, ran.err
    written = [p for p in (here or Path.cwd()).rglob("*") if p.name != "given.json"]
    assert written == []


WRONG_WORDS: list[tuple[list[str], list[str]]] = [
    (["show", "toy/lime"], ["toy/lime", "toy/line"]),
    (["show", "toi/line"], ["toy/line"]),
    (["show", "line"], ["toy/line"]),
    (["show", "toy"], ["toy is a category", "toy/line, toy/tokens"]),
    (["show", "toi"], ["Did you mean toy/line or toy/tokens?"]),
    (["proof", "toy"], ["toy is a category", "toy/line, toy/tokens"]),
    (["show", "../../etc/passwd"], ["passwd"]),
    (["show", "x" * 5000], ["xxx"]),
    (["list", "toi"], ["toy"]),
    (["sheet", "nosuch"], ["nosuch"]),
    (["show", LINE, "--level", "4"], ["--level", "4"]),
    (["show", LINE, "--level", "two"], ["--level", "two", "from 1 to 3"]),
    (["show", "toy/tokens", "--level", "3"], ["toy/tokens", "3"]),
    (["sheet", "toy/tokens", "--level", "3"], ["level 3"]),
    (["show", LINE, "--seed", "-1"], ["--seed"]),
    (["show", LINE, "--seed", "1.5"], ["--seed"]),
    (["show", LINE, "--seed", "9" * 40], ["--seed"]),
    (["show", LINE, "--seeds", "5"], ["--seeds"]),
    (["show", LINE, "--seeds", ""], ["--seeds"]),
    (["show", LINE, "--seeds", "5-1"], ["--seeds"]),
    (["show", LINE, "--seeds", "1-99999999999"], ["--seeds"]),
    (["show", LINE, "--seed", "1", "--seeds", "1-2"], ["--seeds"]),
    (["show", LINE, "--seed", "1", "--json", "--tex"], ["--tex"]),
    (["show"], ["TEMPLATE"]),
    (["sheet", "toy", "-n", "0"], ["0"]),
    (["sheet", "toy", "-n", "-3"], ["-3"]),
    (["sheet", "toy", "-n", "ten"], ["ten"]),
    (["sheet", "toy", "-n", "1000000"], ["1000000"]),
    (["sheet", "toy", "--minutes", "0"], ["0"]),
    (["sheet", "toy", "--minutes", "1"], ["1 min"]),
    (["sheet", "toy", "--minutes", "9999999"], ["9999999", "--minutes"]),
    (["sheet", "toy", "--paper", "a3"], ["a3", "a4"]),
    (["sheet", "toy", "--space", "huge"], ["huge"]),
    (["sheet", "toy", "-o", "mine/ws.pdf"], ["mine/ws.pdf", "Write -o mine/ws."]),
    (["sheet", "toy", "--engine", "/no/pdflatex"], ["--engine"]),
    (["sheet", "--code", "rubbish"], ["code"]),
    (["sheet", "--code", ""], ["code"]),
    (["sheet", "--code", "@missing.txt"], ["missing.txt"]),
    (["sheet", "toy", "--code", "rubbish"], ["--code"]),
    (["sheet", "--code", "rubbish", "--seed", "4"], ["--seed"]),
    (["list", "--templates", "/no/such/folder"], ["/no/such/folder"]),
    (["list", "--templates", "/dev/null"], ["/dev/null is no folder"]),
    (["list", "--no-such-option"], ["--no-such-option"]),
    (["list", "--jsn"], ["'--json'? See `penwork list --help`."]),
    (["lst"], ["lst"]),
]


@pytest.mark.parametrize(("words", "named"), WRONG_WORDS, ids=lambda x: " ".join(x)[:60])
def test_wrong_words(run: Run, words: list[str], named: list[str]) -> None:
    refused(run(*words), *named)


BAD_GIVEN: list[tuple[Any, list[str]]] = [
    ({**GOOD, "x": "three"}, ["x"]),
    ({**GOOD, "x": "__import__('os').system('touch pwned')"}, ["x"]),
    ({**GOOD, "x": "2**9999"}, ["x"]),
    ({**GOOD, "x": "1/0"}, ["x"]),
    ({**GOOD, "x": None}, ["x"]),
    ({**GOOD, "x": True}, ["x"]),
    ({**GOOD, "x": {}}, ["x"]),
    ({**GOOD, "x": []}, ["x"]),
    ({**GOOD, "x": [1, 2]}, ["x"]),
    ({**GOOD, "w": 0}, ["w"]),
    ({**GOOD, "n": 2.5}, ["n"]),
    ({**GOOD, "n": 99}, ["n"]),
    ({**GOOD, "x": 10**20}, ["x"]),
    ({**GOOD, "x": "1" * 100}, ["x"]),
    ({**GOOD, "extra": 1}, ["extra"]),
    ({k: v for k, v in GOOD.items() if k != "b"}, ["b"]),
    ({}, ["It needs w, x, b, n."]),
    ([GOOD], ["object"]),
    ("text", ["object"]),
]
BAD_TEXT: list[tuple[bytes, list[str]]] = [
    (b"", ["JSON"]),
    (b"{", ["JSON"]),
    (b'{"w": 3,}', ["JSON"]),
    (b'{"w": 1, "w": 2}', ["twice"]),
    (b"[" * 100_000, ["deeper"]),
    (b'{"x": 1, "w": ' + b"[" * 20 + b"]" * 20 + b', "b": 2}', ["deeper", "in w"]),
    (b"\xff\xfe\x00", ["UTF-8"]),
    (b" " * 1_000_001, ["larger"]),
]


NO_NUMBERS: list[tuple[bytes, str]] = [
    (b"NaN", "w is NaN"),
    (b"Infinity", "w is Infinity"),
    (b"-Infinity", "w is -Infinity"),
    (b"1e999999999", "w is a number of absurd size, 1e999999999"),
    (b"9" * 100_000, "w is a number of absurd size, 99999999999999999..."),
]


@pytest.mark.parametrize(("number", "said"), NO_NUMBERS, ids=lambda x: str(x)[:30])
def test_what_is_no_number_is_named_by_its_field(run: Run, number: bytes, said: str) -> None:
    Path("given.json").write_bytes(b'{"w": ' + number + b', "x": 12, "b": 4, "n": 2}')
    refused(run("show", LINE, "--given", "given.json"), said)


@pytest.mark.parametrize(("given", "named"), BAD_GIVEN, ids=str)
def test_bad_given(run: Run, given: Any, named: list[str]) -> None:
    Path("given.json").write_text(json.dumps(given), encoding="utf-8")
    refused(run("show", LINE, "--given", "given.json"), *named)


@pytest.mark.parametrize(("content", "named"), BAD_TEXT, ids=lambda x: str(x)[:30])
def test_malformed_given(run: Run, content: bytes, named: list[str]) -> None:
    Path("given.json").write_bytes(content)
    refused(run("show", LINE, "--given", "given.json"), "given.json", *named)


def test_given_that_cannot_be_read(run: Run) -> None:
    refused(run("show", LINE, "--given", "missing.json"), "missing.json")
    refused(run("show", LINE, "--given", "."), "cannot be read")


def test_given_with_a_seed(run: Run) -> None:
    Path("given.json").write_text(json.dumps(GOOD), encoding="utf-8")
    refused(run("show", LINE, "--given", "given.json", "--seed", "1"), "--given")


def test_a_folder_that_is_a_file(run: Run) -> None:
    Path("given.json").write_text("in the way", encoding="utf-8")
    refused(run("sheet", "toy/line", "-n", "1", "-o", "given.json"), "given.json")
    refused(run("sheet", "toy/line", "-n", "1", "-o", "given.json/sub"), "given.json")
    assert Path("given.json").read_text(encoding="utf-8") == "in the way"


@pytest.mark.skipif(sys.platform == "win32" or not os.access("/proc", os.R_OK), reason="no /proc")
def test_a_folder_that_cannot_be_written(run: Run) -> None:
    refused(run("sheet", "toy/line", "-n", "1", "-o", "/proc/penwork"), "/proc/penwork")


def test_a_full_disk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("penwork.press.sheet.tempfile.mkstemp", full)
    ran = run("sheet", "toy/line", "-n", "1", "-o", "out")
    assert ran.code == 2
    assert "space" in ran.err.splitlines()[-1].lower()
    assert not Path("out").exists()
    Path("out").mkdir()
    assert run("sheet", "toy/line", "-n", "1", "-o", "out/new").code == 2
    assert not list(Path("out").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
@pytest.mark.parametrize("most", [20_000, 80_000])
@pytest.mark.parametrize("cache", ["warm", "cold"])
def test_tex_that_dies_of_a_full_disk(tmp_path: Path, cache: str, most: int) -> None:
    import resource

    words = [sys.executable, "-m", "penwork", "sheet", "-n", "5", "--seed", "1", "-o"]
    env = os.environ | ({"XDG_CACHE_HOME": str(tmp_path / "cache")} if cache == "cold" else {})
    ran = subprocess.run(
        [*words, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert ran.returncode == 2 and "Traceback" not in ran.stderr, ran
    assert "Free some space" in ran.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_folder_where_a_file_is_to_be(run: Run) -> None:
    Path("out/key.pdf").mkdir(parents=True)
    ran = run("sheet", "toy/line", "-n", "1", "-o", "out")
    assert ran.code == 2 and str(Path("out/key.pdf")) in ran.err
    assert [each.name for each in Path("out").iterdir()] == ["key.pdf"]


@pytest.mark.parametrize("kind", [errno.EACCES, errno.EISDIR, errno.ELOOP])
def test_what_the_machine_bars(run: Run, monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    def barred(*_: Any, **__: Any) -> NoReturn:
        raise OSError(kind, os.strerror(kind), "its/file")

    monkeypatch.setattr("penwork.press.sheet.print_sheet", barred)
    ran = run("sheet", "toy/line", "-n", "1")
    said = f"its/file cannot be used: {os.strerror(kind).lower()}."
    assert (ran.code, ran.out) == (2, "") and "Traceback" not in ran.err
    assert ran.err.splitlines()[-1] == f"{said} Mend its rights, or move it away."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_stdout_on_a_full_disk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", open("/dev/full", "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        ran = run("list")
    assert (ran.code, ran.err) == (2, "The disk is full. Free some space.\n")


def test_no_tex_engine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penwork.press.engine._embedded", lambda: None)
    refused(run("sheet", "toy/line", "-n", "1"), "--engine")


def test_an_engine_that_is_no_tex(run: Run) -> None:
    ran = run("sheet", "toy/line", "-n", "1", "-o", "out", "--engine", sys.executable)
    assert ran.code == 2
    assert "does not work as a pdflatex" in ran.err
    assert "Traceback" not in ran.err
    assert not list(Path.cwd().rglob("*.pdf"))


def test_a_code_whose_template_or_draws_are_not_here(run: Run) -> None:
    from penwork.compose.recipe import Item, Recipe, encode

    def code(item: Item) -> str:
        return encode(Recipe(seed=1, items=(item,)))

    refused(run("sheet", "--code", code(Item("toy/gone", 1, 2, 3, 0))), "--templates")
    refused(run("sheet", "--code", code(Item("toy/line", 9, 2, 3, 0))), "toy/line", "draws")
    refused(run("sheet", "--code", code(Item("toy/tokens", 1, 3, 3, 0))), "toy/tokens", "level")
    mistyped = code(Item("toy/line", 1, 2, 3, 0)).replace(":1:", ":2:")
    refused(run("sheet", "--code", mistyped), "mistyped")


def test_the_same_id_in_two_folders(run: Run) -> None:
    from ran import TOYS

    other = Path("other/toy")
    other.mkdir(parents=True)
    (other / "line.py").write_text("", encoding="utf-8")
    ran = run("list", "--templates", "other")
    assert ran.code == 2
    assert str(TOYS / "toy" / "line.py") in ran.err and str(other.resolve()) in ran.err


def test_the_others_work_beside_a_broken_template(run: Run) -> None:
    broken = Path("more/odd")
    broken.mkdir(parents=True)
    (broken / "bad.py").write_text("import os\n", encoding="utf-8")
    (broken / "bad.tex.j2").write_text("", encoding="utf-8")
    listed = run("list", "--templates", "more")
    assert listed.code == 0
    assert "toy/line" in listed.out and "odd/bad" in listed.err
    assert run("show", "toy/line", "--seed", "1", "--templates", "more").code == 0
    shown = run("show", "odd/bad", "--templates", "more")
    assert shown.code == 1
    assert "odd/bad" in shown.err and "Traceback" not in shown.err


def test_bytes_that_are_no_text_in_a_code_file(run: Run) -> None:
    Path("given.json").write_bytes(b"\xff\xfe\xfd")
    refused(run("sheet", "--code", "@given.json"), "given.json")


def test_the_python_interface_refuses_too() -> None:
    import penwork

    with pytest.raises(penwork.UserError, match="Did you mean"):
        penwork.make("forward_backward/gradient_decent", seed=1)
    with pytest.raises(penwork.UserError, match="level"):
        penwork.make("forward_backward/gradient_descent", seed=1, level=7)
    with pytest.raises(penwork.UserError, match="seed"):
        penwork.make("forward_backward/gradient_descent", seed=1, given={})


def test_python_that_drops_docstrings() -> None:
    words = [sys.executable, "-OO", "-m", "penwork", "show", "forward_backward/momentum_step"]
    ran = subprocess.run([*words, "--seed", "1"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "Python -OO drops what a key says of its check. Run without it.\n"
