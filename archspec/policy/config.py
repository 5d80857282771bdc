"""The configuration: the closest archspec.toml, or pyproject.toml with [tool.archspec], and where each key stands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.analysis.setting import Setting
from archspec.analysis.subject import path_from
from archspec.errors import ConfigError, UsageError, show
from archspec.policy.limits import Budget
from archspec.policy.toml import Reader, Toml, read_file, shown
from archspec.text.globs import matches
from archspec.text.toml_text import Keys

if TYPE_CHECKING:
    from archspec.policy.config_model import Lint
    from archspec.text.findings import Severity

NAMES = ("archspec.toml", "pyproject.toml")


class Config(NamedTuple):
    """A checked configuration. ``file`` is empty where there is none; ``folder`` is what its globs start from."""

    file: str
    folder: Path
    toml: Toml
    include: tuple[str, ...]
    at: Setting
    lint: Lint
    severity: Mapping[str, Severity]
    waivers: str
    budgets: tuple[Budget, ...]
    section: Keys

    def below(self) -> list[str]:
        """The spec files that are included, or all below the current folder."""
        from archspec.language.files import spec_files

        return spec_files((), include=self.include, root=os.path.relpath(self.folder) if self.include else ".")

    def files(self, names: Sequence[str] = ()) -> list[str]:
        """The spec files that names mean; without names those included. Raises UsageError where there are none."""
        from archspec.language.files import spec_files

        files = spec_files(names) if names else self.below()
        if not files:
            raise no_spec()
        return files

    def includes(self, path: Path) -> bool:
        """Whether a file is included."""
        name = path_from(self.folder, str(path))
        return not self.include or any(matches(pattern, name) for pattern in self.include)

    @property
    def data(self) -> dict[str, Any]:
        """All that it says."""
        data: Any = self.toml.data
        for key in self.section:
            data = data[key]
        return dict(data)


def no_spec() -> UsageError:
    """The error where nothing can be looked at."""
    return UsageError("no spec is here", hint="name the files, or list them under `include` in archspec.toml")


def closest(folder: str | os.PathLike[str] = ".", read: Reader = read_file, top: Path | None = None) -> Config:
    """The configuration nearest to a folder, it or one above it, as far as ``top``; an empty one where there is none.

    Raises ConfigError.
    """
    start = Path(folder).resolve()
    for around in (start, *start.parents):
        config = config_in(around, read)
        if config is not None:
            return config
        if around == top:
            break
    return empty(top or Path.cwd())


def config_in(folder: Path, read: Reader = read_file, names: Iterable[str] = NAMES) -> Config | None:
    """The configuration that lies in a folder. Raises ConfigError."""
    for name in names:
        text = read(folder / name)
        if text is not None and (name != NAMES[1] or "archspec" in text):
            toml = Toml(text, shown(folder / name))
            keys: Keys = () if name != NAMES[1] else ("tool", "archspec")
            if not keys or _has_section(toml):
                return config_of(toml, folder, keys)
    return None


def empty(folder: Path) -> Config:
    """The configuration of a folder that has none."""
    return config_of(Toml("", ""), folder, ())


def load(path: str | os.PathLike[str]) -> Config:
    """The configuration in a named file. Raises ConfigError."""
    file = Path(path)
    text = read_file(file)
    if text is None:
        raise ConfigError(f"no such file: {path}")
    toml = Toml(text, os.fspath(path))
    keys: Keys = ("tool", "archspec") if file.name == NAMES[1] else ()
    if keys and not _has_section(toml):
        raise ConfigError("has no table [tool.archspec]", file=toml.file)
    return config_of(toml, file.resolve().parent, keys)


def config_of(toml: Toml, folder: Path, section: Keys) -> Config:
    """Check a configuration. Raises ConfigError."""
    from archspec.policy.config_model import Configuration
    from archspec.policy.limits import budgets_of

    data: Any = toml.data
    for key in section:
        data = data[key]
        if not isinstance(data, dict):
            raise toml.error(f"`{key}` must be a table, got {show(data)}", *section)
    model = toml.checked(Configuration, data, section)
    return Config(
        file=toml.file,
        folder=folder,
        toml=toml,
        include=tuple(model.include),
        at=Setting.of(model.at.said()),
        lint=model.lint,
        severity=model.severity,
        waivers=model.waivers,
        budgets=budgets_of(toml, model, section),
        section=section,
    )


def _has_section(toml: Toml) -> bool:
    tool = toml.data.get("tool")
    return isinstance(tool, dict) and "archspec" in tool
