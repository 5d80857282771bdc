"""archspec: the spec sheet of a neural network, computed from a text file.

``load`` reads a spec, ``analyze`` works out its figures; both are imported on first use, so that importing archspec is
light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.api import Report, analyze, load
    from archspec.errors import ArchspecError
    from archspec.language.nodes import Spec

__version__ = "0.1.0"
__all__ = ["ArchspecError", "Report", "Spec", "analyze", "load"]

_HOMES = {
    "ArchspecError": "archspec.errors",
    "Report": "archspec.api",
    "Spec": "archspec.language.nodes",
    "analyze": "archspec.api",
    "load": "archspec.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'archspec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
