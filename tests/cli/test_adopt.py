"""`convlens adopt`: a PyTorch network by its class and weights, or a file of Keras, proven and saved; or a sentence."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.adopt import networks
from tests.adopt.test_adopt import ROWS, network, texts
from tests.adopt.test_exported import saved

import convlens
from convlens.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with somebody's code, weights, vocabulary and texts."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(networks.__file__, tmp_path / "their_networks.py")
    module = network()
    save_file(module.state_dict(), tmp_path / "weights.safetensors")
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    (tmp_path / "vocab.json").write_text(json.dumps(ROWS), encoding="utf-8")
    (tmp_path / "texts.csv").write_text("text\n" + "\n".join(texts()), encoding="utf-8")
    (tmp_path / "arguments.json").write_text('{"outputs": 3}', encoding="utf-8")
    return tmp_path


def run(*more, weights="weights.safetensors", module="their_networks:ImageLike"):
    common = ["--vocabulary", "vocab.json", "--labels", "a,b,c", "--prove-on", "texts.csv"]
    with pytest.raises(SystemExit) as end:
        main(["adopt", "--module", module, "--weights", weights, *common, *more])
    return end.value.code or 0


@pytest.mark.parametrize("weights", ["weights.safetensors", "weights.pt"])
def test_a_network_is_taken_over_and_saved(folder, capsys, weights):
    assert run("--arguments", "arguments.json", "--padding", "length=30", "-o", "model", weights=weights) == 0
    assert "logits equal to those of the network on 80 texts" in capsys.readouterr().out
    classifier = convlens.load("model")
    assert classifier.adoption.padding == "cut and padded to 30 words"
    with pytest.raises(SystemExit) as end:
        main(["explain", "model", texts()[0], "--json"])
    assert not end.value.code


def test_a_length_is_a_padding(folder, capsys):
    assert run("--length", "30", "-o", "model") == 0
    assert convlens.load("model").adoption.padding == "cut and padded to 30 words"
    assert run("--length", "30", "--padding", "least=5", "-o", "other") == 2
    assert "give one of them" in capsys.readouterr().err


def test_json_has_the_proof(folder, capsys):
    assert run("--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["proof"]["texts"] == 80
    assert values["padding"] == "padded to 5 words"
    assert run() == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"module": "their_networks"}, "name the class after a colon"),
        ({"module": "their_networks:Nobody"}, "is not to be had"),
        ({"module": "nowhere:Nobody"}, "is not to be had"),
        ({"module": "their_networks:Rows"}, "does not fit"),
        ({"weights": "vocab.json"}, "is no state dict"),
        ({"module": "their_networks:Stacked"}, "does not fit"),
    ],
)
def test_what_cannot_be_taken_is_a_sentence(folder, capsys, options, sentence):
    assert run(**options) == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1
    assert not Path("adopted").exists()


def test_a_pickle_is_not_run(folder, capsys):
    torch.save(network(), folder / "module.pt")
    assert run(weights="module.pt") == 2
    assert "is no state dict" in capsys.readouterr().err


def test_a_network_that_answers_otherwise_is_exit_code_1(folder, capsys):
    assert run(module="their_networks:ByLength") == 1
    err = capsys.readouterr().err
    assert "not equal: the network and the model that was read differ on" in err
    assert "follows another formula for texts of other lengths" in err
    assert not Path("adopted").exists()


def test_a_network_comes_from_one_place(folder, capsys):
    with pytest.raises(SystemExit) as end:
        main(["adopt", "--labels", "a,b", "--prove-on", "texts.csv"])
    assert end.value.code == 2
    assert "give the path of a network (.keras, .h5, .onnx, .pt2), or --module" in capsys.readouterr().err


def test_weights_alone_with_a_recipe(folder, capsys):
    recipe = {"embedding": "embed", "convolutions": ["convs.0", "convs.1", "convs.2"], "head": "fc"}
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    common = ["--vocabulary", "vocab.json", "--labels", "a,b,c", "--prove-on", "texts.csv"]
    with pytest.raises(SystemExit) as end:
        main(["adopt", "--recipe", "recipe.json", "--weights", "weights.pt", *common, "-o", "model"])
    assert not end.value.code
    assert convlens.load("model").adoption.proof.texts == 80
    (folder / "recipe.json").write_text('{"embeddings": "embed"}', encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["adopt", "--recipe", "recipe.json", "--weights", "weights.pt", *common, "-o", "other"])
    assert end.value.code == 2
    assert "recipe.json is no recipe" in capsys.readouterr().err


def test_an_exported_program(folder):
    saved(network(), folder / "network.pt2")
    common = ["--vocabulary", "vocab.json", "--labels", "a,b,c", "--prove-on", "texts.csv"]
    with pytest.raises(SystemExit) as end:
        main(["adopt", "network.pt2", "--padding", "length=20", *common, "-o", "model"])
    assert not end.value.code
    assert convlens.load("model").adoption.source == "a file of torch.export"
