r"""A problem with its solution as a small LaTeX document: article, amsmath, and what it names."""

from __future__ import annotations

from penwork.escape import escape
from penwork.model import Answer, Instance, Line, Step
from penwork.readable import choices

_VOCABULARY = {
    r"\pmx": r"\newcommand{\pmx}[1]{\begin{pmatrix}#1\end{pmatrix}}",
    r"\z": r"\newcommand{\z}[1]{\phantom{#1}}",
    r"\given": r"\newcommand{\given}[3]{\ensuremath{#2=#3}}",
    r"\givens": r"\newcommand{\givens}[1]{\par #1\par}",
    r"\term": r"\newcommand{\term}[2]{#2}",
    r"\val": r"\newcommand{\val}[2]{\ensuremath{#2}}",
    r"\word": r"\newcommand{\word}[2]{#2}",
    r"\said": r"\newcommand{\said}[3]{#3}",
    r"\tok": r"\newcommand{\tok}[1]{\textsf{#1}}",
    r"\sep": r"\newcommand{\sep}{\textperiodcentered}",
    r"\eot": r"\newcommand{\eot}{\textsf{\ensuremath{\langle}end\ensuremath{\rangle}}}",
    r"\E": r"\newcommand{\E}{\mathbf{E}}",
    r"\R": r"\newcommand{\R}{\mathbf{R}}",
    r"\sigm": r"\newcommand{\sigm}{\sigma}",
    r"\transpose": r"\newcommand{\transpose}{\top}",
    r"\ReLU": r"\DeclareMathOperator{\ReLU}{ReLU}",
    r"\softmax": r"\DeclareMathOperator{\softmax}{softmax}",
    r"\mask": r"\DeclareMathOperator{\mask}{mask}",
    r"\diag": r"\DeclareMathOperator{\diag}{diag}",
    r"\mean": r"\DeclareMathOperator{\mean}{mean}",
    r"\var": r"\DeclareMathOperator{\var}{var}",
    r"\LSE": r"\DeclareMathOperator{\LSE}{LSE}",
    r"\tablerule": r"\newcommand{\tablerule}{\hline}",
    r"\begin{nexttable": (
        r"\newenvironment{nexttable}[1]{\center\tabular{l#1}}{\endtabular\endcenter}"
    ),
    r"\argmax": r"\DeclareMathOperator*{\argmax}{arg\,max}",
}


def source(instance: Instance) -> str:
    """The document; any LaTeX takes it, and its pieces can be copied elsewhere."""
    body = "\n".join(_body(instance))
    named = [line for name, line in _VOCABULARY.items() if _names(body, name)]
    seed = "own numbers" if instance.seed is None else f"seed {instance.seed}"
    head = [
        f"% penwork: {instance.id} v{instance.version}, level {instance.level}, {seed}",
        r"\documentclass{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage{lmodern,amsmath}",
        *named,
        r"\begin{document}",
    ]
    return "\n".join([*head, body, r"\end{document}"])


def _names(body: str, command: str) -> bool:
    return any(not after[:1].isalpha() for after in body.split(command)[1:])


def _body(instance: Instance) -> list[str]:
    out = [rf"\section*{{{escape(instance.title)}}}", instance.statement, r"\begin{enumerate}"]
    for part in instance.parts:
        asked = [instance.answers[name] for name in part.asks]
        out += [rf"\item[{part.letter})] {part.text} [{part.points}]"]
        out += [rf"\par {choices(answer)}" for answer in asked if answer.type == "choice"]
    out += [r"\end{enumerate}", r"\subsection*{Solution}"]
    for part in instance.parts:
        out.append(rf"\paragraph{{{part.letter})}}")
        for step in instance.steps:
            if step.part == part.letter and step.printed:
                out += _step(step)
        out += [_answer(instance.answers[name]) for name in part.asks]
    if instance.slips:
        out += [r"\subsection*{If you got}", r"\begin{itemize}"]
        out += [rf"\item {slip.latex}: {slip.name} ({slip.belief})" for slip in instance.slips]
        out.append(r"\end{itemize}")
    return [*out, instance.insight]


def _step(step: Step) -> list[str]:
    lines = " \\\\\n".join(_line(line) for line in step.lines)
    worked = [rf"\textit{{{step.why}}}", rf"\begin{{align*}}{lines}\end{{align*}}"]
    return [*worked, step.decision] if step.decision else worked


def _line(line: Line) -> str:
    mark = r"\rightarrow\;" if line.kept else ""
    return f"{mark}{line.lhs} & " + " ".join(f"{relation} {text}" for relation, text in line.chain)


def _answer(answer: Answer) -> str:
    words = answer.type in ("choice", "text", "sequence")
    printed = answer.printed if words else f"${answer.printed}$"
    return rf"\textbf{{{escape(answer.name)}}}: {printed}" + "\n"
