"""What can be asked about memory: an option for each field of MemorySettings, for every command that asks it."""

from __future__ import annotations

import click

from archspec.cli.options import Command

COUNT = click.IntRange(1)
weights_option = click.option(
    "--weights",
    metavar="FORMAT|PATTERN=FORMAT,...",
    help="Format of the weights: q4_k, the mixture q4_k_m, or default=q4_k,lm_head=q6_k.",
)
OF_TRAINING = (
    click.option("--optimizer", metavar="NAME", help="What the parameters are trained by.  [default: adamw]"),
    click.option("--policy", metavar="NAME", help="Dtypes of a training step.  [default: all in --dtype]"),
    click.option(
        "--backward",
        metavar="NAME|FILE",
        default="contractions",
        show_default=True,
        help="Operations of the backward pass.",
    ),
    click.option("--samples", type=click.IntRange(1), metavar="N", help="Samples of an epoch, for its operations."),
    click.option("--lora", metavar="r=N,targets=NAME,...", help="Train adapters of rank N beside these layers only."),
    click.option(
        "--checkpoint", metavar="PATTERN", multiple=True, help="Blocks that run again in backward; again for each."
    ),
    click.option("--accumulate", type=COUNT, metavar="N", help="Micro-batches of a step, each of --batch."),
    click.option("--devices", type=COUNT, metavar="N", help="Devices in all; figures are of the one that keeps most."),
    click.option(
        "--zero",
        type=click.IntRange(1, 3),
        metavar="STAGE",
        help="Share states (1), gradients (2), weights (3, FSDP).",
    ),
    click.option("--tensor", type=COUNT, default=1, metavar="N", help="Devices that share each matrix."),
    click.option("--sequence", is_flag=True, help="They share what is between along the sequence."),
    click.option("--pipeline", type=COUNT, default=1, metavar="N", help="Stages that share the layers."),
    click.option("--interleave", type=COUNT, default=1, metavar="N", help="Stretches of layers of each stage."),
    click.option("--expert", type=COUNT, default=1, metavar="N", help="Devices that share experts; not there yet."),
    click.option(
        "--estimate", metavar="NAME|FILE", multiple=True, help="A published estimate beside, or `all`; again for each."
    ),
)
OPTIONS = (
    click.option(
        "--order",
        type=click.Choice(["file", "best"]),
        default="file",
        show_default=True,
        help="The order of the layers: the file's, or the one of the least peak.",
    ),
    click.option("--train", is_flag=True, help="Also what a training step needs."),
    click.option(
        "--autograd", metavar="NAME|FILE", default="autograd-cpu", show_default=True, help="What is saved for backward."
    ),
    weights_option,
    click.option(
        "--kv",
        metavar="NAME|FILE|all",
        multiple=True,
        help="What is kept from token to token; again for each convention.",
    ),
    click.option("--length", type=int, metavar="N", help="Tokens of each sequence that the KV cache holds."),
    click.option("--kv-dtype", metavar="FORMAT", help="Format of the KV cache, float8 for one.  [default: --dtype]"),
    click.option(
        "--kv-set", metavar="NAME=N", multiple=True, help="Setting of a convention: block_size=32; again for each."
    ),
    *OF_TRAINING,
)


def memory_options(command: Command) -> Command:
    """All of them, in this order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
