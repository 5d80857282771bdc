"""What each class of Keras's layers becomes: modules of rules, found by name of the class."""

from archspec.importers.keras.layers import (
    activations,
    attention,
    convolutions,
    dense,
    merging,
    norms,
    pools,
    recurrent,
    shapes,
)
from archspec.importers.keras.layers.base import Rule

RULES: dict[str, Rule] = {
    **activations.RULES,
    **attention.RULES,
    **convolutions.RULES,
    **dense.RULES,
    **merging.RULES,
    **norms.RULES,
    **pools.RULES,
    **recurrent.RULES,
    **shapes.RULES,
}
OPERATIONS: dict[str, Rule] = {**activations.OPERATIONS, **merging.OPERATIONS}
