"""Pages of layers of several sorts, as vLLM allots them: vllm/v1/core/kv_cache_utils.py of vllm-project/vllm@001cabc1b.

Where all layers keep alike (all of them everything, or all a window of one size) each has pages of its own. Otherwise
sorts share pools: pages are made of one size (unify_kv_cache_spec_page_size), layers go into groups of equally many,
the last of a sort filled up (_get_kv_cache_groups_uniform_page_size), and there are as many pools as layers in a group,
each with the pages that all groups need (_max_memory_usage_bytes_from_groups). With states of mamba layers the block is
first made so large that a page of attention holds one (models/config.py@0144dd5b0, HybridAttentionMambaModelConfig).
Without the hybrid manager windows beside full attention are cached whole (unify_hybrid_kv_cache_specs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.errors import UsageError
from archspec.expr import Expr
from archspec.memory.kv.model import KvRule, evaluated
from archspec.records import NamedTuple

STATES = frozenset(("mamba1", "mamba2", "gated_delta_net"))
PARTLY = frozenset(("sliding", "chunked"))
ALIGNED = 16  # tokens that a block is a multiple of where it is made larger
BLOCK = "block_size"


class Alike(NamedTuple):
    """Layers that keep alike: the sort and its facts, its rule, the values of its formulas, how many they are.

    ``padded`` is the size of a page where that is more than the rule says, ``beside`` layers that fill groups up.
    """

    sort: str
    facts: tuple[tuple[str, int], ...]
    rule: KvRule
    values: Mapping[str, Any]
    layers: int
    padded: Any = None
    beside: int = 0

    def of(self, formula: Expr | None) -> Any:
        """A formula's value."""
        assert formula is not None
        return evaluated(formula, self.values)

    @property
    def page(self) -> Any:
        """Bytes of a page. Raises UsageError where there are none."""
        size = self.padded or self.of(self.rule.page)
        if size <= 0:
            raise UsageError(f"a page of {self.sort} layers has {size} bytes ({self.rule.page})")
        return size

    @property
    def one(self) -> Any:
        """Bytes of one layer, all sequences."""
        if self.rule.bytes is not None:
            return self.of(self.rule.bytes)
        return self.values["batch"] * self.of(self.rule.pages) * self.page

    def blocks(self, size: Any) -> Alike:
        """The same with pages of so many tokens."""
        return self._replace(values={**self.values, BLOCK: size})


def pooled(sorts: list[Alike], rules: Mapping[str, KvRule]) -> list[Alike]:
    """Layers of several sorts with the pages that they get of shared pools. Raises UsageError."""
    if any(alike.sort == "full" and not alike.values.get("hybrid", 1) for alike in sorts):
        sorts = [alike._replace(sort="full", rule=rules["full"]) if alike.sort in PARTLY else alike for alike in sorts]
    if len({_type(alike) for alike in sorts}) <= 1:
        return sorts
    state = max((alike.page for alike in sorts if alike.sort in STATES), default=0)
    if state:
        sorts = [alike if alike.sort in STATES else _holding(alike, state) for alike in sorts]
    largest = max(alike.page for alike in sorts)
    fewest, most = min(alike.layers for alike in sorts), max(alike.layers for alike in sorts)
    pools = most if 2 * most < 3 * fewest else fewest
    return [_grouped(alike, largest, pools) for alike in sorts]


def _holding(alike: Alike, state: Any) -> Alike:
    """With blocks so large that a page is no smaller than a state."""
    token = alike.blocks(1).page
    return alike.blocks(max(alike.values[BLOCK], ALIGNED * -(-state // (ALIGNED * token))))


def _grouped(alike: Alike, largest: Any, pools: int) -> Alike:
    if alike.sort in STATES:
        alike = alike._replace(padded=largest)
    elif largest % alike.page:
        raise UsageError(
            f"vLLM cannot make pages of {largest:,} bytes of those of {alike.page:,} that {alike.sort} layers need",
            hint="where layers keep different things, the largest page must be a multiple of the others",
        )
    else:
        alike = alike.blocks(alike.values[BLOCK] * (largest // alike.page))
    return alike._replace(beside=-alike.layers % pools)


def _type(alike: Alike) -> tuple[Any, ...]:
    """What UniformTypeKVCacheSpecs.is_uniform_type tells apart; latent attention is a full one."""
    sort = "full" if alike.sort == "latent" else "state" if alike.sort in STATES else alike.sort
    return sort, *(alike.values[name] for name in ("window", "chunk") if alike.sort in PARTLY and name in alike.values)
