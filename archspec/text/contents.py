"""The bytes of a file that a stranger may have put there: of a regular file only, and so many at most."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import BinaryIO

from archspec.errors import SpecError
from archspec.text.links import followed

MAX_BYTES = 16 * 1024 * 1024

# What the caller of archspec has opened already: a pipe is as good as a file there.
OPEN = r"/dev/(?:fd/\d+|stdin)|/proc/self/fd/\d+"
_FLAGS = ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")  # none of them is there on every system
_SORTS = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}


def content_of(path: str) -> bytes:
    """The bytes of a file, one more than ``MAX_BYTES`` where it has more.

    Raises OSError and ValueError where there is none to read, SpecError for a link that leads nowhere or out of the
    repository, and for pipes, devices and sockets: opening one may wait for ever.
    """
    with opened(path) as stream:
        return stream.read(MAX_BYTES + 1)


def opened(path: str) -> BinaryIO:
    """A file opened to be read; raises what ``content_of`` raises."""
    if path.startswith(("/dev/", "/proc/")) and re.fullmatch(OPEN, path):
        return open(path, "rb")
    target = followed(path)
    try:
        _check(os.stat(target), path)
    except OSError as error:
        if os.path.islink(path):
            cause = (error.strerror or str(error)).lower()
            raise SpecError(f"a link that leads nowhere: {os.readlink(path)}: {cause}", file=path) from None
        raise
    file = os.open(target, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in _FLAGS))
    stream = open(file, "rb")  # noqa: SIM115
    try:
        _check(os.stat(file), path)
    except BaseException:
        stream.close()
        raise
    return stream


def _check(found: os.stat_result, path: str) -> None:
    """Raise SpecError for what is neither a file nor a folder, IsADirectoryError for a folder."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    sort = _SORTS.get(stat.S_IFMT(found.st_mode))
    if sort is not None:
        raise SpecError(f"{sort}, not a file", file=path)
