"""A spec on one side of a change, with its figures at any setting worked out once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from archspec.analysis.report import Report, Row
from archspec.analysis.run import run
from archspec.analysis.setting import Setting, cases
from archspec.errors import ArchspecError, UsageError
from archspec.graph.work import Together
from archspec.language.nodes import Spec
from archspec.text.top import real


class Subject:
    """A loaded spec. ``path`` is what it is called in configurations: from the configuration's folder, with ``/``."""

    def __init__(self, spec: Spec, path: str) -> None:
        self.spec = spec
        self.path = path
        self._together: dict[Any, Together] = {}  # by what settings have beside the variant
        self._reports: dict[Any, Report | ArchspecError] = {}
        self._rows: dict[int, list[Row]] = {}

    def report(self, setting: Setting) -> Report:
        """The analysis at a setting. Raises ArchspecError, the same one each time."""
        key = setting.key
        if key not in self._reports:
            try:
                self._reports[key] = run(self.spec, setting, self.together(setting))
            except ArchspecError as error:
                self._reports[key] = error
        report = self._reports[key]
        if isinstance(report, ArchspecError):
            raise report
        return report

    def together(self, setting: Setting) -> Together:
        """What all variants together may make of work at a setting."""
        key = setting._replace(variant=None).key
        if key not in self._together:
            self._together[key] = Together(self.spec.written, len(cases(self.spec)))
        return self._together[key]

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
        from archspec.importers.sources import opened
        from archspec.language.find import Place

        if file not in self._found:
            try:
                self._found[file] = Subject(opened(Place(file, None))[0], "")
            except UsageError:
                raise
            except ArchspecError as error:
                self._found[file] = error
        return self._found[file]


def path_from(folder: Path, file: str) -> str:
    """What a file is called in the configuration of a folder: its path from there, with ``/``."""
    return Path(os.path.relpath(real(file), folder)).as_posix()
