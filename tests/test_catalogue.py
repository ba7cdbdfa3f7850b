"""Finding, pairing, refusing, naming the nearest; loading one template loads no other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from penwork.catalogue import VARIABLE, default_folders, load
from penwork.errors import TemplateError, UserError
from penwork.instance import make
from ran import TOYS

SOURCE = (TOYS / "toy" / "line.py").read_text(encoding="utf-8")
STATEMENT = (TOYS / "toy" / "line.tex.j2").read_text(encoding="utf-8")


def put(folder: Path, name: str, source: str = SOURCE, statement: str | None = STATEMENT) -> None:
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    if statement is not None:
        path.with_suffix("").with_suffix(".tex.j2").write_text(statement, encoding="utf-8")


def reason(folder: Path, source: str) -> str:
    put(folder, "odd/bad", source)
    catalogue = load([folder])
    with pytest.raises(TemplateError) as caught:
        catalogue.get("odd/bad")
    return str(caught.value)


def test_a_good_pair_is_found(tmp_path: Path) -> None:
    put(tmp_path, "odd/good")
    template = load([tmp_path]).get("odd/good")
    assert (template.id, template.card.category) == ("odd/good", "odd")
    assert template.route == "Adds the input w times"
    assert template.statement == STATEMENT


def test_exams_and_hidden_files_are_no_templates(tmp_path: Path) -> None:
    put(tmp_path, "exams/final")
    put(tmp_path, "odd/_helper")
    put(tmp_path, ".git/hook")
    (tmp_path / "README.md").write_text("", encoding="utf-8")
    (tmp_path / "odd" / "notes.md").write_text("", encoding="utf-8")
    assert dict(load([tmp_path]).pairs) == {}


def replaced(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new)


IN_SAMPLE = '        "n": 2,'
IN_CHECK = "    product = sum("
BAD: dict[str, tuple[str, str]] = {
    "no Python": ("def (", "no Python"),
    "null byte": ("x = '\0'", "no Python (source code"),
    "no sample": (replaced("def sample", "def sampled"), "no sample"),
    "no solve": (replaced("def solve", "def solved"), "no solve"),
    "no check": (replaced("def check", "def checked"), "no check"),
    "no problem": (replaced("problem = Problem", "task = Problem"), "no problem"),
    "no docstring": (replaced('    """Adds the input w times"""\n', ""), "docstring"),
    "empty docstring": (replaced("Adds the input w times", " "), "docstring"),
    "level 4": (replaced("minutes={1: 2,", "minutes={4: 2,"), "levels"),
    "no effort": (replaced("effort={1: (0, 100), ", "effort={"), "effort lacks level 1"),
    "draws 0": (replaced("draws=1", "draws=0"), "start at 1"),
    "raises": (SOURCE + "\n1 / 0\n", "ZeroDivisionError"),
    "float": (replaced(IN_SAMPLE, '        "n": 2.0,'), "float 2.0"),
    "float in a helper": (
        replaced(IN_SAMPLE, '        "n": helper(),') + "\n\ndef helper():\n    return 0.5\n",
        "float 0.5",
    ),
    "check solves": (replaced(IN_CHECK, "    solve(None, given)\n" + IN_CHECK), "uses solve"),
    "check solves by a helper": (
        replaced(IN_CHECK, "    other(given)\n" + IN_CHECK)
        + "\n\ndef other(given):\n    return solve(None, given)\n",
        "uses solve",
    ),
    "check draws": (replaced(IN_CHECK, "    Draw(1)\n" + IN_CHECK), "uses Draw"),
    "random": ("import random\n" + SOURCE, "imports random"),
    "late random": (replaced(IN_CHECK, "    from random import random\n" + IN_CHECK), "random"),
    "time": ("from time import time\n" + SOURCE, "imports time"),
    "os": ("import os.path\n" + SOURCE, "imports os.path"),
    "numpy.random": ("from numpy.random import default_rng\n" + SOURCE, "imports numpy.random"),
    "from numpy import random": ("from numpy import random\n" + SOURCE, "imports numpy.random"),
    "np.random": ("import numpy as np\n" + SOURCE + "\nx = np.random\n", "uses numpy.random"),
    "engine": ("from penwork.numbers import exact\n" + SOURCE, "imports penwork.numbers"),
    "package": ("import penwork\n" + SOURCE, "imports penwork"),
    "another package": ("import click\n" + SOURCE, "imports click"),
    "relative": ("from . import line\n" + SOURCE, "imports ."),
    "sympy outside check": ("import sympy\n" + SOURCE, "sympy outside check"),
    "eval": (SOURCE + "\neval('1')\n", "calls eval"),
    "open": (SOURCE + "\nopen('x')\n", "calls open"),
}


@pytest.mark.parametrize(("source", "why"), BAD.values(), ids=BAD)
def test_a_bad_template_is_refused_with_its_reason(tmp_path: Path, source: str, why: str) -> None:
    said = reason(tmp_path, source)
    assert why in said
    assert "odd/bad" in said


@pytest.mark.parametrize(
    "source",
    [
        replaced(IN_CHECK, "    import sympy\n" + IN_CHECK),
        "import math\nimport numpy as np\n" + SOURCE,
        "from penwork import author\n" + SOURCE,
        "from __future__ import annotations\n" + SOURCE,
    ],
)
def test_what_a_template_may_import(tmp_path: Path, source: str) -> None:
    put(tmp_path, "odd/good", source)
    assert load([tmp_path]).get("odd/good").id == "odd/good"


def test_refused_source_never_runs(tmp_path: Path) -> None:
    put(tmp_path, "odd/bad", f"import os\nopen({str(tmp_path / 'ran')!r}, 'w')\n" + SOURCE)
    assert load([tmp_path]).select() == []
    assert not (tmp_path / "ran").exists()


def test_what_a_template_prints_is_no_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = replaced(IN_CHECK, "    print('checking', given['n'])\n" + IN_CHECK)
    put(tmp_path, "odd/loud", "print('loading')\n" + loud)
    make(load([tmp_path]).get("odd/loud"), seed=1, level=2)
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("loading\nchecking ")


def test_a_pair_without_its_other_half(tmp_path: Path) -> None:
    put(tmp_path, "odd/one", statement=None)
    (tmp_path / "odd" / "two.tex.j2").write_text(STATEMENT, encoding="utf-8")
    catalogue = load([tmp_path])
    assert catalogue.select() == []
    assert "one.tex.j2 is missing" in catalogue.refused["odd/one"]
    assert "two.py is missing" in catalogue.refused["odd/two"]


def test_a_bad_name(tmp_path: Path) -> None:
    put(tmp_path, "odd/Bad-Name")
    catalogue = load([tmp_path])
    assert catalogue.select() == []
    assert "lower case" in catalogue.refused["odd/Bad-Name"]


def test_selection(tmp_path: Path) -> None:
    for name in ("b/two", "a/one", "b/three"):
        put(tmp_path, name)
    put(tmp_path, "b/bad", "import os\n")
    catalogue = load([tmp_path])

    def chosen(*names: str) -> list[str]:
        return [template.id for template in catalogue.select(names)]

    assert chosen() == ["a/one", "b/three", "b/two"]
    assert chosen("b") == ["b/three", "b/two"]
    assert chosen("b/two", "b", "b/two") == ["b/three", "b/two"]
    assert list(catalogue.refused) == ["b/bad"]
    with pytest.raises(TemplateError):
        catalogue.select(["b/bad"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("toy/lime", "toy/line"), ("line", "toy/line"), ("tony/line", "toy/line"), ("tooy", "toy")],
)
def test_the_nearest_names_are_suggested(typed: str, meant: str) -> None:
    with pytest.raises(UserError, match="Did you mean") as caught:
        load([TOYS]).select([typed])
    assert meant in caught.value.hint


def test_nothing_near() -> None:
    with pytest.raises(UserError, match="penwork list"):
        load([TOYS]).get("zzz/qqqqqq")


def test_one_template_loads_no_other() -> None:
    before = {name for name in sys.modules if name.startswith("_penwork_template_")}
    catalogue = load([TOYS])
    assert {n for n in sys.modules if n.startswith("_penwork_template_")} == before
    catalogue.get("toy/line")
    assert list(catalogue._loaded) == ["toy/line"]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of cards."""
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *a, **k: folder)
    return folder / "cards"


def test_what_was_found_good_is_listed_without_running_it(tmp_path: Path, shelf: Path) -> None:
    put(tmp_path / "own", "odd/good")
    first = load([tmp_path / "own"])
    [card] = first.cards()
    assert list(first._loaded) == ["odd/good"]
    again = load([tmp_path / "own"])
    assert again.cards() == again.cards(["odd"]) == again.cards(["odd/good"]) == [card]
    assert not again._loaded
    assert again.get("odd/good").card == card


@pytest.mark.parametrize("kept", ["{", "[]", '{"id": 1}', "null"])
def test_a_spoilt_card_is_written_anew(tmp_path: Path, shelf: Path, kept: str) -> None:
    put(tmp_path / "own", "odd/good")
    wanted = load([tmp_path / "own"]).cards()
    [file] = shelf.iterdir()
    file.write_text(kept)
    assert load([tmp_path / "own"]).cards() == wanted
    assert file.read_bytes() != kept.encode()


def test_a_changed_template_has_another_card(tmp_path: Path, shelf: Path) -> None:
    put(tmp_path / "own", "odd/good")
    load([tmp_path / "own"]).cards()
    put(tmp_path / "own", "odd/good", "import os\n" + SOURCE)
    catalogue = load([tmp_path / "own"])
    assert catalogue.cards() == []
    assert "os" in catalogue.refused["odd/good"]


def test_no_room_for_cards(tmp_path: Path, shelf: Path) -> None:
    shelf.parent.write_text("a file where the folder should be")
    put(tmp_path / "own", "odd/good")
    assert [card.id for card in load([tmp_path / "own"]).cards()] == ["odd/good"]


def test_cards_do_not_pile_up(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penwork.kept.MOST", 2)
    for number in range(4):
        put(tmp_path / "own", "odd/good", f"# {number}\n{SOURCE}")
        load([tmp_path / "own"]).cards()
    assert len(list(shelf.iterdir())) == 2


def test_the_same_id_twice_names_both_files(tmp_path: Path) -> None:
    put(tmp_path, "toy/line")
    with pytest.raises(UserError) as caught:
        load([TOYS, tmp_path])
    assert str(TOYS / "toy" / "line.py") in caught.value.message
    assert str(tmp_path / "toy" / "line.py") in caught.value.message


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    monkeypatch.setenv(VARIABLE, os.pathsep.join((str(one), str(two))))
    own, *others = default_folders([three, two])
    assert (own / "forward_backward").is_dir()
    assert others == [one, two, three]
    with pytest.raises(UserError, match="does not exist"):
        load([one])
