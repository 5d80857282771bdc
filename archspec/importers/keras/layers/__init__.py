"""What each class of Keras's layers becomes: modules of rules, found by name of the class."""

from archspec.importers.keras.layers import activations, convolutions, dense, merging, norms, pools, shapes
from archspec.importers.keras.layers.base import Rule

RULES: dict[str, Rule] = {
    **activations.RULES,
    **convolutions.RULES,
    **dense.RULES,
    **merging.RULES,
    **norms.RULES,
    **pools.RULES,
    **shapes.RULES,
}
OPERATIONS: dict[str, Rule] = {**activations.OPERATIONS, **merging.OPERATIONS}
