"""``archspec.verify/1``: a network's tensors against those of a file."""

from __future__ import annotations

from typing import Literal

from archspec.analysis.report import Report
from archspec.importers.headers.base import Header
from archspec.render.outputs.base import Count, Output
from archspec.render.outputs.summary import SpecName
from archspec.studies.verify import Sort, Verdict, counted


class AgainstEntry(Output):
    """The file."""

    path: str
    format: Literal["safetensors", "gguf", "onnx", "network"]
    tensors: Count
    complete: bool
    """Whether all of its parts are here."""


class DifferenceEntry(Output):
    """A tensor on which the two differ."""

    sort: Sort
    """missing in the file, extra there, reshaped, transposed, tied on one side alone; renamed are all together."""
    name: str | None
    """The network's name; null where it has no such tensor."""
    shape: list[Count] | None
    there: str | None
    """The file's name."""
    there_shape: list[Count] | None
    says: str
    """What there is to say of it."""


class VerifyDocument(Output):
    """A network and a file of weights, tensor by tensor."""

    schema_: Literal["archspec.verify/1"]
    spec: SpecName
    against: AgainstEntry
    agrees: bool
    """Whether nothing differs."""
    agreed: Count
    """Tensors of the network that the file has with their shapes."""
    by_name: Count
    """Those of which the file tells no shape."""
    counts: dict[Sort, Count]
    """Differences by sort."""
    differences: list[DifferenceEntry]
    notes: list[str]
    """What could not be looked at."""


def verify_document(report: Report, against: str, header: Header, verdict: Verdict) -> VerifyDocument:
    """A verdict as its contract has it."""
    entries = [
        DifferenceEntry(
            sort=one.sort,
            name=one.name or None,
            shape=None if one.shape is None else list(one.shape),
            there=one.there or None,
            there_shape=None if one.there_shape is None else list(one.there_shape),
            says=one.says,
        )
        for one in verdict.differences
    ]
    return VerifyDocument(
        schema_="archspec.verify/1",
        spec=SpecName(path=report.spec.file, name=report.spec.name, variant=report.variant),
        against=AgainstEntry(
            path=against,
            format=header.format,  # type: ignore[arg-type]  # checked when it is made
            tensors=len(header.tensors),
            complete=header.complete,
        ),
        agrees=not verdict.differences,
        agreed=verdict.agreed,
        by_name=verdict.by_name,
        counts=counted(verdict),
        differences=entries,
        notes=list(verdict.notes),
    )
