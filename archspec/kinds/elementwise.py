"""Functions of each element, as one table; those with arguments or weights of their own are classes elsewhere."""

from math import inf
from types import new_class

from archspec.kinds.base import Kind, Layout, Saved
from archspec.kinds.dtypes import ANY, NUMBERS, DtypeRule, NumberRule
from archspec.kinds.elements import DOCS, Arithmetic, Elementwise, Linear, Overwriting
from archspec.records import NamedTuple

TRANSFORMERS = "https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/activations.py"


class Function(NamedTuple):
    """A function without arguments of its own, whose class is made when a spec names it."""

    name: str  # in PyTorch
    base: type[Kind]
    does: str
    saves: tuple[Saved, ...] = ("input",)
    bounds: tuple[float, float] = Kind.bounds
    clamps: bool = False
    dtypes: DtypeRule = Kind.dtypes
    layout: Layout = "elementwise"
    source: str = ""  # where PyTorch has none


KEPT = DtypeRule(NUMBERS, kept=True)
SAME = DtypeRule(ANY, kept=True)
FROM_ANY = DtypeRule(ANY)
FUNCTIONS = {
    "relu": Function(
        "ReLU", Overwriting, "y = max(x, 0).", saves=("output",), bounds=(0, inf), clamps=True, dtypes=KEPT
    ),
    "relu6": Function(
        "ReLU6", Overwriting, "y = min(max(x, 0), 6).", bounds=(0, 6), clamps=True, dtypes=KEPT, layout="like"
    ),
    "selu": Function("SELU", Overwriting, "y = 1.0507 * x for x > 0, else 1.7581 * (exp(x) - 1)."),
    "silu": Function("SiLU", Overwriting, "y = x * sigmoid(x), also called swish."),
    "mish": Function("Mish", Overwriting, "y = x * tanh(log(1 + exp(x)))."),
    "hardsigmoid": Function("Hardsigmoid", Overwriting, "y = min(max(x + 3, 0), 6) / 6.", bounds=(0, 1)),
    "hardswish": Function("Hardswish", Overwriting, "y = x * min(max(x + 3, 0), 6) / 6."),
    "hardtanh": Function(
        "Hardtanh",
        Overwriting,
        "y = min(max(x, -1), 1).",
        bounds=(-1, 1),
        clamps=True,
        dtypes=DtypeRule(NUMBERS - {"uint8"}, kept=True),
        layout="like",
    ),
    "sigmoid": Function(
        "Sigmoid", Elementwise, "y = 1 / (1 + exp(-x)).", saves=("output",), bounds=(0, 1), dtypes=DtypeRule(ANY)
    ),
    "logsigmoid": Function(
        "LogSigmoid",
        Elementwise,
        "y = log(1 / (1 + exp(-x))).",
        saves=("input", "other"),
        bounds=(-inf, 0),
        layout="contiguous",
    ),
    "tanh": Function(
        "Tanh",
        Elementwise,
        "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).",
        saves=("output",),
        bounds=(-1, 1),
        dtypes=DtypeRule(ANY),
    ),
    "softplus": Function("Softplus", Elementwise, "y = log(1 + exp(x)).", bounds=(0, inf)),
    "softsign": Function(
        "Softsign",
        Elementwise,
        "y = x / (1 + abs(x)).",
        saves=("input", "other"),
        bounds=(-1, 1),
        dtypes=DtypeRule(NUMBERS),
    ),
    "quick_gelu": Function(
        "QuickGELUActivation",
        Elementwise,
        "y = x * 1 / (1 + exp(-1.702 * x)).",
        saves=("input", "other"),
        dtypes=DtypeRule(ANY),
        source=TRANSFORMERS,
    ),
    "squared_relu": Function(
        "ReLUSquaredActivation",
        Elementwise,
        "y = max(x, 0) ** 2.",
        saves=("other",),
        bounds=(0, inf),
        dtypes=KEPT,
        source=TRANSFORMERS,
    ),
    "exp": Function("exp", Arithmetic, "y = exp(x).", ("output",), (0, inf), dtypes=FROM_ANY),
    "log": Function("log", Arithmetic, "y = log(x).", dtypes=FROM_ANY),
    "sqrt": Function("sqrt", Arithmetic, "y = sqrt(x).", ("output",), dtypes=FROM_ANY),
    "rsqrt": Function("rsqrt", Arithmetic, "y = 1 / sqrt(x).", ("output",), dtypes=FROM_ANY),
    "reciprocal": Function("reciprocal", Arithmetic, "y = 1 / x.", ("output",), dtypes=FROM_ANY),
    "square": Function("square", Arithmetic, "y = x * x.", bounds=(0, inf), dtypes=NumberRule(ANY, kept=True)),
    "neg": Function("neg", Linear, "y = -x.", (), dtypes=KEPT),
    "abs": Function("abs", Arithmetic, "y = abs(x).", bounds=(0, inf), dtypes=KEPT),
    "sign": Function("sign", Arithmetic, "y = 1 for x > 0, else (-1 if x < 0 else 0).", (), (-1, 1), dtypes=SAME),
    "floor": Function("floor", Arithmetic, "y = floor(x).", (), dtypes=KEPT),
    "ceil": Function("ceil", Arithmetic, "y = ceil(x).", (), dtypes=KEPT),
    "round": Function("round", Arithmetic, "y = round(x).", (), dtypes=KEPT),
    "sin": Function("sin", Arithmetic, "y = sin(x).", bounds=(-1, 1), dtypes=FROM_ANY),
    "cos": Function("cos", Arithmetic, "y = cos(x).", bounds=(-1, 1), dtypes=FROM_ANY),
    "erf": Function("erf", Arithmetic, "y = erf(x).", bounds=(-1, 1), dtypes=FROM_ANY),
    "logical_not": Function(
        "logical_not", Arithmetic, "y = x == 0, as a bool.", (), (0, 1), dtypes=DtypeRule(ANY, gives="bool")
    ),
}


def define(kind: str) -> type[Kind]:
    """Make the class of a function."""
    function = FUNCTIONS[kind]
    body = {
        "__doc__": function.does,
        "__module__": __name__,
        "saves": function.saves,
        "bounds": function.bounds,
        "clamps": function.clamps,
        "dtypes": function.dtypes,
        "layout": function.layout,
        "source": function.source or f"{DOCS}torch.{'nn.' * function.name[0].isupper()}{function.name}.html",
    }
    made: type[Kind] = new_class(function.name, (function.base,), {"kind": kind}, lambda space: space.update(body))
    globals()[function.name] = made
    return made


def __getattr__(name: str) -> type[Kind]:
    """The class of a function, which a pickled layer calls by its name."""
    for kind, function in FUNCTIONS.items():
        if function.name == name:
            return define(kind)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
