"""What is known of a model type: its file, with what it takes over from another type's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from archspec.errors import SpecError, listed
from archspec.records import Record
from archspec.text.reader import read_text
from archspec.text.shipped import shipped

FOLDER = "importers/transformers"
SOURCE = "https://github.com/huggingface/transformers/blob/main/src/transformers/models/{0}/modeling_{0}.py"
OF_TYPE = ("type", "default", "filled", "ignored", "class")  # what a part says about a type
MERGED = ("dims", "inputs", "blocks")  # parts of a spec that a type like another changes entry by entry


class ModelType(Record):
    """A model type: how a config's keys become a spec.

    ``classes`` are the classes of transformers that are made of it, with values of names that their spec uses (where
    ``whole`` is one of the parts, the class is that part's);
    ``config`` the keys that a size follows from, with their defaults; ``fixed`` further names, worked out of these;
    ``expressions`` names that are put in as they are: other names of keys, and in ``$index`` what differs by layer;
    ``ignored`` keys that no size follows from; ``only`` the values of keys that the spec holds for; ``require``
    conditions on them, each about a key; ``per_layer`` the keys that a config may give by layer too, with what holds
    where it has no `per_layer_config`; ``renamed`` other names of keys; ``parts`` configs inside the config, each of
    which becomes a block (see parts.py): the ``type`` it is of unless it says so, the ``types`` it may be of where not
    any will do, ``as`` which class or ``class`` itself, ``when`` it is there, keys that it has without a use there,
    ``ignored``, the config that a ``default`` one is or, if ``filled``, what one that is stated lacks, whether its keys
    may stand ``flat`` among the whole's, and ``with`` which values of names of its type.
    """

    name: str
    source: str
    classes: Mapping[str, Mapping[str, Any]]
    config: Mapping[str, Any]
    fixed: Mapping[str, Any]
    expressions: Mapping[str, Any]
    ignored: frozenset[str]
    only: Mapping[str, list[Any]]
    parts: Mapping[str, Mapping[str, Any]]
    require: list[Mapping[str, str]]
    per_layer: Mapping[str, Any]
    renamed: Mapping[str, str]
    spec: Mapping[str, Any]
    forms: Mapping[str, Mapping[str, Any]]

    def knows(self, key: str) -> bool:
        """Whether a config of this type may have the key."""
        places = (self.config, self.ignored, self.only, self.parts, self.renamed, self.inside())
        return any(key in place for place in places) or (bool(self.per_layer) and key == "per_layer_config")

    def inside(self) -> dict[str, set[str]]:
        """The mappings in a config that keys' values stand in, and the keys that they have there."""
        found: dict[str, set[str]] = {}
        for default in self.config.values():
            if isinstance(default, dict) and "inside" in default:
                found.setdefault(default["inside"], set()).add(default["key"])
        return found

    def plain(self, what: str) -> str:
        """The class that a network of this type is as a part of another: the plain `model`, or the one with a head."""
        causal = [name for name in self.classes if name.endswith(("ForCausalLM", "LMHeadModel"))]
        ends = ("Model", "Encoder", "Transformer", "Backbone")
        plain = [name for name in self.classes if name.endswith(ends) and name not in causal]
        for name in causal if what == "causal" else plain:
            return name
        raise SpecError(f"archspec knows {self.name} as {listed(self.classes)}, none of which is a part of others")


def names() -> list[str]:
    """All model types."""
    return list(shipped(f"{FOLDER}/types"))


def model_type(name: str) -> ModelType:
    """What is known of a type, a name of :func:`names`."""
    data = merged(name)
    return ModelType(
        name=name,
        source=data.get("source", SOURCE.format(data.get("folder", name.replace("-", "_")))),
        classes={key: value or {} for key, value in data["classes"].items()},
        config=data.get("config", {}),
        fixed=data.get("fixed", {}),
        expressions=data.get("expressions", {}),
        ignored=frozenset([*data.get("ignored", []), *shared("ignored")["ignored"]]),
        only=data.get("only", {}),
        parts=data.get("parts", {}),
        require=data.get("require", []),
        per_layer=data.get("per_layer", {}),
        renamed=data.get("renamed", {}),
        spec=data.get("spec", {}),
        forms=data.get("forms", {}),
    )


def merged(name: str) -> dict[str, Any]:
    """A type's file on top of the one it is like."""
    own: Any = read_text(shipped(f"{FOLDER}/types")[name].read_text("utf-8"), f"{name}.yaml").data
    if "like" not in own:
        return dict(own)
    base = merged(own["like"])
    data = {**base, **own}
    for key in ("config", "fixed", "expressions", "only"):
        data[key] = {**base.get(key, {}), **own.get(key, {})}
    data["parts"] = {**base.get("parts", {})}
    for key, part in own.get("parts", {}).items():
        kept = data["parts"].get(key, {})
        if part is None:
            del data["parts"][key]
        else:  # what another type's config says is not told of this one's
            data["parts"][key] = {name: kept[name] for name in kept if name not in OF_TYPE} | part
    # What is fixed in one type, or an expression, is a key of the other.
    for key, other in (("config", "fixed"), ("config", "expressions"), ("fixed", "config")):
        data[other] = {name: value for name, value in data[other].items() if name not in own.get(key, {})}
    data["ignored"] = [*base.get("ignored", []), *own.get("ignored", [])]
    without = base.get("config", {}) if own.get("without") == "all" else own.get("without", [])
    for key in set(without) - set(own.get("config", {})):
        data["config"].pop(key, None)
    spec = own.get("spec", {})
    below = base.get("spec", {})
    merging = {key: {**below.get(key, {}), **spec.get(key, {})} for key in MERGED}
    merging = {key: {name: entry for name, entry in merging[key].items() if entry is not None} for key in MERGED}
    data["spec"] = {**below, **spec, **merging}
    data["forms"] = {**base.get("forms", {}), **own.get("forms", {})}
    return dict(data)


@cache
def shared(name: str) -> dict[str, Any]:
    """A table that all types share: `ignored`, `activations`."""
    data: Any = read_text(shipped(FOLDER)[name].read_text("utf-8"), f"{name}.yaml").data
    return dict(data)


@cache
def library() -> dict[str, Any]:
    """The blocks that types share."""
    made: dict[str, Any] = {}
    for name, file in shipped(f"{FOLDER}/blocks").items():
        data: Any = read_text(file.read_text("utf-8"), f"{name}.yaml").data
        made |= data
    return made
