"""Bytes of the parameters, in the analysis' dtype or in formats of their own, and of the buffers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import prod
from typing import Any

from archspec.analysis.report import Report
from archspec.errors import UsageError, did_you_mean
from archspec.graph.graph import Graph, Layer
from archspec.graph.stored import full_name, stored
from archspec.graph.walk import UNROLLED, Step, walk
from archspec.memory.files import load, names
from archspec.memory.formats import Format, find_format, format_names, format_of, unknown
from archspec.memory.measured import Measured, Part
from archspec.memory.mixture import MixtureFile
from archspec.memory.owners import owned, owners
from archspec.memory.program import Program
from archspec.memory.roles import Role, roles, tied_outputs
from archspec.records import NamedTuple
from archspec.text.globs import matches_name

TOTAL = "weights_bytes"
MOST_PATTERNS = 100


class Owned(NamedTuple):
    """A parameter where it is owned; of experts with tensors of their own ``times`` alike ones.

    ``stored`` is what a checkpoint calls it, of experts without their numbers.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    times: int
    stored: str

    @property
    def full_name(self) -> str:
        """The layer's path and the weight's name."""
        return f"{self.path}.{self.name}"

    def called(self, pattern: str) -> bool:
        """Whether a pattern matches it, its layer or a group around that."""
        name = self.full_name
        places = [place for place, sign in enumerate(name) if sign == "."]
        return matches_name(pattern, self.stored) or any(
            matches_name(pattern, name[:end]) for end in (*places, len(name))
        )


class Wanted(NamedTuple):
    """What `--weights` says: a format or mixture for all, None for the analysis' dtype, and formats by pattern."""

    default: Format | MixtureFile | None
    patterns: tuple[tuple[str, Format], ...]


def weights(report: Report, program: Program, wanted: str | None) -> Measured:
    """Bytes of the parameters and of the buffers. Raises UsageError."""
    buffers = report.totals["buffers_bytes"]
    kept = Part("buffers", "buffers_bytes", buffers, "buffers, each in its dtype")
    if wanted is None:
        value = report.totals[TOTAL]
        parts: tuple[Part, ...] = (Part("weights", TOTAL, value, f"parameters in {report.setting.dtype}"),)
    else:
        parts = formatted(formats(report.graph, program, asked(wanted), report.setting.dtype), wanted)
        value = sum(part.value for part in parts)
    return Measured({TOTAL: value, "buffers_bytes": buffers}, (*parts, kept))


def asked(text: str) -> Wanted:
    """What a text such as `q4_k`, `q4_k_m` or `default=q4_k,lm_head=q6_k` asks for. Raises UsageError."""
    default: Format | MixtureFile | None = None
    patterns: list[tuple[str, Format]] = []
    entries = [entry.strip() for entry in text.split(",")]
    if len(entries) > MOST_PATTERNS:
        raise UsageError(f"`--weights` has {len(entries)} entries: at most {MOST_PATTERNS}")
    for entry in entries:
        pattern, sign, name = (part.strip() for part in entry.rpartition("="))
        if not name or (sign and not pattern) or not (sign or len(entries) == 1):
            hint = "a format, a mixture, or default=q4_k,lm_head=q6_k"
            raise UsageError(f"`--weights`: `{entry}` is no PATTERN=FORMAT", hint=hint)
        if sign and pattern != "default":
            patterns.append((pattern, format_of(name)))
        elif default is not None:
            raise UsageError("`--weights` gives `default` twice")
        else:
            default = find_format(name) or _mixture(name)
    return Wanted(default, tuple(patterns))


def _mixture(name: str) -> MixtureFile:
    shipped = names("mixtures")
    if name.lower() in shipped:
        return load("mixtures", name.lower(), MixtureFile, "mixture")
    if not name.endswith((".yaml", ".yml", ".json")):
        raise unknown(name, (*format_names(), *shipped), "weight format or mixture")
    return load("mixtures", name, MixtureFile, "mixture")


def formats(graph: Graph, program: Program, wanted: Wanted, dtype: str) -> list[tuple[Owned, Format]]:
    """The parameters of a network, each with its format. Raises UsageError for a pattern that matches nothing."""
    steps = [step for step in walk(graph, UNROLLED) if isinstance(step.item, Layer)]
    held: list[tuple[Step, Any]] = [(step, weight) for step in steps for weight in owned(step) if not weight.buffer]
    tensors = [
        Owned(step.path, weight.name, weight.shape, weight.copies, _stored(step, weight)) for step, weight in held
    ]
    experts = max((weight.experts for _, weight in held), default=1)
    chosen = _defaults(tensors, steps, program, wanted.default or format_of(dtype), experts if experts > 1 else 0)
    for pattern, form in wanted.patterns:
        called = [number for number, tensor in enumerate(tensors) if tensor.called(pattern)]
        if not called:
            near = _shared(pattern, graph) or did_you_mean(pattern, {tensor.path for tensor in tensors})
            hint = "patterns are held against paths of groups, of layers and of weights; * is any text"
            raise UsageError(f"`--weights`: `{pattern}` matches no weight", hint=f"{near} {hint}" if near else hint)
        for number in called:
            chosen[number] = form
    return list(zip(tensors, chosen, strict=True))


def _stored(step: Step, weight: Any) -> str:
    """What a checkpoint calls a weight of a layer."""
    layer: Any = step.item
    return next(full_name(step.path, tensor.name) for tensor in stored(layer) if tensor.weight == weight.name)


def _shared(pattern: str, graph: Graph) -> str | None:
    """That a pattern matches a layer whose weights are another one's."""
    for name, there in owners(graph).items():
        if matches_name(pattern, name.path):
            return f"the weights of `{name.path}` are those of `{there.path}`;"
    return None


def formatted(chosen: list[tuple[Owned, Format]], text: str) -> tuple[Part, ...]:
    """A part for each format, the largest first. Raises UsageError for a format that does not fit a tensor's shape."""
    sums: dict[str, Stored] = {}
    unfit: list[tuple[Owned, Format]] = []
    for tensor, form in chosen:
        pieces = form.of(tensor.shape)
        if pieces is None:
            unfit.append((tensor, form))
        else:
            sums.setdefault(form.name, Stored(form)).add(tensor, pieces)
    if unfit:
        raise misfit(unfit, text)
    return tuple(kept.part() for kept in sorted(sums.values(), key=lambda kept: -kept.pieces.total()))


def sizes(graph: Graph, program: Program, wanted: str | None, dtype: str) -> dict[str, int]:
    """Bytes of each layer's parameters by their full names, those that it shares too.

    Raises UsageError where a format does not fit.
    """
    chosen = formats(graph, program, asked(wanted) if wanted else Wanted(None, ()), dtype)
    formatted(chosen, wanted or dtype)
    found = {tensor.full_name: tensor.times * sum((form.of(tensor.shape) or {}).values()) for tensor, form in chosen}
    for name, there in owners(graph).items():
        if ".".join(there) in found:  # of buffers nothing is there
            found[".".join(name)] = found[".".join(there)]
    return found


class Stored:
    """What is stored in one format."""

    def __init__(self, form: Format) -> None:
        self.form = form
        self.tensors = self.scalars = 0
        self.pieces: Counter[str] = Counter()

    def add(self, tensor: Owned, pieces: Mapping[str, int]) -> None:
        """A further tensor."""
        self.tensors += tensor.times
        self.scalars += prod(tensor.shape) * tensor.times
        self.pieces.update({piece: size * tensor.times for piece, size in pieces.items()})

    def part(self) -> Part:
        """All of it as a part of the total."""
        count = f"{self.tensors:,} tensor{'s' * (self.tensors != 1)}, {self.scalars:,} scalars"
        how = f"{count}, {self.form.stored(self.pieces)}"
        return Part(self.form.name, TOTAL, self.pieces.total(), how, self.form.entry.source)


def misfit(unfit: list[tuple[Owned, Format]], text: str) -> UsageError:
    """What to say where formats do not fit tensors."""
    tensor, form = unfit[0]
    message = f"`{tensor.stored}` {list(tensor.shape)} does not fit `{form.name}`: it takes {form.wants()}"
    more = f"; {len(unfit) - 1:,} more do not fit" if len(unfit) > 1 else ""
    before = text if "=" in text else f"default={text}"
    hint = f"say {before},{tensor.stored}=float16; a mixture such as q4_k_m falls back by itself"
    return UsageError(message + more, hint=hint)


def _defaults(
    tensors: list[Owned], steps: list[Step], program: Program, default: Format | MixtureFile, experts: int
) -> list[Format]:
    """The format of each tensor that no pattern names; ``experts`` are those of the network."""
    if isinstance(default, Format):
        return [default] * len(tensors)
    known = roles(program)
    for path in list(tied_outputs(steps, known)):
        known[path] = Role("output")
    parts = [sort(tensor, known) for tensor in tensors]
    counts = Counter(_counted(part) for part, _ in parts)
    before: Counter[str] = Counter()
    chosen = []
    for tensor, (part, queries) in zip(tensors, parts, strict=True):
        line = _counted(part)
        facts = {"layer": before[line], "layers": counts[line], "queries": queries, "experts": experts}
        before[line] += 1
        chosen.append(default.choose(part, tensor.shape, facts))
    return chosen


def sort(tensor: Owned, known: Mapping[str, Role]) -> tuple[str, int]:
    """What a tensor is there for, as mixtures call it, and the queries for one key."""
    role = known.get(tensor.path, Role("other"))
    return ("vector", 1) if len(tensor.shape) < 2 else (role.name, role.queries)


def _counted(part: str) -> str:
    """Tensors that are numbered in one row: llama.cpp counts attn_qkv among attn_v (category_is_attn_v)."""
    return "attn_v" if part == "attn_qkv" else part
