"""A GGUF whose keys say an architecture: the config of transformers that it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from archspec.errors import show
from archspec.expr import parse
from archspec.importers.headers.base import Header, place_of
from archspec.importers.headers.gguf_names import is_made_up
from archspec.records import NamedTuple
from archspec.text.reader import read_text
from archspec.text.shipped import shipped

GENERAL = ("general.", "tokenizer.", "quantize.", "split.")
MAX_BLOCKS = 100_000


class Config(NamedTuple):
    """A config, or why there is none."""

    data: dict[str, Any] | None
    why: str = ""


def config_of(header: Header) -> Config:
    """The config of a header, if every key and tensor of it is one that the architecture has."""
    table = _table()
    name = header.metadata.get("general.architecture")
    known = table["architectures"].get(name) if isinstance(name, str) else None
    if known is None:
        return Config(None, f"the architecture {show(name)} is not known" if name else "no architecture is said")
    config: dict[str, Any] = {"model_type": known["model_type"], "architectures": [known["class"]]}
    keys = {**table["keys"], **known.get("keys", {})}
    for key, value in header.metadata.items():
        short = key.removeprefix(f"{name}.")
        if short in keys and short != key:
            config[keys[short]] = float(f"{value:.6g}") if isinstance(value, float) else value
        elif not key.startswith(GENERAL) and (short == key or short not in table["unused"]):
            return Config(None, f"the key {place_of(key)} is not known of {name}")
    sizes = _sizes(config, header)
    if isinstance(sizes, str):
        return Config(None, sizes)
    there = {tensor: entry.shape for tensor, entry in header.tensors.items() if not is_made_up(tensor)}
    config["tie_word_embeddings"] = not there.keys() & table["untied"].keys()
    block = {**table["block"], **known.get("more", {})}
    for key, tensors in known.get("when", {}).items():
        config[key] = f"blk.0.{next(iter(tensors))}" in there
        block |= tensors if config[key] else {}
    for tensor in known.get("without", ()):
        del block[tensor]
    network = {**table["network"], **({} if config["tie_word_embeddings"] else table["untied"])}
    wanted = {tensor: _shape(shape, sizes) for tensor, shape in network.items()}
    each = {tensor: _shape(shape, sizes) for tensor, shape in block.items()}
    for number in range(config["num_hidden_layers"]):
        wanted |= {f"blk.{number}.{tensor}": shape for tensor, shape in each.items()}
    for tensor in [*wanted, *there]:
        if wanted.get(tensor) != there.get(tensor):
            ours, theirs = (list(shapes[tensor] or ()) if tensor in shapes else "none" for shapes in (there, wanted))
            return Config(None, f"{place_of(tensor)} is {ours}, {name} would have {theirs}")
    return Config(config)


def _sizes(config: dict[str, Any], header: Header) -> dict[str, int] | str:
    """The sizes that shapes follow from, and what the config lacks put in; or what is wrong."""
    for key in ("hidden_size", "num_hidden_layers", "intermediate_size", "num_attention_heads"):
        if type(config.get(key)) is not int or config[key] < 1:
            return f"{key} is {config.get(key)!r:.40}"
    heads = config["num_attention_heads"]
    config.setdefault("num_key_value_heads", heads)
    config.setdefault("head_dim", config["hidden_size"] // heads)
    embedding = header.tensors.get("token_embd.weight")
    if config["num_hidden_layers"] > MAX_BLOCKS or embedding is None or len(embedding.shape or ()) != 2:
        return "token_embd.weight is missing, or too many blocks are said"
    for key in ("num_key_value_heads", "head_dim"):
        if type(config[key]) is not int or config[key] < 1:
            return f"{key} is {config[key]!r:.40}"
    assert embedding.shape is not None
    config["vocab_size"] = embedding.shape[0]
    width, keys = config["head_dim"], config["num_key_value_heads"]
    sizes = {"d": config["hidden_size"], "q": heads * width, "k": keys * width, "h": width}
    return {**sizes, "f": config["intermediate_size"], "v": config["vocab_size"]}


def _shape(shape: list[str], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple([parse(size).function(tuple(sizes))(*sizes.values()) for size in shape])


@cache
def _table() -> Any:
    file = shipped("importers/headers")["gguf_configs"]
    return read_text(file.read_text("utf-8"), "archspec/importers/headers/gguf_configs.yaml").data
