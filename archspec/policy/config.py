"""The configuration: the closest archspec.toml, or pyproject.toml with [tool.archspec], and where each key stands."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from archspec.errors import ConfigError, Span, UsageError, show
from archspec.policy.config_model import Amount, ConfigModel, LintModel
from archspec.record import Record
from archspec.text.toml_text import Keys, Place, places

if TYPE_CHECKING:
    from archspec.lint.settings import LintSettings

Model = TypeVar("Model", bound=Record)
Reader = Callable[[Path], "str | None"]
NAMES = ("archspec.toml", "pyproject.toml")
_AT = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


class Toml:
    """A TOML file with the place of each key. ``file`` is its display name. Raises ConfigError."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _broken(error, text, file) from None
        except (ValueError, RecursionError) as error:  # an impossible date; brackets in brackets
            raise ConfigError(f"not TOML: {str(error)[:1].lower()}{str(error)[1:]}", file=file) from None
        self.places = places(text)

    def span(self, *keys: str | int, of_key: bool = False) -> Span | None:
        """Where the value at a path stands, or its key; the nearest table around it where there is none."""
        while keys and keys not in self.places:
            keys = keys[:-1]
        place: Place | None = self.places.get(keys)
        return place and (place.key if of_key else place.value)

    def error(self, message: str, *keys: str | int, hint: str | None = None, of_key: bool = False) -> ConfigError:
        """An error at a key path."""
        span = self.span(*keys, of_key=of_key)
        return ConfigError(message, hint=hint, file=self.file, span=span, path=".".join(map(str, keys)))

    def checked(self, model: type[Model], given: Mapping[str, Any], *keys: str | int) -> Model:
        """A table against a record; names have `-` for `_`. Raises ConfigError."""
        from pydantic_core import ValidationError

        from archspec.language.validate import explain
        from archspec.validation import fields, validator

        try:
            found = validator(model, _hyphened).validate_python(given)
        except ValidationError as error:
            inner, cause, of_key = explain(error, map(_hyphened, fields(model)), "key")
            raise self.error(cause.message, *keys, *inner, hint=cause.hint, of_key=of_key) from None
        return model(**{name.replace("-", "_"): value for name, value in found.items()})


class Limit(Record):
    """The limits of one figure; ``keys`` is the place in the file."""

    metric: str
    max: Amount | None
    min: Amount | None
    max_increase: Amount | None
    ignore_below: Amount | None
    warn_at: Amount | None
    keys: Keys


class Budget(Record):
    """Limits for some specs: ``path`` and ``variant`` are patterns, ``layer`` one of layer paths or empty."""

    path: str
    variant: str
    layer: str
    at: Mapping[str, Any]
    limits: tuple[Limit, ...]
    keys: Keys


class Config(Record):
    """A checked configuration. ``file`` is empty where there is none; ``folder`` is what its globs start from."""

    file: str
    folder: Path
    toml: Toml
    include: tuple[str, ...]
    policy_from: str
    at: Mapping[str, Any]
    lint: LintModel
    budgets: tuple[Budget, ...]
    keys: Keys

    def lint_settings(self) -> LintSettings:
        """What the lint section says. Raises ConfigError for a code that no rule has."""
        from archspec.lint.settings import LintSettings, check_code

        lists: dict[Keys, Iterable[str]] = {("select",): self.lint.select, ("ignore",): self.lint.ignore}
        lists |= {("per-file-ignores", glob): codes for glob, codes in self.lint.per_file_ignores.items()}
        given: list[tuple[Keys, str]] = [
            ((*keys, index), code) for keys, codes in lists.items() for index, code in enumerate(codes)
        ]
        for keys, code in [*given, *((("severity", code), code) for code in self.lint.severity)]:
            try:
                check_code(code)
            except UsageError as error:
                place = (*self.keys, "lint", *keys)
                raise self.toml.error(error.message, *place, hint=error.hint, of_key=keys[0] == "severity") from None
        ignores = {glob: tuple(codes) for glob, codes in self.lint.per_file_ignores.items()}
        return LintSettings(
            select=tuple(self.lint.select), ignore=tuple(self.lint.ignore), severity=self.lint.severity,
            per_file_ignores=ignores, root=str(self.folder),
        )  # fmt: skip

    def files(self, names: Iterable[str] = ()) -> list[str]:
        """The spec files that names mean; without names those included, or all below the current folder.

        Raises UsageError where there are none.
        """
        from archspec.language.files import spec_files

        found = spec_files(names, include=self.include, root=os.path.relpath(self.folder) if self.include else ".")
        if not found:
            raise UsageError("no spec is here", hint="name the files, or list them under `include` in archspec.toml")
        return found

    @property
    def policy(self) -> Any:
        """What decides whether a change passes, as data: equal where two configurations set the same limits."""
        data: Any = self.toml.data
        for key in self.keys:
            data = data[key]
        severity = data.get("lint", {}).get("severity", {})
        return data.get("budget", []), data.get("at", {}), data.get("policy-from", "base"), severity


def read_file(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises ConfigError."""
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8: byte {error.start}", hint="TOML files are UTF-8", file=shown(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {(error.strerror or str(error)).lower()}", file=shown(path)) from None


def closest(folder: str | os.PathLike[str] = ".", read: Reader = read_file, top: Path | None = None) -> Config:
    """The configuration nearest to a folder, it or one above it, as far as ``top``; an empty one where there is none.

    Raises ConfigError.
    """
    start = Path(folder).resolve()
    for each in (start, *start.parents):
        for name in NAMES:
            text = read(each / name)
            if text is not None and (name == NAMES[0] or "archspec" in text):
                toml = Toml(text, shown(each / name))
                keys: Keys = () if name == NAMES[0] else ("tool", "archspec")
                if not keys or _has_section(toml):
                    return config_of(toml, each, keys)
        if each == top:
            break
    return config_of(Toml("", ""), top or Path.cwd(), ())


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


def config_of(toml: Toml, folder: Path, keys: Keys) -> Config:
    """Check a configuration. Raises ConfigError."""
    from archspec.policy.limits import at_of, budgets_of

    data: Any = toml.data
    for key in keys:
        data = data[key]
        if not isinstance(data, dict):
            raise toml.error(f"`{key}` must be a table, got {show(data)}", *keys)
    model = toml.checked(ConfigModel, data, *keys)
    at = at_of(toml, model.at, *keys, "at")
    lint = toml.checked(LintModel, model.lint, *keys, "lint")
    return Config(
        file=toml.file, folder=folder, toml=toml, include=tuple(model.include), policy_from=model.policy_from, at=at,
        lint=lint, budgets=budgets_of(toml, model.budget, at, keys), keys=keys,
    )  # fmt: skip


def shown(path: Path) -> str:
    """A path for people: from the current folder where it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


def _has_section(toml: Toml) -> bool:
    tool = toml.data.get("tool")
    return isinstance(tool, dict) and "archspec" in tool


def _hyphened(name: str) -> str:
    return name.replace("_", "-")


def _broken(error: tomllib.TOMLDecodeError, text: str, file: str) -> ConfigError:
    match = _AT.fullmatch(str(error))
    problem = match[1] if match else str(error)
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if match and match[2]:
        line, column = int(match[2]), int(match[3])
    return ConfigError(
        f"not TOML: {problem[:1].lower()}{problem[1:]}", file=file, span=Span(line, column, line, column + 1)
    )
