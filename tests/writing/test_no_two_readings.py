"""What the reader takes in one way and a person might take in another is not written."""

from __future__ import annotations

import pytest

from maths.tiny import leaf
from writing.readback import reads_back, write

X = leaf("x", 3)


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
