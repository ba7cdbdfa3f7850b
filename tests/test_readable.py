r"""LaTeX as text for a terminal: formulas, matrices, prose, and a whole worked problem."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import penwork
from penwork.catalogue import default_folders, load
from penwork.compose.sheet import Numbered
from penwork.instance import make
from penwork.press.render import solution
from penwork.readable import worked
from penwork.readable.box import columns
from penwork.readable.boxes import formula, prose
from penwork.readable.source import source
from ran import TOYS

ONE_ROW = [
    (r"w_1=w_0-\alpha g_0", "w₁ = w₀ − αg₀"),
    (r"4-0.05\cdot36", "4 − 0.05·36"),
    (r"-6\cdot (-3)-12", "−6·(−3) − 12"),
    (r"-\frac{3}{4}", "−3/4"),
    (r"\frac{a+b}{2}", "(a + b)/2"),
    (r"\frac{1}{\sqrt{2}}", "1/√2"),
    (r"\sqrt{a^2+b^2}", "√(a² + b²)"),
    (r"\frac{m_2}{\sqrt{d_1 d_2}}", "m₂/√(d₁d₂)"),
    (r"\frac{a}{bc}+\frac{-16}{\sqrt{3}}", "a/(bc) − 16/√3"),
    (r"f = x\ln(xy+z)", "f = x ln(xy + z)"),
    (r"\tanh' x", "tanh′x"),
    (r"\frac{\partial L}{\partial \mathbf W_2}", "∂L/∂W₂"),
    (r"v_{\infty}", "v_∞"),
    (r"e^{-0.5}", "e^(−0.5)"),
    (r"e^{2}", "e²"),
    (r"c_{new}", "c_new"),
    (r"\mathbf W^{(2)\top}\,\mathbf x", "W⁽²⁾ᵀ x"),
    (r"12\,345.5", "12 345.5"),
    (r"2.06\cdot10^{-9}", "2.06·10⁻⁹"),
    (r"\left\|\mathbf v\right\|^2", "‖v‖²"),
    (r"\left|-1.4\right|", "|−1.4|"),
    (r"p(\tok{cat}\mid\tok{the})", "p(cat | the)"),
    (r"\ln 0.3", "ln 0.3"),
    (r"\ReLU(x)", "ReLU(x)"),
    (r"\hat y", "ŷ"),
    (r"\given{w0}{w_0}{5}", "w₀ = 5"),
    (r"\val{T}{3}", "3"),
    (r"\pmx{1 & -2}", "(1  −2)"),
    (r"x\approx 0.5", "x ≈ 0.5"),
    (r"-\infty", "−∞"),
    (r"\unknown x", "unknownx"),
    (r"\frac{1}{\sqrt{d_1d_3}}", "1/√(d₁d₃)"),
    (r"u\,\mu-\frac{w}{2}\mu^2", "u μ − (w/2)μ²"),
    (r"m^2-\frac{-12}{3\cdot 2}", "m² − (−12/(3·2))"),
    (r"m=-\frac{-9}{4}", "m = −(−9/4)"),
    (r"\Delta_Y\mathbf W_2^\top", "Δ_Y W₂ᵀ"),
    (r"q^tw_0", "q^t w₀"),
    (r"(1-p)^{x-1}p", "(1 − p)^(x − 1) p"),
    (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
    (r"\frac{31\,848}{221\,058}", "31 848/221 058"),
    (r"\frac{s_{0,2}}{S_0}", "s_(0, 2)/S₀"),
    (r"\frac{f}{(1-p)^2}", "f/(1 − p)²"),
    (r"\frac{P(D,+)}{P(+)}", "P(D, +)/P(+)"),
    (r"\frac{x}{\left\|\mathbf b\right\|^2}", "x/‖b‖²"),
    (r"\frac{x}{(a)(b)}", "x/((a)(b))"),
    (r"\frac{x}{d_1d_2}", "x/(d₁d₂)"),
    (r"\ell''(p)", "ℓ″(p)"),
    (r"\term{a}{2}x^3\term{b}{-9}x^2\term{d}{+12}x", "2x³ − 9x² + 12x"),
]


@pytest.mark.parametrize(("tex", "text"), ONE_ROW)
def test_a_formula_in_a_row(tex: str, text: str) -> None:
    import unicodedata

    (row,) = formula(tex).rows
    assert unicodedata.normalize("NFC", row) == text


def test_a_matrix_stands_over_several_rows() -> None:
    assert formula(r"A=\pmx{1\z{.0} & -2 \\ 0.5 & 10 \\ 3\z{.0} & 4}\mathbf x").rows == (
        "    ⎛1    −2⎞ ",
        "A = ⎜0.5  10⎟x",
        "    ⎝3     4⎠ ",
    )


def test_prose_wraps_and_keeps_paragraphs() -> None:
    text = r"""A model \emph{learns} ``slowly'', from $w = 1$ --- \word{T}{three} steps.

    \said{causal}{yes}{It looks back.} Then \tok{the} stops."""
    assert prose(text, 30) == [
        "A model learns “slowly”, from",
        "w = 1 — three steps.",
        "",
        "It looks back. Then the stops.",
    ]


def test_a_matrix_in_prose_stays_whole() -> None:
    lines = prose(r"Let $A=\pmx{1&2\\3&4}$ be given.", 40)
    assert lines == ["Let A = ⎛1  2⎞ be given.", "        ⎝3  4⎠"]


def test_a_table() -> None:
    lines = prose(
        r"""Chances:
        \begin{nexttable}{ccc}
        after & \tok{re} & mi \\ \tablerule
        re & \val{p}{0.25} & -- \\
        \end{nexttable}
        That is all.""",
        40,
    )
    assert lines == [
        "Chances:",
        "",
        "after  re    mi",
        "───────────────",
        "re     0.25  –",
        "",
        "That is all.",
    ]


@given(st.text(alphabet="\\{}^_&$ab1-+= \n|", max_size=30))
def test_nothing_raises(tex: str) -> None:
    formula(tex)
    prose(tex, 40)


FOLDERS = [*default_folders(), TOYS]
NAMES = sorted(load(FOLDERS).pairs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_worked_problem_fits_80_columns(name: str, level: int) -> None:
    template = load(FOLDERS).get(name)
    if level not in template.problem.minutes:
        pytest.skip("no such level")
    for seed in range(3):
        instance = make(template, seed=seed, level=level)
        rows = worked(instance, 80)
        text = "\n".join(row.text for row in rows)
        assert "\\" not in text and "$" not in text and "{" not in text, text
        assert not re.search(r"\b(tablerule|pmx|nexttable)\b", text)
        assert [row.text for row in rows if columns(row.text) > 80] == []
        assert instance.title == rows[0].text
        for said in ("Solution", "If you got", "Checked:", f"seed {seed}"):
            assert said in text


def test_a_part_without_steps_gives_its_reason() -> None:
    instance = penwork.make("debugging_scenarios/nan_loss", seed=7, level=2)
    said = [line.text.strip() for line in worked(instance, 80)]
    assert said[said.index("⇒ cause: exploding gradient") - 1].startswith("every step multiplies")
    blocks = solution(Numbered(1, instance, 0), False, False)["blocks"]
    assert blocks[2]["why"] == "every step multiplies by $r$"


def test_a_part_lists_what_there_is_to_choose_from() -> None:
    instance = penwork.make("debugging_scenarios/overfitting_curves", seed=7, level=2)
    listed = "remedy: regularise / lower the learning rate / train longer"
    said = [line.text.strip() for line in worked(instance, 80)]
    assert listed in said[: said.index("Solution")]
    assert listed in source(instance).partition("Solution")[0]


def test_the_latex_of_a_problem_compiles(tmp_path: Path) -> None:
    import subprocess

    from penwork.press.engine import find_engine

    for name in NAMES:
        template = load(FOLDERS).get(name)
        level = max(template.problem.minutes)
        file = tmp_path / "problem.tex"
        file.write_text(source(make(template, seed=1, level=level)), encoding="utf-8")
        words = [str(find_engine()), "-interaction=batchmode", "-halt-on-error", file.name]
        ran = subprocess.run(words, cwd=tmp_path, check=False, capture_output=True)
        log = (tmp_path / "problem.log").read_text(encoding="utf-8", errors="replace")
        assert ran.returncode == 0, (name, [line for line in log.splitlines() if line[:1] == "!"])
