"""What a format cannot say: an error that names the layer and its kind."""

from __future__ import annotations

from archspec.errors import UsageError


class Unsayable(Exception):
    """A layer that a format has no words for, and why; whoever knows where it stands makes it an error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refused(path: str, kind: str, reason: str, form: str) -> UsageError:
    """The error for a layer."""
    return UsageError(f"`{path}` ({kind}) cannot be exported to {form}: {reason}")
