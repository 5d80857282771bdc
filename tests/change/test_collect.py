"""Which files of two commits are specs."""

from __future__ import annotations

import pytest

from archspec.change.pairs import Pair, recognised

SPEC = b"archspec: 1\nname: net\ninputs: {x: [3]}\nlayers:\n  - linear: 2\n"
OTHER = b"name: workflow\n"


@pytest.mark.parametrize("base", [SPEC, OTHER, None])
@pytest.mark.parametrize("head", [SPEC, OTHER, None])
def test_a_side_that_is_no_spec_is_none(base: bytes | None, head: bytes | None) -> None:
    pair = recognised(Pair("new.yaml", "old.yaml", base, head))
    assert pair.base == (base if base == SPEC else None)
    assert pair.head == (head if head == SPEC else None)
    # A spec is renamed only where it was one under the old name.
    assert pair.old_path == ("old.yaml" if base == SPEC else "new.yaml")


BROKEN = b"archspec: 1\nname: ["


@pytest.mark.parametrize("content", [BROKEN, b"\xff\xfe\xff", b"a: b: c"])
def test_what_cannot_be_read_is_a_spec_that_is_broken(content: bytes) -> None:
    for base, head in ((SPEC, content), (content, SPEC)):
        pair = recognised(Pair("a.yaml", "a.yaml", base, head))
        assert (pair.base, pair.head) == (base, head)
    assert recognised(Pair("a.yaml", "a.yaml", content, content)).head is None
    assert recognised(Pair("a.yaml", "a.yaml", content, None)).base is None
