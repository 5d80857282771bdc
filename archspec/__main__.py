"""``python -m archspec``, and the command `archspec`: a process of its own."""

import gc
import os


def main() -> None:
    """Run the command line in a process that is short and keeps what it makes: there is no garbage to look for."""
    gc.disable()
    # Plugins watch what a program validates; pydantic looks for them in the metadata of all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from archspec.cli import main as commands

    try:
        commands()
    finally:
        gc.freeze()  # nor at the end


if __name__ == "__main__":
    main()
