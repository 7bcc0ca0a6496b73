"""The operations of ONNX that text CNNs are made of, and what the reader calls them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from convlens.adopt.onnx_functions import (
    along_last,
    batch_norm,
    cast_to,
    celu,
    clip,
    concat,
    convolution,
    divided,
    elu,
    expand,
    flatten,
    full,
    gather,
    gelu,
    gemm,
    hard_sigmoid,
    leaky_relu,
    max_pool,
    over_places,
    padded,
    reduction,
    reshape,
    shape_of,
    sliced,
    split_up,
    squeeze,
    summed,
    transpose,
    unchanged,
    unsqueeze,
)


@dataclass(frozen=True)
class Operation:
    """A function of an operation's inputs, of which those at `sizes` are numbers, and its attributes; what the reader calls it."""

    function: Callable[..., Any]
    name: str
    sizes: tuple[int, ...] = ()
    shape_only: bool = False


OPERATIONS: dict[str, Operation] = {
    "Conv": Operation(convolution, "convolution"),
    "MaxPool": Operation(max_pool, "max_pool2d"),
    "GlobalMaxPool": Operation(over_places(torch.amax), "amax"),
    "GlobalAveragePool": Operation(over_places(torch.mean), "mean"),
    "ReduceMax": Operation(reduction(torch.amax), "amax", (1,)),
    "ReduceMean": Operation(reduction(torch.mean), "mean", (1,)),
    "ReduceSum": Operation(reduction(torch.sum), "sum", (1,)),
    "BatchNormalization": Operation(batch_norm, "batch_norm"),
    "Gemm": Operation(gemm, "addmm"),
    "MatMul": Operation(torch.matmul, "matmul"),
    "Add": Operation(torch.add, "add"),
    "Sum": Operation(summed, "add"),
    "Sub": Operation(torch.sub, "sub"),
    "Mul": Operation(torch.mul, "mul"),
    "Div": Operation(divided, "div"),
    "Neg": Operation(torch.neg, "neg"),
    "Sqrt": Operation(torch.sqrt, "sqrt"),
    "Pow": Operation(torch.pow, "pow"),
    "Reciprocal": Operation(torch.reciprocal, "reciprocal"),
    "Gather": Operation(gather, "index_select"),
    "Slice": Operation(sliced, "slice", (1, 2, 3, 4)),
    "Pad": Operation(padded, "pad", (1, 2, 3)),
    "Reshape": Operation(reshape, "reshape", (1,)),
    "Flatten": Operation(flatten, "flatten"),
    "Squeeze": Operation(squeeze, "squeeze", (1,)),
    "Unsqueeze": Operation(unsqueeze, "unsqueeze", (1,)),
    "Split": Operation(split_up, "split", (1,)),
    "Transpose": Operation(transpose, "permute"),
    "Concat": Operation(concat, "cat"),
    "Cast": Operation(cast_to, "to"),
    "Expand": Operation(expand, "expand", (1,)),
    "Identity": Operation(unchanged, "alias"),
    "Dropout": Operation(unchanged, "dropout", (1, 2)),
    "ConstantOfShape": Operation(full, "full", (0,)),
    "Shape": Operation(shape_of, "shape", shape_only=True),
    "Relu": Operation(torch.relu, "relu"),
    "Tanh": Operation(torch.tanh, "tanh"),
    "Sigmoid": Operation(torch.sigmoid, "sigmoid"),
    "Softplus": Operation(F.softplus, "softplus"),
    "LeakyRelu": Operation(leaky_relu, "leaky_relu"),
    "Elu": Operation(elu, "elu"),
    "Selu": Operation(F.selu, "selu"),
    "Celu": Operation(celu, "celu"),
    "Gelu": Operation(gelu, "gelu"),
    "HardSigmoid": Operation(hard_sigmoid, "hardsigmoid"),
    "HardSwish": Operation(F.hardswish, "hardswish"),
    "Mish": Operation(F.mish, "mish"),
    "Exp": Operation(torch.exp, "exp"),
    "Abs": Operation(torch.abs, "abs"),
    "Clip": Operation(clip, "clamp", (1, 2)),
    "Softmax": Operation(along_last(torch.softmax), "softmax"),
    "LogSoftmax": Operation(along_last(torch.log_softmax), "log_softmax"),
    "Equal": Operation(torch.eq, "eq"),
    "Not": Operation(torch.logical_not, "logical_not"),
    "Where": Operation(torch.where, "where"),
}
REFUSED = {  # what the reader calls what it will not read
    "LSTM": "lstm",
    "GRU": "gru",
    "RNN": "rnn_tanh",
    "TopK": "topk",
    "LayerNormalization": "layer_norm",
    "ReduceLogSumExp": "logsumexp",
    "Attention": "scaled_dot_product_attention",
}
