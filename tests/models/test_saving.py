import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from convlens.data import fingerprints
from convlens.errors import InputError
from convlens.models import Metrics, TrainingHistory, build, load, save
from convlens.models.rows import ROWS

TEXTS = ["a good film", "bad", ""]


@pytest.fixture
def folder(classifier, tmp_path):
    save(classifier, tmp_path / "model")
    return tmp_path / "model"


def edit(path, change):
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def test_the_record_of_many_classes_has_no_square_of_them():
    for classes, kept in ((100, True), (101, False)):
        metrics = Metrics(tuple(map(str, range(classes))), np.eye(classes, dtype=np.int64))
        test = TrainingHistory().tested(classes, metrics.to_dict()).test
        assert ("confusion" in test) == kept
        assert (test["accuracy"], test["rows"]) == (1, classes)


def test_a_saved_classifier_comes_back_the_same(classifier, folder):
    again = load(folder)
    assert np.array_equal(again.logits(TEXTS), classifier.logits(TEXTS))
    assert (again.labels, again.record, again.tokenizer) == (
        classifier.labels,
        classifier.record,
        classifier.tokenizer,
    )
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "training.safetensors",
    ]


def test_a_deep_classifier_comes_back_the_same(deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    again = load(tmp_path / "deep")
    assert np.array_equal(again.logits(TEXTS), deep_classifier.logits(TEXTS))
    assert again.model.config == deep_classifier.model.config
    card = (tmp_path / "deep" / "README.md").read_text()
    assert "stacked layers that tells negative, positive apart" in card
    assert "8 x 3 / 2, then 8 x 2, then max over time, then dense 8" in card
    assert 'explain MODEL "a text" --method gradient-x-input' in card


def test_dense_layers_come_back_and_one_alone_has_the_names_it_always_had(deep_classifier, tmp_path):
    for hidden, names in ((8, {"dense"}), ((8, 3), {"dense", "further.0"}), ((8,), {"dense"})):
        config = replace(deep_classifier.model.config, hidden=hidden)
        model = build(config, deep_classifier.tokenizer.size, 2).eval()
        save(replace(deep_classifier, model=model), tmp_path / "m", force=True)
        tensors = load_file(tmp_path / "m" / "model.safetensors")
        dense = {n.rpartition(".")[0] for n in tensors} - {"embed", "head", "convs.0", "convs.1"}
        again = load(tmp_path / "m")
        assert (dense, again.model.config) == (names, config)
        assert np.array_equal(again.logits(TEXTS), replace(deep_classifier, model=model).logits(TEXTS))
        written = json.loads((tmp_path / "m" / "config.json").read_text())["model"]["hidden"]
        assert written == (8 if names == {"dense"} else [8, 3])


def test_stacked_layers_come_back_as_they_were_pooled_and_older_folders_had_the_max(
    deep_classifier, tmp_path
):
    save(deep_classifier, tmp_path / "older")
    again = load(tmp_path / "older")
    assert np.array_equal(again.logits(TEXTS), deep_classifier.logits(TEXTS))
    assert again.model.config == deep_classifier.model.config
    edit(tmp_path / "older" / "config.json", lambda v: v["model"].update(over_time="mean"))
    mean = load(tmp_path / "older")
    save(mean, tmp_path / "mean")
    assert load(tmp_path / "mean").model.config == replace(again.model.config, over_time="mean")
    assert np.array_equal(load(tmp_path / "mean").logits(TEXTS), mean.logits(TEXTS))
    assert "then mean over time" in (tmp_path / "mean" / "README.md").read_text()
    edit(tmp_path / "older" / "config.json", lambda v: v["model"].update(over_time="median"))
    with pytest.raises(InputError, match="damaged or was edited"):
        load(tmp_path / "older")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["layers"][0].update(filters=9), "the model's config asks for"),
        (lambda m: m["layers"][0].update(filters=2**70), "the model's config asks for"),
        (lambda m: m["layers"][0].update(dilation=2), "damaged or was edited"),
        (lambda m: m["layers"][0].update(stride=4), "stride of a layer must be at most its kernel of 3"),
        (lambda m: m.update(layers=[]), "at least one layer"),
        (lambda m: m.update(length=2**62, hidden=2**62), "cannot see more than 100,000 words"),
        (lambda m: m.update(sigmoid=True), "the model's config asks for"),
    ],
)
def test_an_edited_config_of_layers_is_refused(deep_classifier, tmp_path, change, message):
    save(deep_classifier, tmp_path / "deep")
    edit(tmp_path / "deep" / "config.json", lambda v: change(v["model"]))
    with pytest.raises(InputError, match=message):
        load(tmp_path / "deep")


def test_the_card_tells_data_settings_and_metrics(classifier, tmp_path):
    record = classifier.record.tested(
        3, {"accuracy": 0.5, "macro_f1": 0.25, "majority_baseline": 1}, "convlens x"
    )
    save(type(classifier)(classifier.model, classifier.tokenizer, ("<b>", "a|b"), record), tmp_path / "m")
    card = (tmp_path / "m" / "README.md").read_text()
    for piece in ("54 train", "3 test", "50.00%", "convlens x", '"seed": 0', "&lt;b>, a\\|b"):
        assert piece in card


def test_nothing_is_replaced_without_force(classifier, folder, tmp_path):
    with pytest.raises(InputError, match="exists: give another path, or --force"):
        save(classifier, folder)
    save(classifier, folder, force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("years of work")
    with pytest.raises(InputError, match="not a model folder, so it is not replaced"):
        save(classifier, tmp_path / "mine", force=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "model"]


def test_a_failed_save_leaves_the_old_model(classifier, folder, monkeypatch):
    monkeypatch.setattr("convlens.models.saving.model_card", lambda c: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(classifier, folder, force=True)
    assert load(folder).labels == classifier.labels
    assert [p.name for p in folder.parent.iterdir()] == ["model"]


def test_a_path_below_a_file_cannot_be_written(classifier, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        save(classifier, tmp_path / "file" / "model")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"not a whole model folder, {name} missing"):
        load(folder)


def test_no_folder_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="convlens fit DATA -o"):
        load(tmp_path / "none")


def test_truncated_weights_are_refused(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="may be cut off"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.update(format=2), "format 2, this ConvLens reads format 1"),
        (lambda v: v.update(kind="Bert"), "describes a 'Bert'"),
        (lambda v: v["model"].update(filters=9), "the model's config asks for"),
        (lambda v: v["model"].update(dim=10**9), "the model's config asks for"),
        (lambda v: v["model"].update(depth=3), "damaged or was edited"),
        (lambda v: v["model"].update(dropout="half"), "damaged or was edited"),
        (lambda v: v.update(labels=["a"]), "the model's config asks for"),
        (lambda v: v.update(labels=["a", "a"]), "labels must be different"),
        (lambda v: v.pop("record"), "damaged or was edited"),
    ],
)
def test_an_edited_config_is_refused(folder, change, message):
    edit(folder / "config.json", change)
    with pytest.raises(InputError, match=message):
        load(folder)


def test_a_vocabulary_of_another_size_is_refused(folder):
    edit(folder / "tokenizer.json", lambda v: v["words"].append("extra"))
    with pytest.raises(InputError, match=r"embed\.weight is"):
        load(folder)


def test_broken_json_and_encoding_are_refused(folder):
    (folder / "tokenizer.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        load(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(InputError, match="damaged or was edited"):
        load(folder)


def test_numbers_that_are_not_finite_are_refused(folder):
    weights = load_file(folder / "model.safetensors")
    weights["head.bias"][0] = torch.nan
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(InputError, match="not finite"):
        load(folder)


def test_a_copied_folder_works(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert load(tmp_path / "elsewhere").predict(["a good film"]) == ["positive"]


def test_the_rows_of_the_fit_are_saved(classifier, folder, corpus):
    again = load(folder)
    assert again.trained_on.has(fingerprints(corpus.texts)).all()
    assert not again.trained_on.has(fingerprints(["never heard"])).any()
    assert len(again.trained_on.validation) == 6
    save(again, folder.parent / "again")
    assert (folder / ROWS).read_bytes() == (folder.parent / "again" / ROWS).read_bytes()


def test_an_older_model_has_no_rows(folder):
    (folder / ROWS).unlink()
    edit(folder / "config.json", lambda v: v["record"].pop("held_out"))
    again = load(folder)
    assert (again.trained_on, again.record.held_out) == (None, None)
    save(again, folder.parent / "again")
    assert not (folder.parent / "again" / ROWS).exists()


@pytest.mark.parametrize(
    "tensors",
    [
        {"train": torch.arange(3)},
        {"train": torch.arange(3), "validation": torch.arange(3.0)},
        {"train": torch.arange(3).flip(0), "validation": torch.arange(3)},
        {"train": torch.arange(4).view(2, 2), "validation": torch.arange(3)},
        {"train": torch.zeros(2, dtype=torch.int64), "validation": torch.arange(3)},
        {"train": torch.arange(3).to(torch.float8_e4m3fn), "validation": torch.arange(3)},
        {"train": torch.arange(3).bfloat16(), "validation": torch.arange(3)},
    ],
)
def test_rows_that_are_none_are_refused(folder, tensors):
    save_file(tensors, folder / ROWS)
    with pytest.raises(InputError, match=r"training\.safetensors must hold fingerprints in order of size"):
        load(folder)
    (folder / ROWS).write_bytes(b"\0" * 7)
    with pytest.raises(InputError, match=r"training\.safetensors cannot be read, it may be cut off"):
        load(folder)


@pytest.mark.parametrize("value", [-1e308, 1e308])
def test_numbers_that_float32_cannot_hold(folder, value):
    tensors = {name: tensor.double() for name, tensor in load_file(folder / "model.safetensors").items()}
    tensors["head.weight"][0, 0] = value
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match="not finite"):
        load(folder)


@pytest.mark.parametrize("name", ["thresholds", "gates"])
def test_filters_at_numbers_that_float32_cannot_hold(folder, name):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    filters = load(folder).model.head.in_features
    path.write_text(json.dumps(config | {name: [1e308] * filters}))
    assert torch.isinf(getattr(load(folder).model, name)).all()  # as null: no value reaches them
    path.write_text(json.dumps(config | {name: [-1e308] * filters}))
    with pytest.raises(InputError, match=f"{name} in config.json must be a number from 0 on"):
        load(folder)


def test_settings_that_are_not_used_are_not_written(classifier, deep_classifier, tmp_path):
    """So that an older ConvLens reads the folder."""
    for model, known in (
        (classifier, {"regions", "filters", "dim", "dropout", "vector_dropout", "filter_bias", "head_bias"}),
        (deep_classifier, {"layers", "length", "hidden", "sigmoid", "dim", "dropout", "vector_dropout"}),
    ):
        save(model, tmp_path / "m", force=True)
        written = json.loads((tmp_path / "m" / "config.json").read_text())["model"]
        assert set(written) == known
        assert all("stride" not in layer for layer in written.get("layers", ()))
        assert load(tmp_path / "m").model.config == model.model.config
