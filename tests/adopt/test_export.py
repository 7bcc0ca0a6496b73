"""An exported model answers as the model: in ONNX Runtime, in the module and the lines of the documentation, in Keras; or a sentence."""

import json
import os
import re
import runpy
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from tests.deep import deep_models
from tests.deep import documents as deep_documents
from tests.shallow import WORDS, documents, models

import convlens
from convlens import Classifier, NotEqual, Padding, TextCNNConfig, Vocabulary, export
from convlens.adopt import export_proof, onnx_graph
from convlens.adopt.onnx_run import OnnxRun
from convlens.errors import InputError
from convlens.models import TextCNN, Weights
from convlens.text import Documents, TextConfig, Tokenizer
from convlens.trace import trace

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install convlens[onnx]")
PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
SERVING, EXPLAINING, MODULE, BACK = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras' own, about NumPy

PADDINGS = {
    "none": Padding(),
    "a length": Padding(length=13),
    "a length, in front": Padding(length=13, side="left", cut="left"),
    "a length, with words around": Padding(length=12, before=1, after=2),
    "cut in front, padded at the end": Padding(length=12, cut="left"),
    "least": Padding(least=6, side="left"),
    "around, trained": Padding(before=2, after=3, trained=True),
    "least, trained, zeros": Padding(least=3, zeros="full", trained=True),
    "zeros": Padding(zeros="same"),
    "zeros of each region": Padding(length=12, zeros=((0, 2), (1, 1))),
}
VARIANTS = {
    "tanh, dense": {"activation": "tanh", "hidden": (5, 4)},
    "softplus": {"activation": "softplus"},
    "leaky ReLU, dilated": {"activation": "leaky-relu", "regions": (3, 5), "dilation": (1, 2)},
    "one logit": {"one_logit": True, "activation": "elu"},
    "no biases, a static channel": {"filter_bias": False, "head_bias": False, "static_channel": True},
}

SOME = {name: (padding, {}) for name, padding in PADDINGS.items()} | {
    name: (PADDINGS["a length, in front"], variant) for name, variant in VARIANTS.items()
}


def classifier_of(model, **options) -> Classifier:
    """A model with the words "w2" to "w11"."""
    words = tuple(f"w{number}" for number in range(2, WORDS))
    tokenizer = Tokenizer(TextConfig("words", min_count=1), words)
    return Classifier(model, tokenizer, tuple("abcdefghijklmnopqrst"[: model.classes]), **options)


def made(**settings) -> Classifier:
    """A random model of these settings."""
    config = TextCNNConfig(**({"regions": (2, 4), "filters": 6, "dim": 5} | settings))
    torch.manual_seed(0)
    model = TextCNN(config, WORDS, 2 if config.one_logit else 3).eval()
    with torch.no_grad():
        model.head.weight.normal_()
        model.head.bias is None or model.head.bias.normal_()
        if config.padding.trained:
            model.embed.weight[0].normal_()
    return classifier_of(model)


def texts(count: int = 40) -> list[str]:
    generator = np.random.default_rng(0)
    sizes = generator.integers(0, 20, count)
    return [" ".join(f"w{number}" for number in generator.integers(2, WORDS + 2, size)) for size in sizes]


def run_page(code, folder, monkeypatch, **names):
    """Run lines of the documentation beside an export."""
    monkeypatch.chdir(folder)
    (folder / "page.py").write_text(code, encoding="utf-8")
    return runpy.run_path("page.py", names)


@given(models(padded=True, wide=True), documents)
def test_onnx_gives_the_logits_windows_and_peaks_of_a_trace(tmp_path_factory, model, documents):
    expected = trace(model, Documents.of(documents), backend="numpy")
    assume(np.isfinite(expected.logits).all())
    folder = tmp_path_factory.mktemp("export") / "served"
    export(classifier_of(model), folder)
    outputs = OnnxRun.of(folder)(documents)
    np.testing.assert_array_equal(outputs["positions"], expected.positions)
    np.testing.assert_allclose(outputs["peaks"], expected.peaks, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(outputs["logits"], expected.logits, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("padding", "variant"), SOME.values(), ids=SOME)
def test_onnx_has_every_padding_and_variant(tmp_path, padding, variant):
    classifier = made(padding=padding, **variant)
    export(classifier, tmp_path / "served")
    outputs = OnnxRun.of(tmp_path / "served")(classifier.tokenizer.ids(texts()))
    np.testing.assert_allclose(outputs["logits"], classifier.logits(texts()), atol=1e-5)


@given(deep_models(), deep_documents)
def test_onnx_gives_the_logits_of_stacked_layers(tmp_path_factory, model, documents):
    folder = tmp_path_factory.mktemp("export") / "served"
    export(classifier_of(model), folder)
    with torch.no_grad():
        expected = [model(torch.from_numpy(ids[None])).numpy()[0] for ids in documents]
    outputs = OnnxRun.of(folder)(documents)
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", PADDINGS.values(), ids=PADDINGS)
def test_the_page_explains_from_the_outputs_alone(tmp_path, monkeypatch, padding):
    classifier = made(padding=padding)
    export(classifier, tmp_path / "served")
    page = run_page(SERVING + EXPLAINING, tmp_path, monkeypatch)
    assert page["predict"](texts()) == classifier.predict(texts())
    for text in texts():
        scores, logits = page["explain"](text)
        explanation = convlens.explain(classifier, text, method="words")
        np.testing.assert_allclose(scores, explanation.scores, atol=1e-5)
        np.testing.assert_allclose(logits, explanation.logits, atol=1e-5)


def test_the_page_cuts_texts_as_the_default_tokeniser_does(tmp_path, monkeypatch, classifier):
    export(classifier, tmp_path / "served")
    page = run_page(SERVING, tmp_path, monkeypatch)
    strange = ["A GOOD film, isn't it? <br />5.0!", "Ein schöner Film – naïve 👍🏽 हिन्दी", "<pad> <unk> ", ""]
    for text in strange:
        assert page["numbers"](text) == list(classifier.tokenizer.encode(text).ids)


def test_the_vocabulary_has_words_alone(tmp_path):
    """So that a text that spells padding out is one with an unknown word, as in the model."""
    export(made(), tmp_path / "served")
    vocabulary = json.loads((tmp_path / "served" / "vocabulary.json").read_text(encoding="utf-8"))
    assert vocabulary == {f"w{number}": number for number in range(2, WORDS)}


@pytest.mark.parametrize(("padding", "variant"), SOME.values(), ids=SOME)
def test_the_module_of_the_page_has_the_same_logits(tmp_path, monkeypatch, padding, variant):
    classifier = made(padding=padding, **variant)
    export(classifier, tmp_path / "for-torch", format="torch")
    page = run_page(MODULE, tmp_path, monkeypatch)
    for text, expected in zip(texts(), classifier.logits(texts()), strict=True):
        ids = page["padded"](list(classifier.tokenizer.encode(text).ids), page["settings"]["padding"])
        with torch.no_grad():
            logits = page["network"](torch.tensor([ids], dtype=torch.int64))[0].numpy()
        expected = expected[1:] - expected[:1] if len(logits) == 1 else expected
        np.testing.assert_allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["none", "a length, in front", "around, trained"])
def test_the_module_of_the_page_is_adopted_again(tmp_path, monkeypatch, name):
    classifier = made(padding=PADDINGS[name])
    export(classifier, tmp_path / "for-torch", format="torch")
    again = run_page(MODULE + BACK, tmp_path, monkeypatch, texts=texts())["classifier"]
    assert_same(again, classifier)


@pytest.mark.parametrize(("padding", "variant"), SOME.values(), ids=SOME)
def test_keras_answers_the_same_and_is_adopted_again(tmp_path, padding, variant):
    pytest.importorskip("keras", reason="keras is not installed: pip install convlens[keras]")
    classifier = made(padding=padding, **variant)
    written = export(classifier, tmp_path / "for-keras", format="keras", prove_on=texts())
    assert written.proof.largest < 1e-5
    numbers = json.loads((tmp_path / "for-keras" / "vocabulary.json").read_text(encoding="utf-8"))
    again = convlens.adopt(
        tmp_path / "for-keras" / "model.keras",
        tokenizer=TextConfig("words", min_count=1),
        vocabulary=Vocabulary(numbers, 0, 1),
        labels=classifier.labels,
        padding=replace(padding, zeros="none", trained=False),
        prove_on=[text for text in texts(80) if len(text.split()) >= 5],
    )
    assert_same(again, classifier, shortest=5)


def assert_same(again, classifier, *, shortest=0):
    config = classifier.model.config
    for name in ("regions", "counts", "dilations", "activation", "hidden", "one_logit"):
        assert getattr(again.model.config, name) == getattr(config, name)
    assert again.model.config.padding.of_regions(config.regions) == config.padding.of_regions(config.regions)
    long_enough = [text for text in texts() if len(text.split()) >= shortest]
    np.testing.assert_allclose(again.logits(long_enough), classifier.logits(long_enough), atol=1e-5)


def test_what_was_proven_is_told(tmp_path):
    written = export(made(), tmp_path / "served", prove_on=texts())
    assert (written.format, written.files) == ("onnx", ("model.onnx", "vocabulary.json", "settings.json"))
    assert (written.proof.texts, written.notes) == (40, ())
    assert written.proof.hard >= 10
    assert re.match(
        r"logits equal to those of the model on 40 texts of yours and \d+ hard ones, to \d", written.told
    )
    assert sorted(path.name for path in (tmp_path / "served").iterdir()) == sorted(written.files)


def test_plain_layers_say_what_they_cannot_do(tmp_path):
    one_length = "the texts of a batch must have one length"
    notes = export(made(), tmp_path / "a", format="keras").notes
    assert [note.split(":")[0] for note in notes] == [
        one_length,
        "a text of fewer than 4 words is answered otherwise than by ConvLens",
    ]
    zeros = made(padding=Padding(zeros="full"))
    assert "an empty text is answered otherwise" in export(zeros, tmp_path / "b", format="keras").notes[1]
    assert [note.split(":")[0] for note in export(made(), tmp_path / "c", format="torch").notes] == [
        one_length
    ]
    fixed = made(padding=PADDINGS["a length"])
    assert export(fixed, tmp_path / "d", format="keras").notes == ()


SPOILED = {
    "logits": ("head.bias", 1e-3, "differ on .* logits by up to"),
    "peaks": ("convs.1.bias", 1e-3, "differ on .* peaks by up to"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_an_export_that_answers_otherwise_is_not_kept(tmp_path, monkeypatch, what):
    name, shift, sentence = SPOILED[what]
    write = onnx_graph.OnnxGraph.write

    def spoiled(graph, *arguments):
        graph.constants[name] = graph.constants[name] + np.float32(shift)
        write(graph, *arguments)

    monkeypatch.setattr(onnx_graph.OnnxGraph, "write", spoiled)
    with pytest.raises(NotEqual, match=sentence):
        export(made(), tmp_path / "served")
    assert not list(tmp_path.iterdir())


def test_a_window_that_is_not_the_best_is_not_equal(tmp_path, monkeypatch):
    run = OnnxRun.__call__

    def moved(session, documents):
        outputs = run(session, documents)
        return {**outputs, "positions": outputs["positions"] + (outputs["positions"] > 0)}

    monkeypatch.setattr(OnnxRun, "__call__", moved)
    with pytest.raises(NotEqual, match="the export has the window of filter"):
        export(made(), tmp_path / "served")


def test_windows_of_one_value_are_equal_wherever_they_are():
    """Rounding may choose the second of two equal n-grams, and never one beyond the text."""
    classifier = made()
    ids = np.array([3, 4, 5, 6, 7, 3, 4, 5, 6, 7])
    ours = trace(classifier, Documents.of([ids]))
    weights: Weights = classifier.weights
    number = int(np.argmax((ours.positions[0] < 4) & (np.array(classifier.model.config.widths) == 2)))
    positions = ours.positions.astype(np.int64)
    assert positions[0, number] + 5 < 9
    positions[0, number] += 5
    export_proof._check_windows(weights, ours, positions, [""])
    for place in (-1, 9, positions[0, number] - 1):
        positions[0, number] = place
        with pytest.raises(NotEqual):
            export_proof._check_windows(weights, ours, positions, [""])


def test_a_window_lies_within_what_its_region_reads():
    """The region of 4 words has one zero on each side more than that of 2, which reads its text alone."""
    classifier = made(padding=Padding(least=4, zeros=((0, 0), (1, 1))))
    ours = trace(classifier, Documents.of([np.array([3, 4, 5, 6, 7])]))
    values = [
        [export_proof._window(classifier.weights, ours.documents[0], number, place) for place in range(-1, 7)]
        for number in range(12)
    ]
    there = ~np.isnan(values)
    assert (there[:6] == [False, False, True, True, True, True, False, False]).all()
    assert (there[6:] == [False, True, True, True, True, False, False, False]).all()
    np.testing.assert_allclose(np.nanmax(values, 1), ours.peaks[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"format": "onx"}, "unknown format 'onx': did you mean 'onnx'"),
        ({"prove_on": "w3"}, "got one string: put it in a list"),
    ],
)
def test_what_does_not_fit_is_a_sentence(tmp_path, settings, sentence):
    with pytest.raises(InputError, match=sentence):
        export(made(), tmp_path / "served", **settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["torch", "keras"])
def test_plain_layers_have_no_gates_and_no_stacks(tmp_path, format, deep_classifier):
    gated = made()
    gated.model.gates = torch.full((12,), 0.5)
    with pytest.raises(InputError, match=f"for which {format} has no plain layer: export it to onnx"):
        export(gated, tmp_path / "served", format=format)
    with pytest.raises(InputError, match=f"stacked layers has no export to {format}: export it to onnx"):
        export(deep_classifier, tmp_path / "served", format=format)


def test_weights_beyond_a_file_of_onnx_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_graph, "MOST", 100)
    with pytest.raises(InputError, match="a file of ONNX holds 2 GiB"):
        export(made(), tmp_path / "served")
    assert not list(tmp_path.iterdir())


def test_a_proof_needs_texts_that_the_format_answers(tmp_path):
    pytest.importorskip("keras", reason="keras is not installed: pip install convlens[keras]")
    model = TextCNN(TextCNNConfig((9,), 2, 3), 3, 2).eval()
    classifier = Classifier(model, Tokenizer(TextConfig("words", min_count=1), ("w2",)), ("a", "b"))
    with pytest.raises(InputError, match="needs texts of 9 words and more: give some by prove_on"):
        export(classifier, tmp_path / "served", format="keras")
    assert export(classifier, tmp_path / "served", format="keras", prove_on=["w2 " * 9]).proof.texts == 1


def test_what_onnxruntime_cannot_load_is_a_sentence(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(InputError, match=r"onnxruntime .* cannot load the model"):
        OnnxRun.of(tmp_path)


def test_only_an_export_is_replaced(tmp_path):
    folder = tmp_path / "served"
    export(made(), folder)
    with pytest.raises(InputError, match="exists: give another path, or --force"):
        export(made(), folder)
    export(made(), folder, format="torch", force=True)
    assert not (folder / "model.onnx").exists()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds more than an export"):
        export(made(), folder, force=True)


def test_without_the_packages_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"pip install convlens\[onnx\]"):
        export(made(), tmp_path / "served")
    assert not list(tmp_path.iterdir())
