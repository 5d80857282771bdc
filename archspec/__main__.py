"""``python -m archspec``, and the command `archspec`: a process of its own."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line in a process that is short and keeps what it makes: there is no garbage to look for."""
    gc.disable()
    # Plugins watch what a program validates; pydantic looks for them in the metadata of all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from archspec.cli import main as commands

    try:
        commands()
    except SystemExit as end:
        with suppress(OSError):
            sys.stdout.flush()
        # The system takes everything back at once, which Python would do object by object.
        os._exit(end.code)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
