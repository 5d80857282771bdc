"""The commands, each loaded when it is called, and what happens when one fails."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from archspec import __version__
from archspec.cli.streams import complain, prepare, write_no_more
from archspec.errors import ArchspecError, printable
from archspec.text.collecting import paused

COMMANDS = {
    "summary": "Table of layers with shapes, parameters, MACs, FLOPs and memory.",
    "explain": "The formula behind each figure, with its values put in.",
    "memory": "What a network needs of memory, each figure with its model.",
    "weights": "Every tensor of a network, as a checkpoint holds it.",
    "verify": "A network's tensors against those of a checkpoint, by name and shape.",
    "roofline": "The least time each layer takes on a chip, and what holds it up.",
    "fits": "Whether a network fits into a chip's memory, and the largest batch that does.",
    "hardware": "What chips can do: the catalogue, or one of them in full.",
    "compare": "What each counting convention says of a network, and where two differ.",
    "check": "Validate specs, compare the figures they expect, and keep the budgets.",
    "expect": "The figures a spec expects beside what is counted; rewrites them.",
    "accept": "Waive a budget's finding, with a reason and a date.",
    "config": "Check the configuration and the waivers.",
    "fmt": "Put specs into their canonical layout.",
    "diff": "What changed in the specs since a git ref, and what each edit does to the figures.",
    "history": "A spec's figures over the commits that touched it, as a table or a chart.",
    "lint": "Look for what is wrong, wasteful or unclear in specs, and fix it.",
    "rules": "The rules of lint, or one of them in full.",
    "ci": "lint, check and diff in one run, and their reports.",
    "comment": "The report of `archspec ci` as a comment on a pull request or merge request.",
    "import": "A network of another format as a spec.",
    "export": "A network as the source of a PyTorch module, or as a picture.",
    "expand": "Write a spec with everything resolved and unfolded.",
    "layer": "Figures of one layer, without a file.",
    "list": "The networks that come with archspec.",
    "kinds": "The kinds of layers and their arguments.",
    "conventions": "The counting conventions, or one of them in full.",
    "schema": "The JSON Schema of a spec or a configuration, for editors.",
    "git-diff-driver": "Shows specs in `git diff` as `archspec diff` does; git calls it.",
}


class Commands(click.Group):
    """Commands by name; a command's module is imported when it runs, its one-line help stands above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"archspec.cli.{cmd_name.replace('-', '_')}{'_' * iskeyword(cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from archspec.errors import did_you_mean

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            hint = did_you_mean(name, COMMANDS)
            ctx.fail(f"no command is called `{name}`{'; ' + hint if hint else ''}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, "-V", "--version", prog_name="archspec")
def cli() -> None:
    """The spec sheet of a neural network, computed from a text file.

    A network is a YAML or JSON list of layers. archspec works out its shapes, parameters, MACs, FLOPs and memory from
    closed formulas: exactly, at once, without a deep-learning framework.

    \b
      archspec summary resnet50                 a network of the zoo
      archspec summary my_net.yaml --batch 8    a file of your own
      archspec explain resnet50 conv1           why is that the number?
    """


@paused(last=True)
def main() -> None:
    """Run the command line; exit 0 when clean, 1 for findings, 2 for a wrong spec or a wrong call."""
    prepare()
    # pydantic looks through all that is installed for plugins of its own: a tenth of a command's start, and code that
    # no command asks for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        complain("\n".join(map(printable, shown.getvalue().splitlines())))
        status = 2
    except click.Abort:
        status = 130
    except ArchspecError as error:
        complain(f"error: {error}")
        status = error.exit_code
    except BrokenPipeError:
        write_no_more()  # the reader of a pipe has seen enough
        status = 0
    except OSError as error:
        if os.environ.get("ARCHSPEC_DEBUG"):
            raise
        write_no_more()
        complain(f"error: {error.strerror or error}")
        status = 2
    except (Exception, RecursionError) as error:
        if os.environ.get("ARCHSPEC_DEBUG"):
            raise
        complain(f"error: internal: {type(error).__name__}: {printable(str(error))}")
        complain("  hint: this is a bug in archspec; ARCHSPEC_DEBUG=1 shows where")
        status = 2
    sys.exit(status if isinstance(status, int) else 0)
