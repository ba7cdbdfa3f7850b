"""The engine's numbers need their precision wherever they are computed outside `make`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penwork.numbers import precision


@pytest.fixture(autouse=True, scope="module")
def precise() -> Iterator[None]:
    """200 bits while this module's tests run."""
    with precision():
        yield
