"""Networks from files of ONNX: read and equal, or refused before anything of theirs runs or takes memory."""

import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from tests.adopt.networks import LENGTH, READ, WORDS, Rows
from tests.adopt.test_adopt import adopted, network, service, texts

from convlens import CannotRead, Padding
from convlens.adopt.graph import graph_of
from convlens.adopt.onnx_files import _step, load_onnx
from convlens.adopt.onnx_operations import OPERATIONS
from convlens.adopt.reader import read
from convlens.adopt.served import Chosen
from convlens.adopt.steps import resolved
from convlens.errors import InputError


def example(texts=1):
    return torch.randint(2, WORDS, (texts, LENGTH), generator=torch.Generator().manual_seed(0))


def exported(module, path, *, dynamo=False, free=False):
    """A file as torch writes it, for texts of one length or of any."""
    names = {"input_names": ["ids"], "output_names": ["logits"], "dynamo": dynamo}
    if free:
        any_size = torch.export.Dim.DYNAMIC
        names |= (
            {"dynamic_shapes": ({0: any_size, 1: any_size},)}
            if dynamo
            else {"dynamic_axes": {"ids": {0: "texts", 1: "words"}}}
        )
    if dynamo:
        names |= {"external_data": False, "verbose": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (example(1 + (free and dynamo)),), path, **names)
    return path


def parts(network):
    """All tensors that were read."""
    layers = [tensor for layer in network.layers for tensor in layer]
    filters = [tensor for one in network.convolutions for tensor in (one.weights, one.biases)]
    return [network.vectors, *filters, *layers]


@pytest.mark.parametrize(
    ("name", "free"),
    [
        *((name, False) for name in READ),
        ("two-dimensional", True),
        ("one-dimensional", True),
        ("batch norm", True),
    ],
)
def test_a_file_is_read_as_the_network_that_it_was_made_of(name, free, tmp_path):
    torch.manual_seed(0)
    module = READ[name]().eval()
    file = Chosen(load_onnx(exported(module, tmp_path / "network.onnx", free=free), LENGTH), None)
    ids = example()
    ours, theirs = read(file.graph(ids)), read(graph_of(module, ids))
    assert (ours.activation, ours.squash, ours.front) == (theirs.activation, theirs.squash, theirs.front)
    for part, expected in zip(parts(ours), parts(theirs), strict=True):
        torch.testing.assert_close(part, expected, rtol=1e-6, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(file(ids), module(ids).reshape(file(ids).shape), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("free", [False, True])
def test_the_exporter_of_today(free, tmp_path):
    module = network(Rows)
    path = exported(module, tmp_path / "network.onnx", dynamo=True, free=free)
    file = Chosen(load_onnx(path, None), None)
    for part, expected in zip(
        parts(read(file.graph(example()))), parts(read(graph_of(module, example()))), strict=True
    ):
        torch.testing.assert_close(part, expected)


def test_it_is_taken_over_with_a_proof_by_onnx_runtime(tmp_path):
    module = network(Rows)
    path = exported(module, tmp_path / "network.onnx", free=True)
    classifier = adopted(path, padding=Padding(least=5))
    np.testing.assert_allclose(classifier.logits(texts()), service(module)(texts()), atol=1e-5)
    assert classifier.adoption.source == "a file of ONNX"
    assert classifier.adoption.versions["onnxruntime"] == onnxruntime.__version__


def test_one_of_several_outputs(tmp_path):
    path = exported(network(Rows), tmp_path / "network.onnx", free=True)
    model = onnx.load(path)
    model.graph.output.append(
        helper.make_tensor_value_info(model.graph.node[0].output[0], 1, ["a", "b", "c"])
    )
    onnx.save(model, path)
    with pytest.raises(
        InputError, match=r"gives .* not one tensor of logits: say which of its outputs by output="
    ):
        adopted(path, padding=Padding(least=5))
    assert adopted(path, padding=Padding(least=5), output="logits").adoption.proof.texts == 80


def test_one_text_at_a_time(tmp_path):
    path = exported(network(Rows), tmp_path / "network.onnx")
    file = load_onnx(path, None)
    assert (file.entry.alone, file.length) == (True, LENGTH)
    torch.testing.assert_close(file(example(3)), network(Rows)(example(3)))
    with pytest.raises(InputError, match="takes texts of 20 words"):
        file(example()[:, :7])


# --- operations, beside ONNX Runtime's ---

X = np.linspace(-3, 3, 24, dtype=np.float32).reshape(2, 3, 4)
IMAGE = np.linspace(-3, 3, 48, dtype=np.float32).reshape(2, 3, 4, 2)
KERNEL = np.linspace(-1, 1, 30, dtype=np.float32).reshape(5, 3, 2)
SQUARE = np.linspace(-1, 1, 60, dtype=np.float32).reshape(5, 3, 2, 2)
ONES = np.ones(3, np.float32)


def ints(*values):
    return np.array(values, np.int64)


CASES = [
    ("Conv", [X, KERNEL], {"pads": [1, 0], "strides": [2], "kernel_shape": [2]}),
    ("Conv", [X, KERNEL, np.ones(5, np.float32)], {"auto_pad": "SAME_UPPER"}),
    ("Conv", [X, KERNEL], {"dilations": [2], "auto_pad": "VALID"}),
    ("Conv", [IMAGE, SQUARE], {"pads": [1, 0, 0, 1]}),
    ("MaxPool", [X], {"kernel_shape": [2], "strides": [2]}),
    ("MaxPool", [X], {"kernel_shape": [2], "pads": [1, 1]}),
    ("MaxPool", [IMAGE], {"kernel_shape": [4, 1]}),
    ("GlobalMaxPool", [IMAGE], {}),
    ("GlobalAveragePool", [X], {}),
    ("ReduceMax", [X, ints(2)], {"keepdims": 0}),
    ("ReduceMean", [X, ints(-1, 1)], {}),
    ("ReduceSum", [X], {}),
    ("BatchNormalization", [X, ONES * 2, ONES, ONES * 0.5, ONES * 3], {"epsilon": 0.1}),
    ("Gemm", [X[0], X[1], X[0, :, :3]], {"alpha": 0.5, "beta": 2.0, "transB": 1}),
    ("MatMul", [X, X.transpose(0, 2, 1)], {}),
    *((name, [X, X + 4], {}) for name in ("Add", "Sub", "Mul", "Div", "Sum")),
    ("Div", [ints(-7, 7, 8), ints(2, 2, 4)], {}),
    *((name, [X], {}) for name in ("Neg", "Relu", "Tanh", "Sigmoid", "Softplus", "Exp", "Abs", "Identity")),
    *((name, [X], {}) for name in ("Selu", "HardSwish", "Mish", "Transpose")),
    *((name, [X], {"alpha": 0.3}) for name in ("LeakyRelu", "Elu", "Celu")),
    ("HardSigmoid", [X], {"alpha": 0.3, "beta": 0.4}),
    ("Gelu", [X], {}),
    ("Gelu", [X], {"approximate": "tanh"}),
    ("Clip", [X, np.float32(-1), np.float32(2)], {}),
    ("Sqrt", [X + 4], {}),
    ("Reciprocal", [X + 4], {}),
    ("Pow", [X + 4, np.float32(1.5)], {}),
    ("Softmax", [X], {"axis": -1}),
    ("LogSoftmax", [X], {"axis": 2}),
    ("Gather", [X, ints(1, 0, -1)], {"axis": 1}),
    ("Gather", [X, np.array([[0, 1], [1, -2]])], {}),
    ("Slice", [X, ints(-1), ints(-9), ints(1), ints(-1)], {}),
    ("Slice", [X, ints(1, 0), ints(9, 2), ints(2, 1)], {}),
    ("Pad", [X, ints(0, 1, 2, 1, 0, 3), np.float32(7)], {}),
    ("Pad", [X, ints(1, 2), np.float32(0), ints(-1)], {}),
    ("Reshape", [X, ints(0, -1)], {}),
    ("Flatten", [X], {"axis": 2}),
    ("Squeeze", [X[:, :1], ints(1)], {}),
    ("Unsqueeze", [X, ints(0, -1)], {}),
    ("Split", [X, ints(1, 3)], {"axis": 2}),
    ("Split", [X], {"axis": 2, "num_outputs": 3}),
    ("Transpose", [X], {"perm": [1, 2, 0]}),
    ("Concat", [X, X], {"axis": 1}),
    ("Cast", [X], {"to": TensorProto.INT64}),
    ("Expand", [X[:, :1], ints(3, 1)], {}),
    ("Dropout", [X], {}),
    ("ConstantOfShape", [ints(2, 3)], {"value": numpy_helper.from_array(ints(4))}),
    ("Shape", [X], {"start": 1}),
    ("Equal", [ints(1, 2), ints(1, 3)], {}),
    ("Not", [np.array([True, False])], {}),
    ("Where", [X > 0, X, X * 2], {}),
]


@pytest.mark.parametrize(("name", "arrays", "attributes"), CASES)
def test_an_operation_does_what_it_does_in_onnx_runtime(name, arrays, attributes):
    inputs = {f"i{i}": np.asarray(array) for i, array in enumerate(arrays)}
    outputs = [f"o{i}" for i in range({"Split": attributes.get("num_outputs", 2)}.get(name, 1))]
    node = helper.make_node(name, list(inputs), outputs, **attributes)
    step = _step(node)
    tensors = {one: torch.from_numpy(array.copy()) for one, array in inputs.items()}
    arguments, options = resolved(step, tensors)
    value = step.function(*arguments, **options)
    results = dict(zip(outputs, value if len(outputs) > 1 else (value,), strict=True))
    graph = helper.make_graph(
        [node], "one", *([_info(*pair) for pair in ends.items()] for ends in (inputs, results))
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for result, expected in zip(results.values(), session.run(None, inputs), strict=True):
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5, atol=1e-6)


def _info(name, values):
    kind = helper.np_dtype_to_tensor_dtype(np.asarray(values).dtype)
    return helper.make_tensor_value_info(name, kind, None)


def test_every_operation_has_a_case():
    assert {name for name, *_ in CASES} == set(OPERATIONS)


# --- what is refused ---


def model_of(*nodes, tensors=(), inputs=("ids",), domains=(), kind=TensorProto.INT64):
    """A model of nodes, from word numbers to `out`."""
    infos = [helper.make_tensor_value_info(one, kind, ["texts", "words"]) for one in inputs]
    graph = helper.make_graph(
        nodes,
        "hostile",
        infos,
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["a", "b"])],
        tensors,
    )
    opsets = [helper.make_opsetid(domain, 1) for domain in domains]
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), *opsets], ir_version=9)


def whole(values, name):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def node(name, inputs, **options):
    return helper.make_node(name, inputs, ["out"], **options)


def external():
    tensor = TensorProto(name="table", data_type=1, dims=[2, 2], data_location=TensorProto.EXTERNAL)
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return model_of(node("Gather", ["table", "ids"]), tensors=[tensor])


def of_absurd_shape():
    tensor = TensorProto(name="table", data_type=1, dims=[2**40, 2**20], raw_data=b"\0" * 16)
    return model_of(node("Gather", ["table", "ids"]), tensors=[tensor])


def outer():
    ones = [node("ConstantOfShape", ["high"]), node("ConstantOfShape", ["wide"])]
    ones[0].output[0], ones[1].output[0] = "a", "b"
    sizes = [whole([2**20, 1], "high"), whole([1, 2**20], "wide")]
    return model_of(*ones, node("MatMul", ["a", "b"]), tensors=sizes)


def doubling():
    steps = [helper.make_node("Cast", ["ids"], ["x0"], to=TensorProto.FLOAT)]
    steps += [helper.make_node("Concat", [f"x{i}", f"x{i}"], [f"x{i + 1}"], axis=0) for i in range(40)]
    return model_of(*steps, node("Identity", ["x40"]))


def conditional():
    same = helper.make_node("Identity", ["ids"], ["taken"])
    branch = helper.make_graph(
        [same], "branch", [], [helper.make_tensor_value_info("taken", TensorProto.INT64, ["a", "b"])]
    )
    asks = helper.make_node("Equal", ["ids", "ids"], ["same"])
    return model_of(asks, node("If", ["same"], then_branch=branch, else_branch=branch))


def sparse():
    values = numpy_helper.from_array(np.ones(1, np.float32), "table")
    model = model_of(node("Gather", ["table", "ids"]))
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, whole([0], "places"), [2**40]))
    return model


HOSTILE = {
    "weights in another file": (external, "are in a file of their own, which is not read"),
    "a shape that its numbers do not have": (of_absurd_shape, "is no sound ONNX model|not what their shape"),
    "a constant of absurd size": (
        lambda: model_of(node("ConstantOfShape", ["size"]), tensors=[whole([2**20, 2**20], "size")]),
        "would make 1,099,511,627,776 numbers",
    ),
    "an expansion of absurd size": (
        lambda: model_of(node("Expand", ["ids", "size"]), tensors=[whole([2**40, 1, 1], "size")]),
        "`Expand` would make",
    ),
    "padding of absurd size": (
        lambda: model_of(node("Pad", ["ids", "size"]), tensors=[whole([0, 2**40, 0, 0], "size")]),
        "`Pad` would make",
    ),
    "an outer product": (outer, "`MatMul` would make 1,099,511,627,776 numbers"),
    "doubling": (doubling, "`Concat` would make"),
    "operations of another domain": (
        lambda: model_of(node("Trap", ["ids"], domain="com.evil"), domains=["com.evil"]),
        "operations that are not ONNX's own .*com.evil",
    ),
    "a choice by the words": (conditional, "`If` depends on the words of a text"),
    "sparse weights": (sparse, "has sparse weights|is no sound ONNX model"),
    "an operation of no text CNN": (
        lambda: model_of(node("NonZero", ["ids"])),
        "`NonZero` is no operation that",
    ),
    "a size by the words": (
        lambda: model_of(
            helper.make_node("ReduceMax", ["ids"], ["size"], keepdims=0), node("ConstantOfShape", ["size"])
        ),
        "cannot be run|depends on the words",
    ),
    "several inputs": (
        lambda: model_of(node("Add", ["ids", "mask"]), inputs=("ids", "mask")),
        r"takes 2 inputs .*must take word numbers alone",
    ),
    "a step without what it reads": (lambda: model_of(node("Relu", ["nowhere"])), "is no sound ONNX model"),
    "a recurrent network": (
        lambda: model_of(
            helper.make_node("LSTM", ["ids", "ids", "ids"], ["out"], hidden_size=3), kind=TensorProto.FLOAT
        ),
        "`LSTM` is recurrent, so no exact answer",
    ),
    "unknown settings": (
        lambda: model_of(node("Pad", ["ids", "size"], mode="reflect"), tensors=[whole([0] * 4, "size")]),
        "pads by reflect values",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(name, tmp_path):
    make, reason = HOSTILE[name]
    path = tmp_path / "network.onnx"
    path.write_bytes(make().SerializeToString())
    with pytest.raises(InputError, match=reason):
        load_onnx(path, None)


@pytest.mark.parametrize("content", [b"", b"\x80\x04no model", b"\xff" * 100])
def test_what_is_no_model(content, tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"no sound ONNX model|takes 0 inputs"):
        load_onnx(path, None)


def test_words_that_the_network_has_not(tmp_path):
    path = exported(network(Rows), tmp_path / "network.onnx", free=True)
    with pytest.raises(InputError, match="no vector for some word numbers"):
        adopted(path, vocabulary={f"w{row}": row + 90 for row in range(90)}, padding=Padding(least=5))


def test_several_texts_at_once_are_refused(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network(Rows), (example(2),), tmp_path / "network.onnx", dynamo=False)
    with pytest.raises(InputError, match="takes 2 texts at once: export it for one"):
        load_onnx(tmp_path / "network.onnx", None)


def test_a_length_that_is_not_said_is_asked_for(tmp_path):
    path = exported(READ["two-dimensional"]().eval(), tmp_path / "network.onnx", free=True)
    with pytest.raises(CannotRead, match=r"on a text of 48 words .* give padding=Padding\(length=...\)"):
        load_onnx(path, None)
