"""What a broken template leads to."""

from __future__ import annotations

import pytest

from penwork.errors import Fault
from penwork.instance import make
from penwork.problem import Template


def fault(template: Template, rule: str, seed: int = 4) -> Fault:
    with pytest.raises(Fault) as caught:
        make(template, seed=seed, level=1)
    assert caught.value.rule == rule, caught.value
    return caught.value


def rejected(template: Template) -> str:
    """Why no try of this template is kept."""
    return fault(template, "draws").message
