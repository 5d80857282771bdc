"""The one way to write: a file whole or not at all, a device or a pipe as it is.

A new file is made beside the target under a name that nobody can foresee, and never through a link that waits there. It
takes the target's place when all of it is on the disk. While that lasts, signals that end a program wait.
"""

from __future__ import annotations

import os
import re
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from archspec.errors import UsageError, printable
from archspec.text.links import followed

# Names of what is open already: they are written to, whatever the shell has put there.
_OPEN = re.compile(r"/dev/(?:fd/(\d+)|std(out|err))|/proc/self/fd/(\d+)")
_ENDING = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)}
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_output(path: str, text: str | bytes) -> None:
    """Write where the user says: a file, behind a link what it leads to, a character device, or a pipe.

    Raises UsageError.
    """
    with _told(path):
        if match := _OPEN.fullmatch(path):
            number = {"out": 1, "err": 2}.get(match[2]) or int(match[1] or match[3])
            _put(os.dup(number), text)
            return
        mode = _mode(path)
        if mode is not None and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            _put(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), text)
            return
        _replace(os.path.realpath(path), text, mode)


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Write a file of the project. One that leads out of the repository, and what is no file, stay as they are.

    Raises UsageError, and SpecError for the link.
    """
    shown = os.fspath(path)
    with _told(shown):
        target = followed(shown)
        _replace(target, text, _mode(target))


def _mode(path: str) -> int | None:
    """What is behind a name, and its permissions; None where nothing is."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _replace(target: str, text: str | bytes, mode: int | None) -> None:
    """Put a new file in the place of one, or where none is."""
    if mode is not None and not stat.S_ISREG(mode):
        raise UsageError("a directory" if stat.S_ISDIR(mode) else "no regular file")
    folder = os.path.dirname(target)
    beside = os.path.join(folder, f".archspec-{os.urandom(8).hex()}")
    with _undisturbed():
        # Seen by nobody else before it has the permissions of what it replaces.
        file = os.open(beside, _NEW, 0o666 if mode is None else 0o600)
        try:
            if mode is not None:
                os.chmod(file if os.chmod in os.supports_fd else beside, stat.S_IMODE(mode))
            _put(file, text, lasting=True)
            os.replace(beside, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(beside)
            raise


def _put(file: int, text: str | bytes, *, lasting: bool = False) -> None:
    """Write all of a text to an open file and close it, ``lasting`` where it is to be on the disk then."""
    # What is no Unicode, as in the name of a file, is shown as an escape.
    with open(file, "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace"))
        if lasting:
            stream.flush()
            os.fsync(file)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end the program wait until this is done; writing to a disk is short."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """What fails is told with the name that was to be written."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"cannot write {printable(path)}: {error.message}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else None
        raise UsageError(f"cannot write {printable(path)}: {(reason or str(error)).lower()}") from None
