"""ONNX's operators as archspec's kinds: a module for each family, each with its table of rules."""

from archspec.importers.onnx.operators import elementwise, norms, pools, products, recurrent, scatter, shapes, spreading
from archspec.importers.onnx.operators.base import Rule

RULES: dict[str, Rule] = {
    **products.RULES,
    **pools.RULES,
    **norms.RULES,
    **elementwise.RULES,
    **shapes.RULES,
    **spreading.RULES,
    **recurrent.RULES,
    **scatter.RULES,
}
