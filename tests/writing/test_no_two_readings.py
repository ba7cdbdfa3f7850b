"""What the reader takes in one way and a person might take in another is not written."""

from __future__ import annotations

import pytest

from maths.tiny import leaf
from penwork.author import frac, hadamard, log, sin, softmax, tanh
from penwork.maths.value import Value
from writing.readback import reads_back, write

X, Y = leaf("x", 3), leaf("y", 5)
V = leaf(r"\mathbf v", [1, -2])
A, B = leaf(r"\mathbf A", [[1, 2], [3, 4]]), leaf(r"\mathbf B", [[2, 0], [1, 1]])


@pytest.mark.parametrize(
    ("name", "multiplied", "raised"),
    [
        ("a+b", "(a+b)\\,x", "(a+b)^2"),
        ("-c", "(-c)\\,x", "(-c)^2"),
        ("2d", "2d\\,x", "(2d)^2"),
        (r"\ln p", r"(\ln p)\,x", r"(\ln p)^2"),
        (r"\frac{\partial L}{\partial w}", r"\frac{\partial L}{\partial w}x",
         r"\left(\frac{\partial L}{\partial w}\right)^2"),
        ("P(D,+)", "P(D,+)\\,x", "P(D,+)^2"),
        (r"w_+", r"w_+\,x", "w_+^2"),
        (r"\left|a-b\right|", r"\left|a-b\right|\,x", r"\left|a-b\right|^2"),
    ],
)  # fmt: skip
def test_a_name_that_is_a_formula_keeps_together(name: str, multiplied: str, raised: str) -> None:
    q = leaf(name, 7)
    assert [write(q * X, False)[0], write(q**2, False)[0]] == [multiplied, raised]
    reads_back(q * X, pretty=False)
    reads_back(q**2, pretty=False)


@pytest.mark.parametrize(
    ("value", "symbols", "numbers"),
    [
        (Y * log(X) * Y, r"(y\,\ln x)\,y", r"(5\cdot \ln 3)\cdot 5"),
        (Y * sin(X) * V, r"(y\,\sin x)\,\mathbf v", r"(5\cdot \sin 3)\,\pmx{1 \\ -2}"),
        (Y * tanh(X) * Y, r"y\,\tanh (x)\,y", r"5\cdot \tanh (3)\cdot 5"),
        (Y * log(X), r"y\,\ln x", r"5\cdot \ln 3"),
        (softmax(A) @ B, r"\softmax (\mathbf A)\mathbf B",
         r"\left(\softmax \pmx{1 & 2 \\ 3 & 4}\right)\pmx{2 & 0 \\ 1 & 1}"),
        (hadamard(A, B) @ V, r"(\mathbf A\odot \mathbf B)\mathbf v",
         r"\left(\pmx{1 & 2 \\ 3 & 4}\odot \pmx{2 & 0 \\ 1 & 1}\right)\pmx{1 \\ -2}"),
        ((X * hadamard(A, B)) @ V, r"(x\,\mathbf A\odot \mathbf B)\mathbf v",
         r"\left(3\,\pmx{1 & 2 \\ 3 & 4}\odot \pmx{2 & 0 \\ 1 & 1}\right)\pmx{1 \\ -2}"),
        (X * (Y * V), r"x\,y\,\mathbf v", r"3\cdot 5\,\pmx{1 \\ -2}"),
        (X * (frac(1, 3) * V), r"x\,\frac{1}{3}\,\mathbf v", r"3\cdot \frac{1}{3}\,\pmx{1 \\ -2}"),
    ],
)  # fmt: skip
def test_a_factor_belongs_to_one_thing_only(value: Value, symbols: str, numbers: str) -> None:
    assert (write(value, False)[0], write(value, True)[0]) == (symbols, numbers)
    reads_back(value)
