"""What others do with the same model and documents, in their fastest ordinary form."""

import importlib.util
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import LRP, InputXGradient, LayerIntegratedGradients
from torch import Tensor, nn

from convlens.data import load
from convlens.models import TextCNN, by_length, pad
from convlens.text import PAD, Documents, build_tokenizer

Convolve = Callable[[nn.Conv1d, Tensor], Tensor]


def conv1d(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """(B, T, d) -> (B, F, windows)."""
    return conv(x.transpose(1, 2))


def conv2d(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """The same with channels last."""
    return F.conv2d(x.transpose(1, 2)[:, :, None], conv.weight[:, :, None], conv.bias)[:, :, 0]


def unfold(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """The same as one matrix product."""
    windows = x.unfold(1, conv.kernel_size[0], 1).flatten(2)  # (B, windows, d n)
    return F.linear(windows, conv.weight.flatten(1), conv.bias).transpose(1, 2)


def forward(model: TextCNN, x: Tensor, convolve: Convolve = conv1d) -> Tensor:
    """Logits (B, C) of embedded documents (B, T, d), none shorter than a region."""
    pooled = [convolve(conv, x).amax(2) for conv in model.convolutions]
    return model.head(F.relu(torch.cat(pooled, 1)))


def batches(documents: Documents, batch: int) -> list[Tensor]:
    """Word numbers (B, T) of documents sorted by length: `batch` documents, or fewer than 2^16 padded words."""
    order, made = np.argsort(documents.lengths, kind="stable"), []
    for first in range(0, len(order), batch):
        places = order[first : first + batch]
        most = max(2**16 // max(int(documents.lengths[places].max()), 1), 1)
        made += [
            pad([documents[i] for i in places[part : part + most]]) for part in range(0, len(places), most)
        ]
    return made


@torch.no_grad()
def torch_forward(model: TextCNN, made: list[Tensor], convolve: Convolve) -> None:
    """One pass over batches that are ready."""
    for ids in made:
        forward(model, model.embed(ids), convolve)


def fastest(model: TextCNN, documents: Documents) -> tuple[int, Convolve]:
    """The fastest form of torch's forward pass on a part of the documents: documents in a batch, and how."""
    spread = max(len(documents) // 2000, 1)
    part = Documents.of([documents[i] for i in range(0, len(documents), spread)])
    made = {2**p: batches(part, 2**p) for p in range(5, 11)}
    forms = [(batch, convolve) for batch in made for convolve in (conv1d, conv2d, unfold)]

    def best_of(form: tuple[int, Convolve]) -> float:
        return min(seconds(lambda: torch_forward(model, made[form[0]], form[1])) for _ in range(3))

    return min(forms, key=best_of)


@cache
def onnx_session(model: TextCNN) -> Any:
    """The model from word numbers (B, T) to logits as a graph of ONNX Runtime, with as many threads as torch has."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weights, regions = model.weights, range(len(model.config.regions))
    arrays = {**weights.arrays(), "axis": np.array([2])}
    node = helper.make_node
    nodes = [
        node("Gather", ["embed.weight", "ids"], ["x"]),
        node("Transpose", ["x"], ["columns"], perm=[0, 2, 1]),
    ]
    for i in regions:
        nodes.append(node("Conv", ["columns", f"convs.{i}.weight", f"convs.{i}.bias"], [f"windows.{i}"]))
        nodes.append(node("ReduceMax", [f"windows.{i}", "axis"], [f"peaks.{i}"], keepdims=0))
    nodes += [
        node("Concat", [f"peaks.{i}" for i in regions], ["peaks"], axis=1),
        node("Relu", ["peaks"], ["pooled"]),
    ]
    nodes.append(node("Gemm", ["pooled", "head.weight", "head.bias"], ["logits"], transB=1))
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "T"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["B", weights.classes])
    given = [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "TextCNN", [ids], [logits], given)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(
        made.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )


def onnx_forward(model: TextCNN, documents: Documents) -> None:
    """ONNX Runtime's forward pass over batches of like length, the graph made before."""
    session = onnx_session(model)
    for ids in batches(documents, 128):
        session.run(None, {"ids": ids.numpy()})


def input_x_gradient(model: TextCNN, documents: Documents) -> None:
    """Captum's closest relative of a word's share."""
    explainer = InputXGradient(lambda x: forward(model, x))
    for places in by_length(documents.lengths.tolist()):
        x = model.embed(pad([documents[i] for i in places])).detach()
        explainer.attribute(x.requires_grad_(), target=0)


class Layers(nn.Module):
    """The model from its word vectors on, of layers that Captum's LRP has rules for; documents of one length."""

    def __init__(self, model: TextCNN, words: int) -> None:
        super().__init__()
        self.convolutions, self.pools, self.relus = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for conv, n in zip(model.convolutions, model.config.regions, strict=True):
            same = nn.Conv2d(conv.in_channels, conv.out_channels, (1, n))
            same.weight.data, same.bias.data = conv.weight.data[:, :, None], conv.bias.data
            self.convolutions.append(same)
            self.relus.append(nn.ReLU())
            self.pools.append(nn.MaxPool2d((1, words - n + 1)))
        self.head = model.head

    def forward(self, x: Tensor) -> Tensor:
        """Logits of (B, d, 1, T)."""
        branches = zip(self.convolutions, self.pools, self.relus, strict=True)
        return self.head(torch.cat([relu(pool(conv(x))).flatten(1) for conv, pool, relu in branches], 1))


def captum_lrp(model: TextCNN, documents: Documents) -> None:
    """Captum's layer-wise relevance propagation by its default rule."""
    for places in by_length(documents.lengths.tolist()):
        x = model.embed(pad([documents[i] for i in places])).detach().transpose(1, 2)[:, :, None]
        LRP(Layers(model, x.shape[3])).attribute(x.contiguous().requires_grad_(), target=0)


def integrated_gradients(model: TextCNN, documents: Documents) -> None:
    """Captum's layer integrated gradients, 50 steps."""
    explainer = LayerIntegratedGradients(lambda ids: forward(model, model.embed(ids)), model.embed)
    for places in by_length(documents.lengths.tolist(), 2**12):
        ids = pad([documents[i] for i in places])
        explainer.attribute(ids, torch.full_like(ids, PAD), target=0, n_steps=50)


@torch.no_grad()
def ablation(model: TextCNN, documents: Documents) -> None:
    """One forward pass for each word, that word taken out."""
    for i in range(len(documents)):
        ids = torch.from_numpy(documents[i]).repeat(len(documents[i]), 1)
        forward(model, model.embed(ids.fill_diagonal_(PAD)), conv2d)


def predictor(model: TextCNN) -> Callable[[list[str]], np.ndarray]:
    """Probabilities (texts, C) of texts whose words are word numbers, as the explainers of texts ask for them."""

    @torch.no_grad()
    def predict(texts: list[str]) -> np.ndarray:
        ids = Documents.of([np.array([int(w) for w in text.split()] or [PAD]) for text in texts])
        found = np.zeros((len(ids), model.head.out_features), dtype=np.float32)
        for places in by_length(ids.lengths.tolist()):
            padded = F.pad(pad([ids[i] for i in places]), (0, max(model.config.regions)))
            found[places] = forward(model, model.embed(padded), conv2d).softmax(1).numpy()
        return found

    return predict


def partition(model: TextCNN, documents: Documents) -> None:
    """SHAP's partition explainer with its defaults (at most 500 evaluations)."""
    import shap

    predict = predictor(model)
    explainer = shap.PartitionExplainer(predict, shap.maskers.Text(r"\s+", mask_token=str(PAD)))
    explainer([" ".join(map(str, documents[i])) for i in range(len(documents))], silent=True)


def lime(model: TextCNN, documents: Documents) -> None:
    """LIME's text explainer with its defaults (5,000 samples)."""
    from lime.lime_text import LimeTextExplainer

    explainer = LimeTextExplainer(bow=False, split_expression=r"\s+", mask_string=str(PAD), random_state=0)
    predict = predictor(model)
    for i in range(len(documents)):
        explainer.explain_instance(" ".join(map(str, documents[i])), predict)


def seconds(way: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    way()
    return time.perf_counter() - begin


def corpus(name: str, count: int) -> tuple[Documents, int]:
    """`count` documents of at least 5 words, the data set repeated where it is smaller, and its vocabulary."""
    texts = load(name).train.texts
    tokenizer = build_tokenizer(texts)
    found = [ids for ids in tokenizer.ids(texts) if len(ids) >= 5]
    return Documents.of([found[i % len(found)] for i in range(count)]), tokenizer.size


def is_there(way: Callable[..., object]) -> bool:
    """Whether the library of a way is installed; some are in the extra `bench` alone."""
    package = {partition: "shap", lime: "lime", onnx_forward: "onnxruntime"}.get(way)
    return package is None or importlib.util.find_spec(package) is not None
