"""Whose limits hold for a spec: those of a change's base, wherever the change puts the spec or the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from archspec.errors import ConfigError, SpecError
from archspec.policy.altered import altered
from archspec.policy.base import Base
from archspec.policy.config import NAMES, Config, config_in, empty, load
from archspec.policy.toml import Reader, read_file
from archspec.text.findings import Finding
from archspec.text.top import real


class Held(NamedTuple):
    """A configuration that holds for a spec, and where the spec is, or was, for its patterns."""

    config: Config
    paths: tuple[Path, ...]


class Policies:
    """The configurations of a run, each read once: the head's and, for a change, those of its base.

    Without ``base`` the head's own hold. ``named`` is the configuration to use instead of the closest one. A base whose
    configuration cannot be read has no say: the change that repairs it must pass. ``findings`` tell of that, and of
    every key that the change alters.
    """

    def __init__(self, base: Base | None = None, named: str | None = None) -> None:
        self.base = base
        self.findings: list[Finding] = []
        self._named = None if named is None else load(named)
        self._heads: dict[Path, Config | None] = {}
        self._bases: dict[Path, Config | None] = {}
        self._compared: set[tuple[str, str]] = set()

    def head(self, folder: Path) -> Config:
        """The configuration of a folder as the change leaves it. Raises ConfigError."""
        if self._named is not None:
            return self._named
        start = folder.resolve()
        return _closest(start, read_file, None, self._heads) or empty(Path.cwd())

    def of(self, path: Path, old: Path) -> list[Held]:
        """The configurations that hold for a spec, and which was elsewhere, at ``old``, before. Raises ConfigError."""
        head = self.head(path.parent)
        now, then = self._before(path.parent), self._before(old.parent)
        if now is then and now is not None:
            return [Held(now, tuple(dict.fromkeys((path, old))))]
        return [Held(now or head, (path,)), *([Held(then, (old,))] if then is not None else [])]

    def here(self) -> Config:
        """The configuration that holds for the current folder. Raises ConfigError."""
        place = Path.cwd() / NAMES[0]
        return self.of(place, place)[0].config

    def included(self, path: Path) -> bool:
        """Whether a spec is included by the configuration of the current folder, before or after the change."""
        return any(config.includes(path) for config in (self.here(), self.head(Path.cwd())))

    def files(self) -> list[str]:
        """All specs there are: those included, and those that were, before the change, under this or another name."""
        files = [file for config in (self.head(Path.cwd()), self.here()) for file in config.below()]
        if self.base is not None:
            top, here = self.base.top, [pair for pair in self.base.pairs if pair.head is not None]
            for pair in here:
                if any(self.included(top / path) for path in self.base.came_from(pair)):
                    files.append(os.path.relpath(top / pair.path))
        return list(dict.fromkeys(files))

    def gone(self) -> list[str]:
        """The specs that only the base has, from the top of the repository, of those that were included."""
        if self.base is None:
            return []
        removed = [pair.old_path for pair in self.base.pairs if pair.head is None]
        return [path for path in removed if self.included(self.base.top / path)]

    def is_base(self, config: Config) -> bool:
        """Whether a configuration is one of the base's."""
        return any(config is known for known in self._bases.values())

    def _before(self, folder: Path) -> Config | None:
        """The base's configuration for a folder; None where it has none, or none that can be read."""
        base, start, head = self.base, folder.resolve(), self.head(folder)
        if base is None or (start != base.top and base.top not in start.parents):
            return None
        try:
            config = self._named_before() or _closest(start, base.text, base.top, self._bases)
        except (ConfigError, SpecError) as error:
            self._bases[start] = None
            self._tell(_broken(base, head, error))
            return None
        if config is not None and (config.file, head.file) not in self._compared:
            self._compared.add((config.file, head.file))
            self.findings += altered(config, head, base.ref)
        return config

    def _named_before(self) -> Config | None:
        if self._named is None or self.base is None or not self.base.holds(Path(self._named.file)):
            return None
        path = real(self._named.file)
        if path not in self._bases:
            self._bases[path] = config_in(path.parent, self.base.text, (path.name,))
        return self._bases[path]

    def _tell(self, finding: Finding) -> None:
        if finding.fingerprint not in {known.fingerprint for known in self.findings}:
            self.findings.append(finding)


def _broken(base: Base, head: Config, error: ConfigError | SpecError) -> Finding:
    message = f"the limits are those of this change, the configuration in {base.ref} cannot be read: {error.message}"
    where = head.file or error.file or ""
    return Finding(code="AB109", severity="warning", message=message, file=where, values=("broken",))


def _closest(start: Path, read: Reader, top: Path | None, known: dict[Path, Config | None]) -> Config | None:
    """The configuration nearest to a folder, it or one above it as far as ``top``; ``known`` has those read before."""
    passed = []
    config = None
    for folder in (start, *start.parents):
        if folder in known:
            config = known[folder]
            break
        passed.append(folder)
        config = config_in(folder, read)
        if config is not None or folder == top:
            break
    known.update(dict.fromkeys(passed, config))
    return config
