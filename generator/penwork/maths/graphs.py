"""The declaration of a graph: its edges, as pairs of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from penwork.errors import UserError
from penwork.maths.fields import Field
from penwork.maths.given import Given, Matrix


@dataclass(frozen=True, slots=True)
class Edges(Given):
    """Undirected edges [[1, 2], [2, 3]] between nodes that count from 1; solve gets int pairs.

    No edge joins a node to itself, none is named twice. `nodes` is the dimension that says how
    many nodes there are; a given of that dimension must be declared before.
    """

    nodes: str = "n"

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        pairs = Matrix(rows=f"pairs of {where}", columns=2, integer=True, most=256).read(
            where, raw, sizes
        )
        nodes, seen = sizes[self.nodes][0], set()
        for k, (one, other) in enumerate(pairs):
            if not (1 <= one <= nodes and 1 <= other <= nodes):
                raise UserError(
                    f"{where}[{k}] joins nodes that are not there.", f"There are 1 to {nodes}."
                )
            if one == other:
                raise UserError(f"{where}[{k}] joins node {one} to itself.", "Leave it out.")
            if frozenset((one, other)) in seen:
                raise UserError(f"{where}[{k}] was named before.", "Name each edge once.")
            seen.add(frozenset((one, other)))
        return pairs

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return None if stored is None else [(int(one), int(other)) for one, other in stored]
