"""Models of Keras, alive and from files, on its torch backend: read and proven, or refused before anything of theirs runs."""

import json
import os
import pickle
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import pytest
from tests.adopt.test_adopt import ROWS, texts

from convlens import CannotRead, Padding, adopt
from convlens.errors import InputError

keras = pytest.importorskip("keras", reason="keras is not installed: pip install convlens[keras]")
layers = keras.layers
WORDS, SIZE, LENGTH = 60, 8, 20
pytestmark = pytest.mark.filterwarnings("ignore")  # Keras' own, about NumPy and tracing


def parallel(*, act="relu", flat=False, hidden=False, end="softmax", same=False):
    """The functional network of most tutorials."""
    given = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(WORDS, SIZE)(given)
    maxima = []
    for n in (3, 4):
        maps = layers.Conv1D(6, n, activation=act, padding="same" if same else "valid")(x)
        pool = layers.MaxPooling1D(LENGTH - n + 1) if flat else layers.GlobalMaxPooling1D()
        maxima.append(layers.Flatten()(pool(maps)) if flat else pool(maps))
    x = layers.Dropout(0.5)(layers.Concatenate()(maxima))
    x = layers.Dense(5, activation="relu")(x) if hidden else x
    return keras.Model(given, layers.Dense(3, activation=end)(x))


def sequential():
    conv = [layers.Conv1D(6, 5, activation="relu"), layers.GlobalMaxPooling1D()]
    dense = [layers.Dense(10, activation="relu"), layers.Dense(1, activation="sigmoid")]
    return keras.Sequential(
        [keras.Input((LENGTH,), dtype="int32"), layers.Embedding(WORDS, SIZE), *conv, *dense]
    )


def images():
    given = keras.Input((LENGTH,))
    x = layers.Reshape((LENGTH, SIZE, 1))(layers.Embedding(WORDS, SIZE)(given))
    maps = [(n, layers.Conv2D(6, (n, SIZE), activation="relu")(x)) for n in (3, 4)]
    maxima = [layers.Flatten()(layers.MaxPooling2D((LENGTH - n + 1, 1))(m)) for n, m in maps]
    return keras.Model(given, layers.Dense(3, activation="softmax")(layers.Concatenate()(maxima)))


def normed():
    given = keras.Input((LENGTH,))
    x = layers.SpatialDropout1D(0.2)(layers.Embedding(WORDS, SIZE)(given))
    x = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv1D(6, 3)(x)))
    return keras.Model(given, layers.Dense(1, activation="sigmoid")(layers.GlobalMaxPooling1D()(x)))


READ = {
    "parallel": parallel,
    "flattened": lambda: parallel(flat=True),
    "hidden layer": lambda: parallel(hidden=True),
    "same padding": lambda: parallel(same=True),
    "tanh": lambda: parallel(act="tanh"),
    "logits": lambda: parallel(end=None),
    "sequential": sequential,
    "images": images,
    "batch norm": normed,
}


def adopted(model, **options):
    classes = max(2, model.output_shape[-1]) if hasattr(model, "output_shape") else 3
    settings = {"tokenizer": "split", "vocabulary": ROWS, "labels": tuple("abc"[:classes])}
    return adopt(model, **settings, **({"prove_on": texts(), "padding": Padding(length=LENGTH)} | options))


@pytest.mark.parametrize("name", READ)
def test_a_live_model_is_read_and_proven(name):
    keras.utils.set_random_seed(0)
    model = READ[name]()
    classifier = adopted(model)
    assert classifier.adoption.proof.largest < 1e-6
    ids = [[ROWS.get(word, 1) for word in text.split()][:LENGTH] for text in texts()]
    expected = np.asarray(
        model.predict(np.array([one + [0] * (LENGTH - len(one)) for one in ids]), verbose=0)
    )
    if name != "logits":
        ours = classifier.predict_proba(texts())
        np.testing.assert_allclose(ours if expected.shape[1] > 1 else ours[:, 1:], expected, atol=1e-6)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_file_is_read(tmp_path, suffix):
    model = parallel()
    model.save(tmp_path / f"model{suffix}")
    classifier = adopted(tmp_path / f"model{suffix}")
    np.testing.assert_allclose(classifier.logits(texts()), adopted(model).logits(texts()), atol=1e-6)


def test_a_network_of_one_length_needs_its_padding_or_a_service():
    model = parallel()
    with pytest.raises(InputError, match="takes texts of 20 words: say how they are padded"):
        adopted(model, padding=None)

    def service(given):
        ids = [[ROWS.get(word, 1) for word in text.split()][-LENGTH:] for text in given]
        return np.asarray(
            model.predict(np.array([[0] * (LENGTH - len(one)) + one for one in ids]), verbose=0)
        )

    classifier = adopted(model, padding=None, reference=service)
    assert classifier.adoption.padding == "cut and padded to 20 words in front"


def test_two_layers_are_refused():
    given = keras.Input((LENGTH,))
    x = layers.Embedding(WORDS, SIZE)(given)
    x = layers.Conv1D(6, 3, activation="relu")(layers.Conv1D(6, 3, activation="relu")(x))
    with pytest.raises(CannotRead, match="second layer"):
        adopted(keras.Model(given, layers.Dense(3)(layers.GlobalMaxPooling1D()(x))))


def spoiled(path, change):
    """A saved model whose description was changed."""
    parallel().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["config.json"] = change(parts["config.json"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_lambda(content):
    config = json.loads(content)
    config["config"]["layers"].append(
        {"class_name": "Lambda", "module": "keras.layers", "config": {"function": "x"}}
    )
    return json.dumps(config).encode()


def of_another_module(content):
    return content.replace(
        b'"module": "keras.layers", "class_name": "Dropout"', b'"module": "os", "class_name": "Dropout"'
    )


def with_list(content):
    return content.replace(b'"class_name": "Dropout"', b'"class_name": []')


def with_custom(content):
    return content.replace(b'"class_name": "Dropout"', b'"class_name": "Stranger", "module": "os"')


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_lambda, r"layers that may run code of their own.*Lambda"),
        (with_custom, "Stranger"),
        (of_another_module, r"os\.Dropout"),
        (with_list, r"\[\]"),
        (lambda content: b"{", "it is not JSON"),
        (lambda content: b" " * (2**24 + 2), "more than 16,777,216 bytes"),
    ],
)
def test_a_hostile_file_is_refused_before_keras_sees_it(tmp_path, monkeypatch, change, sentence):
    path = spoiled(tmp_path / "model.keras", change)
    monkeypatch.setattr(keras.saving, "load_model", lambda *args, **kwargs: pytest.fail("it was loaded"))
    with pytest.raises(InputError, match=sentence):
        adopted(path)


def test_a_file_is_looked_through_as_keras_reads_it(tmp_path, monkeypatch):
    """A file of HDF5 with an archive at its end is not judged by the archive."""
    import h5py

    parallel().save(tmp_path / "good.keras")
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Lambda"}'
    path.write_bytes(path.read_bytes() + (tmp_path / "good.keras").read_bytes())
    assert zipfile.is_zipfile(path)
    monkeypatch.setattr(keras.saving, "load_model", lambda *args, **kwargs: pytest.fail("it was loaded"))
    with pytest.raises(InputError, match="Lambda"):
        adopted(path)


def test_other_files_by_the_name_of_a_model_are_refused(tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match="no model of Keras"):
        adopted(path)
    with pytest.raises(InputError, match="no file at"):
        adopted(tmp_path / "none.keras")


class OfAnotherBackend:
    """A model of Keras that is no module of torch, as where Keras runs on TensorFlow."""

    __module__ = "keras.src.models"

    def __init__(self, model):
        self.save = model.save


def test_where_keras_runs_on_something_else_another_process_reads_the_model(monkeypatch):
    model = parallel()
    expected = adopted(model).logits(texts())
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    classifier = adopted(OfAnotherBackend(model))  # by way of a file
    np.testing.assert_allclose(classifier.logits(texts()), expected, atol=1e-6)


def test_what_another_process_refuses_is_said_here(tmp_path, monkeypatch):
    path = spoiled(
        tmp_path / "model.keras", lambda content: content.replace(b'"GlobalMaxPooling1D"', b'"Conv3D"')
    )
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="layers that may run code of their own"):
        adopted(path)
    (tmp_path / "model.keras").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"model.keras"):
        adopted(path)
