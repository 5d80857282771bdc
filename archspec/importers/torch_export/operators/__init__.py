"""PyTorch's operators, by what `torch.ops.aten` calls them: modules of rules."""

from archspec.importers.torch_export.calls import Rule
from archspec.importers.torch_export.operators import elementwise, products, recurrent, shapes, sources, windows

RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **products.RULES,
    **recurrent.RULES,
    **shapes.RULES,
    **sources.RULES,
    **windows.RULES,
}
