"""What the commands print, write and return when nothing is wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from penwork import __version__
from penwork.cli.making import FEW, Job, make_all, make_job
from ran import TOYS, Run

ENGINE = Path(__file__).parents[2] / "generator"


def piped(words: str, most: int = 1) -> tuple[int, bytes, bytes]:
    """Exit code, stderr and first lines of penwork, whose reader then goes."""
    environment = os.environ | {"PYTHONPATH": str(ENGINE)}
    command = [sys.executable, "-m", "penwork", *words.split()]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        lines = b"".join(process.stdout.readline() for _ in range(most))
        process.stdout.close()
        return process.wait(60), process.stderr.read(), lines


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ")
@pytest.mark.parametrize("more", ["", " --json"])
def test_nobody_reads_on(more: str) -> None:
    words = f"show forward_backward/gradient_descent --seeds 1-5000{more}"
    code, err, lines = piped(words)
    assert (code, err) == (130, b"")
    assert lines


@pytest.mark.parametrize("module", ["click", "penwork.cli.audit", "numpy"])
def test_ctrl_c_while_it_starts(module: str) -> None:
    code = (
        "import runpy, sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "sys.argv = ['penwork', 'show', 'forward_backward/gradient_descent']\n"
        "runpy.run_module('penwork', run_name='__main__')"
    )
    environment = os.environ | {"PYTHONPATH": str(ENGINE)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 130
    assert "Traceback" not in ran.stderr


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"penwork {__version__}\n"
    helped = run("--help")
    assert helped.code == 0
    for command in ("list", "show", "sheet", "doctor"):
        assert command in helped.out
        assert run(command, "--help").code == 0
        assert "<=" not in run(command, "--help").out
    assert "..." not in helped.out.partition("Commands:")[2]


def test_no_words_at_all(run: Run) -> None:
    ran = run()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: penwork" in ran.err


@pytest.mark.parametrize("words", [["--help"], ["sheet", "--help"], ["--version"]])
def test_help_needs_no_numpy(words: list[str]) -> None:
    code = (
        "import sys; from penwork.cli import main; main(sys.argv[1:]);"
        "sys.exit(bool({'numpy', 'sympy', 'gmpy2', 'rich', 'jinja2'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(ENGINE)}
    words = [sys.executable, "-c", code, *words]
    assert subprocess.run(words, env=environment, check=False, capture_output=True).returncode == 0


def test_list(run: Run) -> None:
    ran = run("list", "toy")
    assert ran.code == 0
    assert "toy/line" in ran.out and "A line (2, 3, 4 min)" in ran.out
    assert "gradient_descent" not in ran.out
    rows = json.loads(run("list", "toy", "--json").out)
    assert [row["id"] for row in rows] == ["toy/line", "toy/tokens"]
    every = json.loads(run("list", "--json").out)
    assert "forward_backward/gradient_descent" in {row["id"] for row in every}


def test_templates_by_option_and_by_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PENWORK_TEMPLATES")
    assert run("list", "toy").code == 2
    assert run("list", "toy", "--templates", TOYS).code == 0
    assert run("show", "toy/line", "--seed", "1", "--templates", TOYS).code == 0


def test_show_prints_a_problem_with_its_solution(run: Run) -> None:
    ran = run("show", "toy/line", "--seed", "1")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    for said in ("A line", "level 2, seed 1", "Solution", "If you got", "Checked:"):
        assert said in ran.out


def test_a_seed_of_chance_is_told_and_can_be_repeated(run: Run) -> None:
    first = run("show", "toy/line", "--level", "3")
    found = re.search(r"seed (\d+)", first.out)
    assert found
    assert run("show", "toy/line", "--level", "3", "--seed", found[1]).out == first.out


def test_streams_that_were_closed_before_the_start(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", None)
    assert run("sheet", "toy/line", "-n", "1").code == 0
    monkeypatch.setattr("sys.stdout", None)
    assert run("show", "toy/line").code == 0


def test_show_json(run: Run) -> None:
    one = json.loads(run("show", "toy/line", "--seed", "2", "--json").out)
    lines = run("show", "toy/line", "--seeds", "1-3", "--json").out.splitlines()
    assert [json.loads(line)["seed"] for line in lines] == [1, 2, 3]
    assert json.loads(lines[1]) == one
    assert one["level"] == 2


def test_show_seeds_for_a_reader(run: Run) -> None:
    out = run("show", "toy/line", "--seeds", "1-2").out
    assert out.count("Solution") == 2 and "─" * 20 in out


def test_show_tex(run: Run) -> None:
    out = run("show", "toy/line", "--seed", "2", "--tex").out
    assert out.startswith("% penwork: toy/line v1, level 2, seed 2\n")
    assert r"\end{document}" in out


@pytest.mark.parametrize("x", [12, 12.5, "25/2", "12.5"])
def test_show_given(run: Run, x: object) -> None:
    given = {"w": 3, "x": x, "b": 0.1, "n": 2}
    Path("given.json").write_text(json.dumps(given), encoding="utf-8")
    ran = run("show", "toy/line", "--given", "given.json", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["seed"] is None
    assert found["given"]["b"] == "1/10"
    assert found["answers"]["y"]["value"] == ("361/10" if x == 12 else "188/5")


def test_given_saved_with_a_byte_order_mark(run: Run) -> None:
    given = json.dumps({"w": 3, "x": 12, "b": 4, "n": 2}).encode("utf-8-sig")
    Path("given.json").write_bytes(given)
    assert run("show", "toy/line", "--given", "given.json").code == 0


def code_of(run: Run, *words: str) -> str:
    """The code that a sheet's key carries."""
    import pikepdf

    assert run("sheet", *words, "-o", "out").code == 0
    with pikepdf.open("out/key.pdf") as key:
        return str(json.loads(key.attachments["key.json"].get_file().read_bytes())["code"])


def test_sheet(run: Run) -> None:
    ran = run("sheet", "toy", "-n", "3", "--seed", "5", "-o", "out", "--keep-tex")
    assert (ran.code, ran.out) == (0, "")
    assert sorted(p.name for p in Path("out").iterdir()) == ["key.pdf", "tex", "worksheet.pdf"]
    assert (Path("out") / "tex" / "worksheet.tex").is_file()
    told = ran.err.splitlines()
    assert told[-3:] == [
        f"Wrote {Path('out') / 'worksheet.pdf'}",
        f"Wrote {Path('out') / 'key.pdf'}",
        "Another one: penwork sheet toy --seed 6 -n 3 -o out --keep-tex",
    ]


def test_the_line_for_another_one_can_be_typed_as_it_stands(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `make sheet`, whose penwork is in .venv/bin, where no shell looks."""
    there = tmp_path / "my bin" / "penwork"
    there.parent.mkdir()
    there.write_text("", encoding="utf-8")
    there.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(there)])
    for path, called in ((os.defpath, f"'{there}'"), (str(there.parent), "penwork")):
        monkeypatch.setenv("PATH", path)
        told = run("sheet", "toy", "-n", "1", "--seed", "5", "-o", "penwork").err.splitlines()
        assert told[-1] == f"Another one: {called} sheet toy --seed 6 -n 1 -o penwork"


def test_the_key_carries_its_json_and_the_worksheet_nothing(run: Run) -> None:
    import pikepdf

    assert run("sheet", "toy/line", "-n", "2", "--seed", "5").code == 0
    with pikepdf.open("output/key.pdf") as key, pikepdf.open("output/worksheet.pdf") as worksheet:
        carried = json.loads(key.attachments["key.json"].get_file().read_bytes())
        assert not worksheet.attachments
    problem = carried["problems"][0]
    words = ["--seed", str(problem["seed"]), "--level", str(problem["level"])]
    assert json.loads(run("show", "toy/line", *words, "--json").out) == problem


def test_a_code_brings_the_sheet_back(run: Run) -> None:
    code = code_of(run, "toy", "-n", "4", "--seed", "9", "--space", "none", "--paper", "letter")
    first = {p.name: p.read_bytes() for p in Path("out").iterdir()}
    Path("code.txt").write_text(code + "\n", encoding="utf-8")
    for given in (code, "@code.txt"):
        assert run("sheet", "--code", given, "-o", "again").code == 0
        assert {p.name: p.read_bytes() for p in Path("again").iterdir()} == first


def test_another_sheet_like_that_of_a_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PENWORK_TEMPLATES")
    own = ("--templates", str(TOYS))
    code = code_of(run, "toy", *own, "-n", "3", "--level", "2", "--seed", "9", "--answers-only")
    told = run("sheet", "--code", code, "-o", "my sheets", *own).err.splitlines()[-1]
    line = shlex.split(told.removeprefix("Another one: penwork "))
    wanted = "sheet toy/line toy/tokens --seed 10 -n 3 --level 2 --paper a4 --space work"
    assert line == [*wanted.split(), "-o", "my sheets", "--answers-only", *own]
    assert run(*line).code == 0


def test_selection_by_minutes_and_level(run: Run) -> None:
    import pikepdf

    assert run("sheet", "toy/line", "--minutes", "9", "--level", "3", "--seed", "1").code == 0
    with pikepdf.open("output/key.pdf") as key:
        carried = json.loads(key.attachments["key.json"].get_file().read_bytes())
    assert [problem["level"] for problem in carried["problems"]] == [3, 3]


def test_many_cores_make_what_one_makes() -> None:
    from penwork.catalogue import load
    from penwork.document import document

    jobs = [Job("toy/line", 1 + seed % 3, seed) for seed in range(FEW + 1)]
    ticks: list[None] = []
    catalogue = load([TOYS])
    counter = nullcontext(lambda: ticks.append(None))
    many = make_all(make_job, catalogue, [TOYS], jobs, counter)
    one = [make_job(catalogue, job) for job in jobs]
    assert [document(i) for i in many] == [document(i) for i in one]
    assert len(ticks) == len(jobs)


def test_a_fault_among_many_is_told_whole(tmp_path: Path) -> None:
    from penwork.catalogue import load
    from penwork.errors import Fault

    source = (TOYS / "toy" / "line.py").read_text(encoding="utf-8")
    wrong = source.replace('product + given["b"]}', 'product + given["b"] + (product > 400)}')
    assert wrong != source
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "bad.py").write_text(wrong, encoding="utf-8")
    statement = (TOYS / "toy" / "line.tex.j2").read_bytes()
    (tmp_path / "odd" / "bad.tex.j2").write_bytes(statement)
    jobs = [Job("odd/bad", 2, seed) for seed in range(FEW + 1)]
    with pytest.raises(Fault, match="penwork show odd/bad --seed"):
        make_all(make_job, load([tmp_path]), [tmp_path], jobs, nullcontext(lambda: None))


def test_a_faulty_template_stops_the_run(run: Run) -> None:
    source = (TOYS / "toy" / "line.py").read_text(encoding="utf-8")
    folder = Path("more folder/odd")
    folder.mkdir(parents=True)
    wrong = source.replace('product + given["b"]}', 'product - given["b"]}')
    (folder / "bad.py").write_text(wrong, encoding="utf-8")
    (folder / "bad.tex.j2").write_bytes((TOYS / "toy" / "line.tex.j2").read_bytes())
    ran = run("sheet", "odd", "-n", "2", "--seed", "1", "--templates", "more folder", "-o", "out")
    assert ran.code == 1 and "Traceback" not in ran.err
    assert not list(Path.cwd().rglob("*.pdf"))
    replay = ran.err.strip().splitlines()[-1].removeprefix("To see it again: penwork ")
    assert replay.endswith("--templates 'more folder'")
    again = run(*shlex.split(replay))
    assert again.code == 1
    assert again.err.splitlines()[0].startswith("odd/bad v1")


def test_an_unforeseen_error_prints_its_replay_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("penwork.readable.worked", broken)
    ran = run("show", "toy/line")
    assert ran.code == 1
    assert "RuntimeError: unforeseen" in ran.err
    last = ran.err.splitlines()[-1]
    assert re.fullmatch(r"To see it again: penwork show toy/line --seed \d+", last)


def test_doctor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    well = run("doctor")
    assert well.code == 0
    for said in (f"penwork    {__version__}", "pdflatex", "cache", "probe", "0 refused"):
        assert said in well.out
    monkeypatch.setenv("PENWORK_PDFLATEX", "/no/pdflatex")
    ill = run("doctor")
    assert ill.code == 1 and "BROKEN" in ill.out


def test_doctor_names_a_broken_template(run: Run) -> None:
    folder = Path("more/odd")
    folder.mkdir(parents=True)
    (folder / "bad.py").write_text("import os\n", encoding="utf-8")
    ran = run("doctor", "--templates", "more")
    assert ran.code == 1 and "odd/bad" in ran.out
    assert run("doctor", "--templates", "nowhere").code == 1


@pytest.fixture
def big(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A sheet that takes long, in a process group of its own."""
    words = ["-m", "penwork", "sheet", "toy", "-n", "3000", "--templates", str(TOYS), "-o", "out"]
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ENGINE)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("stage", ["Making", "Typesetting"])
def test_ctrl_c_leaves_no_file(big: subprocess.Popen[str], tmp_path: Path, stage: str) -> None:
    assert big.stderr is not None
    while not big.stderr.readline().startswith(stage):
        assert big.poll() is None
    try:
        big.wait(0.5)
    except subprocess.TimeoutExpired:
        os.killpg(big.pid, signal.SIGINT)
    assert big.wait(20) == 130
    assert "Traceback" not in big.stderr.read()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
