"""The command line: arguments to one call to a renderer. Nothing here computes a figure."""

from archspec.cli.main import main

__all__ = ["main"]
