"""Pen-and-paper problems about deep learning, each with a certified worked solution.

    import penwork
    instance = penwork.make("forward_backward/gradient_descent", seed=7)
    instance.answers["weights"].value

`make` gives an `Instance` (see penwork.model), `templates` names what there is, and
`penwork.document.document(instance)` is the object that `penwork show --json` prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penwork.errors import Fault, TemplateError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from penwork.model import Instance
    from penwork.problem import Template

__version__ = "0.1.0"
__all__ = ["Fault", "TemplateError", "UserError", "__version__", "make", "templates"]


def make(
    id: str,
    seed: int | None = None,
    level: int = 2,
    given: Mapping[str, Any] | None = None,
    templates: Iterable[str | Path] = (),
) -> Instance:
    """A certified instance of the template `id`: of a seed, of your own `given`, or of chance.

    `templates` are further folders of templates. What is wrong with the arguments raises
    UserError; a broken template raises Fault or TemplateError.
    """
    import secrets

    from penwork import catalogue, instance
    from penwork.draw import SEEDS

    template = catalogue.load(catalogue.default_folders(templates)).get(id, level)
    if given is not None:
        if seed is not None:
            raise UserError("Both a seed and a given were passed.", "Pass one of them.")
        return instance.make_given(template, given, level=level)
    return instance.make(
        template, seed=secrets.randbelow(SEEDS) if seed is None else seed, level=level
    )


def templates(folders: Iterable[str | Path] = ()) -> list[Template]:
    """Every usable template, in the order of their ids; `folders` are searched as well."""
    from penwork import catalogue

    return catalogue.load(catalogue.default_folders(folders)).select()
