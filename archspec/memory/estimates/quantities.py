"""Quantities of a transformer, read off its layers, and of the settings: what published estimates are formulas over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from archspec.analysis.report import Report
from archspec.errors import UsageError
from archspec.memory.program import Operation, program
from archspec.memory.roles import roles
from archspec.memory.settings import MemorySettings
from archspec.memory.training.parameters import multiplied, parameters
from archspec.memory.training.policies import policy

QUANTITIES = {
    "P": "parameters, shared ones once",
    "largest": "most parameters that one layer has of its own",
    "buffers": "bytes of the buffers",
    "h": "size of a token between the layers",
    "L": "layers: blocks of an attention and a feed-forward part",
    "a": "heads of the queries",
    "kv": "heads of keys and values",
    "d": "size of a head",
    "s": "positions of a sequence",
    "b": "samples of a micro-batch",
    "V": "words of the vocabulary",
    "ffn": "size inside of the feed-forward part",
    "gated": "1 where that has a gate, a third matrix",
    "tied": "1 where the last layer shares its matrix with the embedding",
    "norm": "learnable vectors of a normalisation: 2, or 1 for RMSNorm",
    "t": "devices of tensor parallelism",
    "p": "stages of the pipeline",
    "v": "stretches of layers of each stage",
    "N": "devices in all",
    "D": "data-parallel devices",
    "m": "micro-batches of a step, 0 where that is not said",
    "zero": "the stage of ZeRO, 0 without",
    "sequence": "1 with sequence parallelism",
    "checkpointed": "1 where blocks run again",
    "half": "1 where activations have two bytes, or one",
}


class Quantities:
    """Those of one network and setting, each worked out when it is asked for."""

    def __init__(self, report: Report, settings: MemorySettings) -> None:
        self.report, self.settings = report, settings
        self.program = program(report.graph, training=False)

    def value(self, name: str) -> int:
        """A quantity by its name. Raises UsageError where the network has none."""
        found: Any = getattr(self, f"of_{name}", None)
        if found is not None:
            return int(found())
        settings = self.settings
        data = settings.data_parallel
        known: dict[str, int] = {
            "P": self.report.totals["params"],
            "buffers": self.report.totals["buffers_bytes"],
            "b": self.report.setting.batch,
            "t": settings.tensor,
            "p": settings.pipeline,
            "v": settings.interleave,
            "N": settings.tensor * settings.pipeline * data,
            "D": data,
            "m": settings.accumulate or 0,
            "zero": settings.zero or 0,
            "sequence": int(settings.sequence),
            "checkpointed": int(bool(settings.checkpoint)),
            "half": int(policy(settings.policy, self.report.setting.dtype).activations not in ("float32", "float64")),
        }
        return known[name]

    def of_largest(self) -> int:
        graph = self.report.graph
        tensors = {(each.path, each.name): each.numel for each in (*parameters(graph), *multiplied(graph))}
        modules: dict[tuple[str, str], int] = {}
        for (path, name), numel in tensors.items():
            module = path, name.rpartition(".")[0]
            modules[module] = modules.get(module, 0) + numel
        return max(modules.values(), default=0)

    def of_h(self) -> int:
        return self.alike("h", (each["embed"] if "embed" in each else each["out_features"] for each in self.outputs))

    def of_L(self) -> int:
        if len(self.attentions) != len(self.downs):
            raise self.missing("L", f"{len(self.attentions)} attentions and {len(self.downs)} feed-forward parts")
        return len(self.attentions)

    def of_a(self) -> int:
        return self.alike("a", (each.get("q_heads", each.get("heads")) for each in self.attentions))

    def of_kv(self) -> int:
        return self.alike("kv", (each.get("kv_heads", each.get("heads")) for each in self.attentions))

    def of_d(self) -> int:
        sizes = (each["head_dim"] if "head_dim" in each else each["embed"] // each["heads"] for each in self.attentions)
        return self.alike("d", sizes)

    def of_s(self) -> int:
        return self.alike("s", (each["q_len"] for each in self.attentions))

    def of_ffn(self) -> int:
        return self.alike("ffn", (each.layer.traits.facts["in_features"] for each in self.downs))

    def of_gated(self) -> int:
        ups, downs = len(self.of_role("ffn_up")), len(self.downs)
        if not downs or ups not in (downs, 2 * downs):
            raise self.missing("gated", f"{ups} matrices before the {downs} that end feed-forward parts")
        return int(ups == 2 * downs)

    def of_V(self) -> int:
        tables = [each.layer.traits.facts["vocab"] for each in self.program.operations if _is(each, "embedding")]
        if not tables:
            raise self.missing("V", "no embedding")
        return int(max(tables))

    def of_tied(self) -> int:
        return int(any(each.layer.tie is not None for each in self.of_role("output")))

    def of_norm(self) -> int:
        kinds = {each.layer.traits.kind.kind for each in self.program.operations} & {"layernorm", "rmsnorm"}
        if len(kinds) != 1:
            raise self.missing("norm", " and ".join(sorted(kinds)) or "no layernorm and no rmsnorm")
        return 1 if kinds == {"rmsnorm"} else 2

    @cached_property
    def attentions(self) -> list[Mapping[str, Any]]:
        """The facts of the attentions."""
        found = [each for each in self.program.operations if each.layer.traits.kind.role == "attention"]
        return [each.layer.traits.facts for each in found]

    @cached_property
    def outputs(self) -> list[Mapping[str, Any]]:
        """The facts of what puts out an attention's result."""
        whole = [facts for facts in self.attentions if "embed" in facts]
        return whole or [each.layer.traits.facts for each in self.of_role("attn_output")]

    @cached_property
    def downs(self) -> list[Operation]:
        """The last layers of feed-forward parts."""
        return self.of_role("ffn_down")

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """What each layer's matrix is there for."""
        return {path: role.name for path, role in roles(self.program).items()}

    def of_role(self, name: str) -> list[Operation]:
        """The layers of a role."""
        return [each for each in self.program.operations if self.roles.get(each.path) == name]

    def alike(self, name: str, values: Iterable[Any]) -> int:
        """What all layers have alike."""
        found = sorted(set(values))
        if len(found) != 1:
            raise self.missing(name, " and ".join(map(str, found[:2])) if found else "no such layer")
        return int(found[0])

    def missing(self, name: str, found: str) -> UsageError:
        """The error for a quantity that the network does not have."""
        hint = "estimates by transformers' sizes are of networks of alike blocks of attention and feed-forward part"
        return UsageError(f"`{name}`, {QUANTITIES[name]}, cannot be read off this network: {found}", hint=hint)


def _is(operation: Operation, kind: str) -> bool:
    return operation.layer.traits.kind.kind == kind
