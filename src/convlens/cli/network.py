"""Options of `convlens fit` for the ways in which people write a network."""

from typing import Annotated

import typer

from convlens.models import ACTIVATIONS

CNN = "Model"
ONE, DEEP = "One layer of regions (the default)", "Stacked layers, instead"

Layers = Annotated[
    str | None,
    typer.Option(
        help="Stacked layers, filters x kernel (s stride) / pool: 32x5/2,16x5s2; stacks side by side, with what each keeps "
        "over time: 50x3 | 50x4:mean | 50x5:k=3.",
        rich_help_panel=DEEP,
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(help="Widths of dense layers before the head: 50, or 64,32.", rich_help_panel=CNN),
]
Padding = Annotated[
    str | None,
    typer.Option(
        help="What the network reads beside the words: length=N, least=N, before=N, after=N, left, same, full, trained.",
        rich_help_panel=ONE,
    ),
]
Activation = Annotated[
    str, typer.Option(help=f"After the max: {', '.join(ACTIVATIONS)}.", rich_help_panel=ONE)
]
Dilation = Annotated[
    str,
    typer.Option(
        help="Read every Nth word of a region: 2 for --regions 5 is a kernel of 3.", rich_help_panel=ONE
    ),
]
StaticChannel = Annotated[
    bool,
    typer.Option(
        "--static-channel/--one-channel",
        help="A copy of the first vectors, not trained, beside them.",
        rich_help_panel=ONE,
    ),
]
Length = Annotated[
    int | None,
    typer.Option(
        help="Words that texts are cut or padded to; all values go on, not the maxima.", rich_help_panel=DEEP
    ),
]
OverTime = Annotated[
    str, typer.Option(help="What a filter keeps of all places: max, mean or sum.", rich_help_panel=DEEP)
]
Greatest = Annotated[
    int, typer.Option(help="How many greatest values of each filter go on.", rich_help_panel=DEEP)
]
BatchNorm = Annotated[
    bool,
    typer.Option(
        "--batch-norm/--no-batch-norm",
        help="Batch normalisation after each convolution in training; the trained weights contain it.",
        rich_help_panel=DEEP,
    ),
]
OneLogit = Annotated[
    bool,
    typer.Option(
        "--one-logit/--two-logits", help="One output with a sigmoid for two classes.", rich_help_panel=ONE
    ),
]
