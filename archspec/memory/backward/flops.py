"""Operations of the backward pass: each layer's gradients of inputs and of weights, where they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.analysis.count import Ledger
from archspec.analysis.metrics import OWN
from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.conventions.loader import convention
from archspec.errors import ArchspecError, SpecError
from archspec.expr import Expr
from archspec.memory.autograd.kept import gradients
from archspec.memory.backward.model import GRADIENTS, MOST_INPUTS, Backward
from archspec.memory.files import load
from archspec.memory.measured import Measured, Part
from archspec.memory.program import Operation, Program, program
from archspec.memory.training.checkpoints import blocks
from archspec.memory.training.lora import adapted, has_adapter, lora, products
from archspec.memory.training.settings import TrainingSettings
from archspec.records import NamedTuple


class Step(NamedTuple):
    """Operations of one pass forward and backward: of contractions forward, of those that run again because their
    block keeps its inputs only, and the two gradients of each layer by path.

    ``unknown`` are the layers that the convention has no rule for, by kind.
    """

    forward: int
    again: int
    layers: dict[str, dict[str, int]]
    unknown: dict[str, list[str]]

    def total(self, gradient: str) -> int:
        """All of one sort."""
        return sum(each.get(gradient, 0) for each in self.layers.values())

    @property
    def backward(self) -> int:
        """Those of the backward pass."""
        return sum(map(self.total, GRADIENTS))

    @property
    def whole(self) -> int:
        """All of them."""
        return self.forward + self.again + self.backward


def backward(report: Report, settings: TrainingSettings) -> Measured:
    """The backward pass by the convention that the settings name; with the samples of an epoch, that too."""
    rules = load("backward", settings.backward, Backward, "convention of the backward pass")
    step = stepped(report, rules, settings)
    words = {"grad_input": "gradients of the layers' inputs", "grad_weight": "gradients of the weights"}
    parts = [
        Part(f"backward: {key}", "backward_flops", step.total(key), f"{words[key]}, by {rules.backward}", rules.source)
        for key in GRADIENTS
    ]
    passes = settings.accumulate or 1
    how = f"{step.forward:,} of contractions forward + {step.backward:,} backward"
    if step.again:
        how += f" + {step.again:,} forward once more"
    if passes > 1:
        how = f"{passes:,} x ({how})"
    parts.append(Part("step FLOPs", "step_flops", passes * step.whole, how, rules.source))
    totals = {"backward_flops": step.backward, "step_flops": passes * step.whole}
    if settings.samples is not None:
        totals["epoch_flops"], how = epoch(report, rules, settings, step.whole, settings.samples)
        parts.append(Part("epoch FLOPs", "epoch_flops", totals["epoch_flops"], how, rules.source))
    layers = {
        path: {f"{key}_flops": value for key, value in gradient.items()} for path, gradient in step.layers.items()
    }
    warnings = tuple(
        f"{rules.backward} does not know the backward pass of {len(paths)} {kind}, as {paths[0]}: not counted"
        for kind, paths in step.unknown.items()
    )
    return Measured(totals, tuple(parts), layers, warnings)


def epoch(report: Report, rules: Backward, settings: TrainingSettings, whole: int, samples: int) -> tuple[int, str]:
    """All passes over so many samples, the last one smaller where they do not come out even."""
    batch = report.setting.batch
    passes, rest = divmod(samples, batch)
    total, how = passes * whole, f"{passes:,} batches of {batch:,}"
    if rest:
        last = stepped(run(report.spec, report.setting._replace(batch=rest)), rules, settings)
        total, how = total + last.whole, f"{how} and one of {rest:,}"
    return total, how


def stepped(report: Report, rules: Backward, settings: TrainingSettings) -> Step:
    """One pass forward and backward in training. Raises ArchspecError for a formula without a value."""
    training = program(report.graph, training=True)
    adapter = None if settings.lora is None else lora(settings.lora)
    if adapter is not None:
        training = adapted(training, adapter)
    needed, reached = gradients(training), reaching(training)
    blocks_of = blocks(report.graph, settings.checkpoint) if settings.checkpoint else {}
    ledger = Ledger(report.graph, report.setting.dtype, [convention(OWN)])
    counter = _Counter(rules)
    costs: dict[str, int] = {}
    running: set[str] = set()  # blocks that the backward pass comes to
    layers, unknown = dict[str, dict[str, int]](), dict[str, list[str]]()
    for number, operation in enumerate(training.operations):
        call = ledger.call(operation.layer, operation.state._replace(train=False))
        macs, kind = call.columns[OWN]["macs"], operation.layer.traits.kind.kind
        thin = None if adapter is None or not has_adapter(operation, adapter) else products(operation, adapter)
        costs[operation.path] = 2 * (macs + sum(thin or ()))
        needs = tuple(needed[value] for value in operation.inputs)
        if not reached[number] or not (operation.trained or any(needs)):
            continue
        running.add(blocks_of.get(operation.path, ""))
        if kind in rules.rules:
            own = operation if adapter is None else operation._replace(trained=frozenset())
            layers[operation.path] = counter.count(own, needs, {**call.facts, "macs": macs})
        elif macs:
            unknown.setdefault(kind, []).append(operation.path)
        if thin is not None:
            # Both matrices learn, B hands a gradient to A, and A to what is before where something learns there.
            gradient = layers[operation.path]
            gradient["grad_weight"] += 2 * sum(thin)
            gradient["grad_input"] += 2 * (thin[1] + (thin[0] if any(needs) else 0))
    again = sum(cost for path, cost in costs.items() if blocks_of.get(path) in running)
    return Step(sum(costs.values()), again, layers, unknown)


def reaching(program: Program) -> list[bool]:
    """Of each operation, whether a gradient comes back to it: from a result, or from what runs in training alone and
    serves no other layer, which is there for a loss of its own."""
    ends = set(program.outputs)
    taken = {value for operation in program.operations for value in operation.inputs}
    reached = [False] * len(program.operations)
    for number in reversed(range(len(program.operations))):
        operation = program.operations[number]
        loss = operation.state.train and not taken & {*operation.outputs}
        reached[number] = loss or not ends.isdisjoint(operation.outputs)
        if reached[number]:
            ends.update(operation.inputs)
    return reached


class _Counter:
    """Counts the layers, those alike once."""

    def __init__(self, rules: Backward) -> None:
        self.rules = rules
        self.known: dict[Any, dict[str, int]] = {}
        self.calls: dict[int, tuple[tuple[str, ...], Callable[..., Any]]] = {}

    def count(self, operation: Operation, needs: tuple[bool, ...], facts: dict[str, Any]) -> dict[str, int]:
        """The operations for each sort of gradient of a layer."""
        kind = operation.layer.traits.kind.kind
        learns = any("bias" not in name for name in operation.trained)
        key = id(operation.layer.traits), learns, needs
        if key not in self.known:
            given = {**facts, "learns": learns}
            more = (*needs[:MOST_INPUTS], *[False] * MOST_INPUTS)[:MOST_INPUTS]
            given.update({f"needs_{place}": need for place, need in enumerate(more)})
            try:
                formulas = self.rules.rules[kind].formulas
                self.known[key] = {name: self.value(formula, given) for name, formula in formulas.items()}
            except ArchspecError as error:
                raise error.located(path=f"{self.rules.backward}: rules.{kind}") from None
        return {**self.known[key]}

    def value(self, formula: Expr, facts: dict[str, Any]) -> int:
        """A formula's value."""
        if id(formula) not in self.calls:
            names = tuple(sorted(formula.names))
            self.calls[id(formula)] = names, formula.function(names)
        names, call = self.calls[id(formula)]
        value = call(*[facts[name] for name in names])
        if type(value) is not int or value < 0:
            raise SpecError(f"`{formula.text}` is {value!s:.40}, not a number of operations")
        return value
