"""All that a template may import, under the names that authors write."""

from penwork.figures import Bars, Block, Curve, Flow, Grid, Mark, Network, Node, Plot, Tree
from penwork.maths.batches import Counts as counts
from penwork.maths.batches import VectorOrMatrix as vector_or_matrix
from penwork.maths.functions import (
    absolute,
    beside,
    by_rows,
    columns,
    cos,
    exp,
    frac,
    hadamard,
    less_by_rows,
    log,
    log2,
    log_sum_exp,
    mask,
    mask_future,
    mean,
    norm,
    only,
    outer,
    positive,
    power,
    relu,
    repeat,
    row_squares,
    row_sums,
    rows,
    sigmoid,
    sin,
    softmax,
    sqrt,
    stack,
    tanh,
    total,
    variance,
)
from penwork.maths.given import Choice as choice
from penwork.maths.given import Count as count
from penwork.maths.given import Flag as flag
from penwork.maths.given import Matrix as matrix
from penwork.maths.given import Scalar as scalar
from penwork.maths.given import Table as table
from penwork.maths.given import Token as token
from penwork.maths.given import Tokens as tokens
from penwork.maths.given import Vector as vector
from penwork.maths.records import Option as option
from penwork.maths.records import Position as position
from penwork.maths.records import Slip as slip
from penwork.problem import Problem
from penwork.writing.digits import label_tex as show
from penwork.writing.digits import token_tex as tok

__all__ = [
    "Bars",
    "Block",
    "Curve",
    "Flow",
    "Grid",
    "Mark",
    "Network",
    "Node",
    "Plot",
    "Problem",
    "Tree",
    "absolute",
    "beside",
    "by_rows",
    "choice",
    "columns",
    "cos",
    "count",
    "counts",
    "exp",
    "flag",
    "frac",
    "hadamard",
    "less_by_rows",
    "log",
    "log2",
    "log_sum_exp",
    "mask",
    "mask_future",
    "matrix",
    "mean",
    "norm",
    "only",
    "option",
    "outer",
    "position",
    "positive",
    "power",
    "relu",
    "repeat",
    "row_squares",
    "row_sums",
    "rows",
    "scalar",
    "show",
    "sigmoid",
    "sin",
    "slip",
    "softmax",
    "sqrt",
    "stack",
    "table",
    "tanh",
    "tok",
    "token",
    "tokens",
    "total",
    "variance",
    "vector",
    "vector_or_matrix",
]
