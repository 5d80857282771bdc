"""Standard streams that hold whatever a caller has made of them: closed, full, or in an encoding of few characters."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

import click


def prepare() -> None:
    """Make every stream one that can be written to or fails as a file does, and that can show every character.

    The numbers of closed streams are taken: the next file that is opened would have them. Reading a closed standard
    input fails, and writing a closed standard output; a closed standard error takes everything.
    """
    for number, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)  # the lowest number that is free
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(text: str) -> None:
    """Say what is wrong on standard error, if it can be said at all."""
    with suppress(OSError):
        click.echo(text, err=True)


def write_no_more() -> None:
    """What is still to be written to standard output goes nowhere: at exit it would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
