"""Programs of `torch.export`: read and equal, and nothing that they hold is unpickled or evaluated."""

import json
import os
import pickle
import warnings
import zipfile

import numpy as np
import pytest
import torch
from tests.adopt.networks import READ, REFUSED, Normed, Rows
from tests.adopt.test_adopt import adopted, network, service, texts
from tests.adopt.test_onnx import example, parts

from convlens import CannotRead, Padding, Vocabulary
from convlens.adopt.conversion import rows_of, weights_of
from convlens.adopt.exported import load_exported
from convlens.adopt.graph import graph_of
from convlens.adopt.reader import read
from convlens.adopt.served import Chosen
from convlens.errors import InputError


def saved(module, path, *, free=False):
    """A program for one text of one length, or for any."""
    any_size = torch.export.Dim.AUTO
    shapes = ({0: any_size, 1: any_size},) if free else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(module, (example(1 + free),), dynamic_shapes=shapes), path)
    return path


@pytest.mark.parametrize(
    ("name", "free"),
    [
        *((name, False) for name in READ),
        ("two-dimensional", True),
        ("one-dimensional", True),
        ("batch norm", True),
    ],
)
def test_a_program_is_read_as_the_network_that_it_was_made_of(name, free, tmp_path):
    torch.manual_seed(0)
    module = READ[name]().eval()
    program = Chosen(load_exported(saved(module, tmp_path / "network.pt2", free=free), 20), None)
    ids = example()
    ours, theirs = read(program.graph(ids)), read(graph_of(module, ids))
    assert (ours.activation, ours.squash, ours.front) == (theirs.activation, theirs.squash, theirs.front)
    for part, expected in zip(parts(ours), parts(theirs), strict=True):
        torch.testing.assert_close(part, expected)
    with torch.no_grad():
        torch.testing.assert_close(program(ids), module(ids))


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "of data"])
def test_what_is_no_such_network_is_refused_for_its_reason(name, tmp_path):
    torch.manual_seed(0)
    make, reason = REFUSED[name]
    path = saved(make().eval(), tmp_path / "network.pt2")
    words = Vocabulary({f"w{row}": row for row in range(2, 50)}, padding=0, unknown=1)
    reason = "`one_hot`" if name == "one-hot" else reason

    def taken():
        graph = Chosen(load_exported(path, None), None).graph(example())
        return weights_of(read(graph), rows_of(words), Padding(), 3)

    with pytest.raises(CannotRead, match=reason):
        taken()


def test_it_is_taken_over_with_a_proof(tmp_path):
    module = network(Rows)
    classifier = adopted(saved(module, tmp_path / "network.pt2", free=True), padding=Padding(least=6))
    padded = service(module, lambda ids: ids + [0] * (6 - len(ids)))
    np.testing.assert_allclose(classifier.logits(texts()), padded(texts()), atol=1e-5)
    assert classifier.adoption.source == "a file of torch.export"


def test_a_refusal_names_the_line(tmp_path):
    with pytest.raises(CannotRead, match=r"`topk` \(line \d+ of networks.py\)"):
        load_exported(saved(network(Rows, pool="topk"), tmp_path / "network.pt2"), None)


# --- hostile files ---


class Trap:
    """What does something when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def changed(path, change, *, compression=zipfile.ZIP_STORED):
    """A sound program whose entries were changed."""
    saved(network(Rows), path)
    with zipfile.ZipFile(path) as archive:
        entries = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(f"network/{name}", content)
    return path


def edit(name, *pairs):
    """Other text in an entry."""

    def change(entries):
        for old, new in pairs:
            assert old.encode() in entries[name]
            entries[name] = entries[name].replace(old.encode(), new.encode())

    return change


def pickled_weights(entries):
    edit("data/weights/model_weights_config.json", ('"use_pickle": false', '"use_pickle": true'))(entries)
    entries["data/weights/weight_0"] = pickle.dumps(Trap())


def pickled_everywhere(entries):
    for name in entries:
        if name.startswith("data/weights/weight"):
            entries[name] = pickle.dumps(Trap())


def cyclic(entries):
    program = json.loads(entries["models/model.json"])
    nodes = program["graph_module"]["graph"]["nodes"]
    nodes[0], nodes[1] = nodes[1], nodes[0]
    entries["models/model.json"] = json.dumps(program).encode()


MODEL = "models/model.json"
HOSTILE = {
    "pickled weights": (pickled_weights, "is pickled, and nothing is unpickled here"),
    "pickles in the place of weights": (pickled_everywhere, r"has \d+ bytes, expected 1,600"),
    "an operator of its own": (
        edit(MODEL, ("torch.ops.aten.relu.default", "torch.ops.mine.relu.default")),
        "an operator that is not torch's own .*torch.ops.mine.relu",
    ),
    "a function of Python": (
        edit(MODEL, ("torch.ops.aten.relu.default", "os.system")),
        "not torch's own .*os.system",
    ),
    "a function of operator": (
        edit(MODEL, ("torch.ops.aten.relu.default", "_operator.attrgetter")),
        "not torch's own .*attrgetter",
    ),
    "an operation that reads files": (
        edit(MODEL, ("torch.ops.aten.relu.default", "torch.ops.aten.from_file.default")),
        "`from_file`.* is no operation that text CNNs",
    ),
    "an overload that is none": (
        edit(MODEL, ("torch.ops.aten.relu.default", "torch.ops.aten.relu.__class__")),
        "is no exported program that torch|cannot be run",
    ),
    "absurd sizes": (
        edit("data/weights/model_weights_config.json", ('{"as_int": 50}', '{"as_int": 1099511627776}')),
        "has 1,600 bytes, expected 35,184,372,088,832",
    ),
    "sizes by repetition": (
        edit(
            "data/weights/model_weights_config.json",
            ('"sizes": [{"as_int": 50}', '"sizes": [{"as_int": 1099511627776}'),
            ('"strides": [{"as_int": 8}', '"strides": [{"as_int": 0}'),
        ),
        "is no exported program that torch|bytes, expected",
    ),
    "weights of two shapes": (
        edit(
            "data/weights/model_weights_config.json", ('"path_name": "weight_1"', '"path_name": "weight_0"')
        ),
        "weight_0 is of two shapes",
    ),
    "a weight that is not there": (
        lambda entries: entries.pop("data/weights/weight_0"),
        "no exported program",
    ),
    "no description": (lambda entries: entries.pop(MODEL), r"has 0 models/\*.json"),
    "an order that cannot be run": (cyclic, "which no step before it gives"),
    "training mode": (
        lambda entries: edit(
            MODEL,
            ("torch.ops.aten.relu.default", "torch.ops.aten.dropout.default"),
            (
                '"kind": 1}], "outputs": [{"as_tensor": {"name": "relu"}',
                '"kind": 1}, {"name": "p", "arg": {"as_float": 0.5}, "kind": 1}, {"name": "train", "arg": {"as_bool": true}, "kind": 1}], "outputs": [{"as_tensor": {"name": "relu"}',
            ),
        )(entries),
        "exported in training mode",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_programs_are_refused_in_a_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change, reason = HOSTILE[name]
    with pytest.raises(InputError, match=reason):
        load_exported(changed(tmp_path / "network.pt2", change), 20)
    assert not (tmp_path / "sprung").exists()


def test_expressions_are_not_evaluated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trap = '__import__(\\"os\\").mkdir(\\"sprung\\")'

    def change(entries):
        text = entries[MODEL].decode()
        place = '"sizes": [{"as_int": 1}, {"as_int": 20}]'
        assert place in text
        entries[MODEL] = text.replace(
            place,
            f'"sizes": [{{"as_int": 1}}, {{"as_expr": {{"expr_str": "{trap}", "hint": {{"as_int": 20}}}}}}]',
        ).encode()
        entries["data/sample_inputs/model.pt"] = pickle.dumps(Trap())

    assert load_exported(changed(tmp_path / "network.pt2", change), 20).length is None
    assert not (tmp_path / "sprung").exists()


def test_compressed_and_damaged_files(tmp_path):
    with pytest.raises(InputError, match="is compressed"):
        load_exported(
            changed(tmp_path / "network.pt2", lambda entries: None, compression=zipfile.ZIP_DEFLATED), 20
        )
    whole = saved(network(Rows), tmp_path / "network.pt2").read_bytes()
    for content in (b"", b"\x80\x04.", whole[: len(whole) // 2]):
        (tmp_path / "network.pt2").write_bytes(content)
        with pytest.raises(InputError, match="is no exported program"):
            load_exported(tmp_path / "network.pt2", 20)
    with pytest.raises(InputError, match=r"no exported program .*No such file"):
        load_exported(tmp_path / "none.pt2", 20)


def test_a_program_in_training_is_refused(tmp_path):
    module = Normed()
    path = saved(module.train(), tmp_path / "network.pt2")
    with pytest.raises(InputError, match=r"export network.eval\(\)"):
        load_exported(path, 20)
