"""Two networks side by side: of the zoo, of files, of one file in two variants, or one before and after `--set`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from archspec.analysis.report import Report
from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.change import checkpoint
from archspec.change.causes import summed
from archspec.change.collect import File, at_commit, path_in
from archspec.change.diff import Comparison
from archspec.change.figures import minus, total
from archspec.change.git import Repository
from archspec.change.layers import align
from archspec.change.model import Cause, Diff, Side, SpecDiff, VariantDiff
from archspec.change.parts import Committed
from archspec.change.trials import Allowance
from archspec.errors import ArchspecError, UsageError, did_you_mean, listed, show, suggestion
from archspec.importers.sources import opened
from archspec.language.find import SUFFIXES, Place, find, zoo
from archspec.language.load import load_text, spec_of
from archspec.language.nodes import Spec
from archspec.text.document import Document, Map
from archspec.text.reader import decoded

MOST_EDITS = 12  # between two networks that causes are told for; more are another network, not a change of one


class Network(NamedTuple):
    """A network as it was named: its spec, and the variant; None for the spec without one, or for all of them."""

    word: str
    spec: Spec
    variant: str | None


def compared(base: str | None, head: str | None, at: Setting) -> Diff | None:
    """The difference of the networks that two words name, or of one before and after the setting's values.

    None where the words name states of files, which :func:`archspec.change.collect.collect` compares. Raises
    ArchspecError.
    """
    words = [word for word in (base, head) if word is not None]
    places = [place_of(word) for word in words]
    if len(words) == 1 and places[0] is not None:
        if at.values:
            return before_and_after(loaded(words[0], places[0]), at)
        if places[0].variant is not None or not Path(words[0]).is_file():
            hint = f"name another: archspec diff {words[0]} OTHER; or what to set: archspec diff {words[0]} --set H=320"
            raise UsageError(f"`{words[0]}` is one network, and there is nothing to compare it with", hint=hint)
    if not any(place is not None and not Path(word).is_file() for word, place in zip(words, places, strict=True)):
        return None
    old, new = (loaded(word, place) for word, place in zip(words, places, strict=True))
    if old.variant is None and new.variant is None and set(cases(old.spec)) & set(cases(new.spec)):
        pairs = [(name, name) for name in cases(new.spec) if name in cases(old.spec)]
    else:
        pairs = [(chosen(old, new), chosen(new, old))]
    specs = [of_pairs(old, new, pairs, (at, at), at.values)]
    return Diff(base=Side(old.word), head=Side(new.word), at=at, specs=tuple(specs))


def place_of(word: str) -> Place | None:
    """The file and variant that a word names, a file that is there or one of the zoo; None for all others.

    Raises UsageError for a name that is a ref of git as well.
    """
    if Path(word).is_file():
        return Place(word, None)
    file, at, variant = word.rpartition("@")
    if at and Path(file).is_file():
        return Place(file, variant)
    if word not in zoo() and not (at and file in zoo()):
        return None
    place = find(word)
    if is_ref(word):
        network = place.file + (f"@{place.variant}" if place.variant else "")
        hint = f"`refs/heads/{word}` or `refs/tags/{word}` is the ref, `{network}` the network"
        raise UsageError(f"`{word}` is a ref of git and a network of the zoo", hint=hint)
    return place


def is_ref(word: str) -> bool:
    """Whether git knows a commit under a name; it need not be there."""
    try:
        Repository().commit(word)
    except UsageError:
        return False
    return True


def loaded(word: str, place: Place | None) -> Network:
    """The network that a word names. Raises ArchspecError."""
    if place is None:
        return at_ref(word)
    spec, variant = opened(place)
    if variant is not None and variant not in spec.variants:
        hint = suggestion(variant, spec.variants)
        raise UsageError(f"{place.file} has no variant {show(variant)}", hint=hint)
    return Network(word, spec, variant)


def at_ref(word: str) -> Network:
    """The network that `REF:path` or `REF:path@variant` names. Raises ArchspecError."""
    ref, colon, path = word.partition(":")
    if not (colon and ref and path):
        if is_ref(word):
            hint = f"name its file: archspec diff {word}:net.yaml OTHER"
            raise UsageError(f"`{word}` is a ref of git, the other side a network", hint=hint)
        place = find(word)  # says what is near
        return loaded(word, place)
    repository = Repository()
    commit = repository.commit(ref)
    file, at, variant = path.rpartition("@") if "@" in path and not path.endswith(SUFFIXES) else (path, "", "")
    inside = path_in(repository, File(word, file, ref))
    content = at_commit(repository, commit, inside)
    if content is None:
        near = did_you_mean(inside, repository.files(commit))
        raise UsageError(f"no such file in {ref}: {show(inside)}", hint=near)
    spec = load_text(decoded(content), f"{ref}:{inside}", Committed(repository, commit, {f"{ref}:{inside}": inside}))
    if at and variant not in spec.variants:
        hint = suggestion(variant, spec.variants)
        raise UsageError(f"{spec.file} has no variant {show(variant)}", hint=hint)
    return Network(word, spec, variant if at else None)


def chosen(network: Network, other: Network) -> str | None:
    """The variant to compare: the one that was named, the other's where it has that, or the only one. Raises
    UsageError."""
    if network.variant is not None:
        return network.variant
    if other.variant in network.spec.variants:
        return other.variant
    there = cases(network.spec)
    if len(there) == 1 or None in there:
        return None if None in there else there[0]
    hint = f"write {network.word}@{there[0]}; known: {listed(network.spec.variants)}"
    raise UsageError(f"`{network.word}` has several variants", hint=hint)


def before_and_after(network: Network, at: Setting) -> Diff:
    """A network as it is, and with values set. Raises ArchspecError."""
    names = (network.variant,) if network.variant is not None else cases(network.spec)
    plain = at._replace(vars={}, dims={})
    spec = of_pairs(network, network, [(name, name) for name in names], (plain, at), at.values)
    values = " ".join(f"{name}={show(value)}" for name, value in at.values.items())
    return Diff(base=Side(network.word), head=Side(f"{network.word} with {values}"), at=plain, specs=(spec,))


def of_pairs(
    old: Network,
    new: Network,
    pairs: Sequence[tuple[str | None, str | None]],
    at: tuple[Setting, Setting],
    values: Mapping[str, Any],
) -> SpecDiff:
    """Variants of two networks by pairs, each side at its setting. Raises ArchspecError."""
    known = {name for network in (old, new) for name in (*network.spec.dims, *network.spec.vars)}
    for name in values:
        if name not in known:
            raise UsageError(f"neither network has a dim or var `{name}`", hint=did_you_mean(name, known))
    whole = [of_pair(old.spec, new.spec, names, at, many=len(pairs) > 1) for names in pairs]
    variants = tuple(variant for variant, _ in whole)
    same = all(variant.status == "unchanged" for variant in variants)
    return SpecDiff(
        path=new.word,
        old_path=new.word,
        status="unchanged" if same else "changed",
        variants=variants,
        declared=frozenset(known),
        untold=max(untold for _, untold in whole),
    )


def of_pair(
    old: Spec, new: Spec, names: tuple[str | None, str | None], at: tuple[Setting, Setting], *, many: bool
) -> tuple[VariantDiff, int]:
    """Two networks, and the number of edits that lie between them where that is too many to tell them apart."""
    before, after = (
        run(spec, setting.for_spec(spec, name, declared=True))
        for spec, setting, name in zip((old, new), at, names, strict=True)
    )
    base, head = total(before), total(after)
    layers = cache(lambda: align(before, after))
    same = base == head and not layers().changes and not layers().ripples
    causes, untold = ((), 0) if same else causes_of(before, after)
    rest = minus(minus(head, base), summed(causes, base))
    variant = VariantDiff(
        variant=names[1] if many else None,
        status="unchanged" if same else "changed",
        base=base,
        head=head,
        causes=causes,
        interaction=rest if causes else {},
        align=layers,
        checkpoint=None if same else checkpoint.compare(before.graph, after.graph, new.moved),
    )
    return variant, untold


def causes_of(before: Report, after: Report) -> tuple[tuple[Cause, ...], int]:
    """What each edit from one network to the other does; none where they are too many, but their number.

    The edits are those between the two specs with the settings written into them: two variants of one file differ in
    the values of its variables and in nothing else.
    """
    plain = Setting(batch=before.setting.batch, dtype=before.setting.dtype, convention=before.setting.convention)
    try:
        old, new = (fixed(report.spec, report.setting) for report in (before, after))
        allowance = Allowance()
        allowance.next_spec()
        comparison = Comparison(new.file, new.file, (old, new), plain, (None, None), allowance)
        edits = [edit for edit in comparison.edits if not edit.text]
        if len(edits) > MOST_EDITS:
            return (), len(edits)
        (variant,) = comparison.result().variants
    except ArchspecError:  # a value that cannot stand in a file
        return (), 0
    agree = variant.base == total(before) and variant.head == total(after)
    return (variant.causes, 0) if agree else ((), len(edits))


def fixed(spec: Spec, setting: Setting) -> Spec:
    """The spec with a setting's values in the place of its variables' defaults, and no variants. Raises SpecError."""
    document = spec.document
    data = document.data
    assert isinstance(data, Map)
    values = {**variables_of(data, setting.variant), **setting.values}
    made = without(data, "variants", "expect")
    for section in ("dims", "vars"):
        around = data.get(section)
        if isinstance(around, Map):
            made[section] = replaced(around, values)
    return spec_of(Document(document.name, "", made, document.span), spec.files)


def variables_of(data: Map, variant: str | None) -> Mapping[str, Any]:
    """The values that a variant sets."""
    variants: Any = data.get("variants")
    values: Mapping[str, Any] = variants[variant] or {} if variant is not None else {}
    return values


def replaced(node: Map, values: Mapping[str, Any]) -> Map:
    """A mapping with other values in the places of those of the same keys."""
    made = Map()
    for key, value in node.items():
        made[key] = values.get(key, value)
    made.places, made.span = node.places, node.span
    return made


def without(node: Map, *keys: str) -> Map:
    """A mapping without some keys; the others keep their places."""
    made = Map()
    for key, value in node.items():
        if key not in keys:
            made[key] = value
            made.places.extend((*node.key_spans[key], *node.spans[key]))
    made.span = node.span
    return made
