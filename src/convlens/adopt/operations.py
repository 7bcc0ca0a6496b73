"""The operations that text CNNs are made of: which are affine, activations or maxima, and what the others are called."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import fx

from convlens.adopt.affine import CLOSE
from convlens.adopt.graph import CannotRead, operation, place_of
from convlens.models import ACTIVATIONS
from convlens.models.activations import Name

POINTWISE = {
    *("relu", "tanh", "gelu", "sigmoid", "elu", "celu", "leaky_relu", "silu", "hardtanh", "softplus", "selu"),
    *(
        "clamp",
        "clamp_min",
        "relu6",
        "mish",
        "hardswish",
        "hardsigmoid",
        "threshold",
        "log_sigmoid",
        "exp",
        "abs",
    ),
}
MAXIMA = {"max", "amax", "max_pool1d", "max_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d"}
SQUASHES = {"softmax", "_softmax", "log_softmax", "_log_softmax", "sigmoid"}
EMBEDDINGS = {"embedding", "index_select", "index"}
SUMS = {"add", "sub", "subtract", "cat", "concat", "concatenate", "stack"}  # affine in several values at once
PRODUCTS = {
    "mul",
    "div",
    "matmul",
    "mm",
    "bmm",
    "linear",
    "conv1d",
    "conv2d",
    "convolution",
    "addmm",
    "baddbmm",
    "batch_norm",
    "multiply",
    "divide",
    "true_divide",
    "einsum",
}
MOVES = {
    *(
        "unsqueeze",
        "squeeze",
        "permute",
        "transpose",
        "view",
        "reshape",
        "flatten",
        "contiguous",
        "clone",
        "alias",
        "detach",
    ),
    *(
        "slice",
        "select",
        "expand",
        "t",
        "numpy_T",
        "movedim",
        "getitem",
        "to",
        "_to_copy",
        "unbind",
        "split",
        "chunk",
        "squeeze_dims",
    ),
    *(
        "dropout",
        "feature_dropout",
        "pad",
        "constant_pad_nd",
        "unfold",
        "mean",
        "sum",
        "neg",
        "native_batch_norm",
    ),
    *(
        "avg_pool1d",
        "avg_pool2d",
        "adaptive_avg_pool1d",
        "adaptive_avg_pool2d",
        "_native_batch_norm_legit_no_training",
    ),
    *(
        "_assert_tensor_metadata",
        "lift_fresh_copy",
        "_unsafe_view",
        "native_dropout",
        "cudnn_batch_norm",
        "rsub",
    ),
}
AFFINE = SUMS | PRODUCTS | MOVES | EMBEDDINGS
NAMED = {  # what an operation is, for people
    "topk": "takes the k greatest values of each filter",
    "sort": "sorts values",
    "lstm": "is recurrent",
    "gru": "is recurrent",
    "rnn_tanh": "is recurrent",
    "scaled_dot_product_attention": "is attention",
    "layer_norm": "normalises by the values that stand there",
    "native_layer_norm": "normalises by the values that stand there",
    "logsumexp": "is a smooth maximum",
    "masked_fill": "masks places",
    "where": "chooses between values",
}


def is_maximum(node: fx.Node) -> bool:
    """Whether an operation takes greatest values; so do the k greatest where k is 1."""
    name, arguments = operation(node), [*node.args[1:], node.kwargs.get("k")]
    return name in MAXIMA or (name == "topk" and bool(arguments[0] == 1))


def any_maximum(nodes: Iterable[fx.Node]) -> bool:
    """Whether one of them does."""
    return any(map(is_maximum, nodes))


def activation_of(node: fx.Node) -> Name:
    """Which of `ACTIVATIONS` an operation is, by its values."""
    function = cast(Callable[..., Any], node.target)
    x = torch.cat([torch.linspace(-6, 6, 241), torch.tensor([-1e3, -50, 50, 1e3])]).double()
    if operation(node) in POINTWISE and len(node.all_input_nodes) == 1:
        arguments = [x.clone() if isinstance(one, fx.Node) else one for one in node.args]
        y = function(*arguments, **node.kwargs)
        for name, activation in ACTIVATIONS.items():
            if bool((torch.from_numpy(activation.of(x.numpy())) - y).abs().max() < CLOSE):
                return cast(Name, name)
    raise CannotRead(
        f"{place_of(node)} is none of the activations with exact answers ({', '.join(ACTIVATIONS)}), which never fall and have "
        "these very slopes"
    )
