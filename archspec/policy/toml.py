"""A TOML file against a model, with the place of each key in its errors."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from archspec.errors import ConfigError, Span, SpecError
from archspec.text.contents import MAX_BYTES, content_of
from archspec.text.toml_text import Keys, Place, places
from archspec.text.top import real, top_of

if TYPE_CHECKING:
    from archspec.models.base import Model as AnyModel

Model = TypeVar("Model", bound="AnyModel")
Reader = Callable[[Path], "str | None"]
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

    def checked(self, model: type[Model], data: Any, keys: Keys = ()) -> Model:
        """The data at a place as a model. Raises ConfigError."""
        from pydantic import ValidationError

        from archspec.models.worded import worded

        try:
            return model.model_validate(data)
        except ValidationError as error:
            inner, cause, of_key = worded(error, model)
            raise self.error(cause.message, *keys, *inner, hint=cause.hint, of_key=of_key) from None


def read_file(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises ConfigError."""
    try:
        content = content_of(str(path))
        if len(content) > MAX_BYTES:
            raise ConfigError(f"more than {MAX_BYTES // 2**20} MiB", file=shown(path))
        return content.decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except SpecError as error:
        raise ConfigError(error.message, hint=error.hint, file=shown(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8: byte {error.start}", hint="TOML files are UTF-8", file=shown(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {(error.strerror or str(error)).lower()}", file=shown(path)) from None


def shown(path: Path) -> str:
    """A path for people: from the current folder where that lies in the same repository."""
    full, here = real(path), real(Path.cwd())
    top = top_of(str(here))
    near = here in full.parents or (top is not None and Path(top) in full.parents)
    return Path(os.path.relpath(full, here)).as_posix() if near else str(path)


def _broken(error: tomllib.TOMLDecodeError, text: str, file: str) -> ConfigError:
    match = _AT.fullmatch(str(error))
    problem = match[1] if match else str(error)
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if match and match[2]:
        line, column = int(match[2]), int(match[3])
    return ConfigError(
        f"not TOML: {problem[:1].lower()}{problem[1:]}", file=file, span=Span(line, column, line, column + 1)
    )
