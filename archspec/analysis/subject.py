"""A spec on one side of a change, with its figures at any setting worked out once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archspec.analysis.report import Report, Row
from archspec.errors import ArchspecError, UsageError
from archspec.language.nodes import Spec


class Subject:
    """A loaded spec. ``path`` is what it is called in configurations: from the configuration's folder, with ``/``."""

    def __init__(self, spec: Spec, path: str) -> None:
        self.spec = spec
        self.path = path
        self._reports: dict[Any, Report | ArchspecError] = {}
        self._rows: dict[int, list[Row]] = {}

    @property
    def variants(self) -> list[str | None]:
        """What there is to analyse: every variant, and the plain spec where it needs none."""
        found: list[str | None] = [*self.spec.variants]
        if not any(one.required for one in self.spec.vars.values()):
            found.append(None)
        return found or [None]

    def report(self, variant: str | None, at: Mapping[str, Any]) -> Report:
        """The analysis at a setting: batch, dtype, dims and vars. Raises ArchspecError, the same one each time."""
        from archspec.api import analyze

        key = (variant, tuple(sorted((name, repr(value)) for name, value in at.items())))
        if key not in self._reports:
            given = {name: value for name, value in at.items() if name not in ("batch", "dtype")}
            try:
                report: Report | ArchspecError = analyze(
                    self.spec, variant=variant, batch=at.get("batch", 1), dtype=at.get("dtype", "float32"),
                    dims={name: value for name, value in given.items() if name in self.spec.dims},
                    vars={name: value for name, value in given.items() if name not in self.spec.dims},
                )  # fmt: skip
            except ArchspecError as error:
                report = error
            self._reports[key] = report
        found = self._reports[key]
        if isinstance(found, ArchspecError):
            raise found
        return found

    def rows(self, report: Report) -> list[Row]:
        """The layers and groups of one of its reports, repeats written out where that is no huge list."""
        if id(report) not in self._rows:
            self._rows[id(report)] = list(report.rows(full=report.unfoldable))
        return self._rows[id(report)]


class Subjects:
    """Specs by file, each read once."""

    def __init__(self) -> None:
        self._found: dict[str, Subject | ArchspecError] = {}

    def of(self, file: str) -> Subject | ArchspecError:
        """The spec in a file, or why there is none. Raises UsageError where it cannot be read."""
        from archspec.language.load import load_spec

        if file not in self._found:
            try:
                self._found[file] = Subject(load_spec(file), "")
            except UsageError:
                raise
            except ArchspecError as error:
                self._found[file] = error
        return self._found[file]


def path_from(folder: Path, file: str) -> str:
    """What a file is called in the configuration of a folder: its path from there, with ``/``."""
    return Path(os.path.relpath(Path(file).resolve(), folder)).as_posix()
