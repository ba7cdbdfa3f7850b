"""What LaTeX's commands look like in Unicode."""

from __future__ import annotations

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_SIGNS = {
    "cdot": "·", "times": "×", "div": " ÷ ", "approx": "≈", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥",
    "ne": "≠", "neq": "≠", "to": "→", "rightarrow": "→", "leftarrow": "←", "infty": "∞",
    "sum": "Σ", "prod": "∏", "partial": "∂", "nabla": "∇", "odot": "⊙", "mid": " | ",
    "ldots": "…", "dots": "…", "cdots": "⋯", "in": "∈", "pm": "±", "top": "⊤", "langle": "⟨",
    "rangle": "⟩", "ell": "ℓ", "prime": "′", "transpose": "⊤", "equiv": "≡", "circ": "°",
    "quad": "  ", "qquad": "    ", "E": "E", "R": "R", "sigm": "σ", "eot": "⟨end⟩",
    "lfloor": "⌊", "rfloor": "⌋",
    "lceil": "⌈", "rceil": "⌉", "ast": "∗",
    "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "colon": ": ", "propto": "∝",
    "textasciicircum": "^", "textasciitilde": "~", "textbackslash": "\\", "textquotedbl": '"',
    "bigl": "", "bigr": "", "Bigl": "", "Bigr": "", "displaystyle": "", "limits": "",
    "sep": "·", "noindent": "", "leavevmode": "", "nobreak": "", "strut": "", "mathstrut": "",
}  # fmt: skip
_MARKS = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "|": "‖", "\\": " ", "/": "", "-": ""}
SYMBOLS = {f"\\{name}": sign for name, sign in (_GREEK | _SIGNS | _MARKS).items()}

FUNCTIONS = {
    rf"\{name}": name
    for name in (
        "ln", "log", "exp", "sin", "cos", "tanh", "max", "min", "ReLU", "softmax", "diag", "mean",
        "var", "LSE", "mask", "det", "lim", "arg",
    )
} | {r"\argmax": "argmax"}  # fmt: skip

FONTS = {
    rf"\{name}"
    for name in (
        "mathbf", "mathrm", "mathit", "mathcal", "mathsf", "mathtt", "mathop", "mathbin",
        "mathord", "text", "textbf", "textit", "textsf", "texttt", "textrm", "emph", "mbox",
        "hbox", "tok", "operatorname", "boldsymbol",
    )
}  # fmt: skip
ACCENTS = {
    r"\hat": "\N{COMBINING CIRCUMFLEX ACCENT}",
    r"\bar": "\N{COMBINING MACRON}",
    r"\tilde": "\N{COMBINING TILDE}",
    r"\dot": "\N{COMBINING DOT ABOVE}",
    r"\vec": "\N{COMBINING RIGHT ARROW ABOVE}",
}
SUPERSCRIPTS = dict(zip("0123456789+−()=⊤inT′∗", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ᵀⁱⁿᵀ′*", strict=True))
SUBSCRIPTS = dict(
    zip("0123456789+−()=aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
