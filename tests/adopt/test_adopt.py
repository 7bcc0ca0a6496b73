"""`adopt` proves that a model answers as the network, finds its padding, and names what is wrong."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.adopt.networks import LENGTH, WORDS, Dense, Flat, ImageLike, Rows, TimeAsChannels

import convlens
from convlens import NotEqual, Padding, Vocabulary, adopt
from convlens.errors import InputError
from convlens.text import TextConfig

ROWS = {"<pad>": 0, "<unk>": 1} | {f"w{row}": row for row in range(2, WORDS)}
LABELS = ("a", "b", "c")


def texts(count: int = 80, longest: int = 41) -> list[str]:
    generator = np.random.default_rng(0)
    sizes = generator.integers(1, longest, count)
    return [" ".join(f"w{row}" for row in generator.integers(2, WORDS + 5, size)) for size in sizes]


def network(make=ImageLike, **options):
    torch.manual_seed(0)
    return make(**options).eval()


def adopted(module, **options):
    settings = {"tokenizer": "split", "vocabulary": ROWS, "labels": LABELS, "prove_on": texts()}
    return adopt(module, **(settings | options))


def service(module, padding=None, *, rows=ROWS, lower=False, unknown=1, cut=str.split):
    """What somebody's own code answers: texts to logits, one text at a time."""

    def answer(given):
        logits = []
        for text in given:
            words = cut(text.lower() if lower else text)
            ids = [rows.get(word, unknown) for word in words]
            ids = (padding or (lambda ids: ids + [0] * (5 - len(ids))))(ids)
            with torch.no_grad():
                logits.append(module(torch.tensor([ids])).reshape(-1).numpy())
        return np.array(logits)

    return answer


def test_three_lines_give_a_classifier_that_explains_exactly():
    classifier = adopted(network())
    text = "w3 w9 w20 w7 w30 w4"
    explanation = convlens.explain(classifier, text)
    expected = service(network())([text])[0]
    np.testing.assert_allclose(classifier.logits([text])[0], expected, atol=1e-5)
    np.testing.assert_allclose(explanation.scores.sum(0) + explanation.bias, expected, atol=1e-5)
    assert explanation.tokens == tuple(text.split())
    proof = classifier.adoption.proof
    assert (proof.texts, proof.compared) == (80, "logits")
    assert proof.hard >= 10
    assert proof.largest < 1e-6
    assert classifier.adoption.padding == "padded to 5 words"
    assert "depend on the batch" in classifier.adoption.notes[0]


def test_it_is_saved_and_loaded_with_its_proof(tmp_path):
    classifier = adopted(network())
    convlens.save(classifier, tmp_path / "model")
    loaded = convlens.load(tmp_path / "model")
    assert loaded.adoption == classifier.adoption
    np.testing.assert_array_equal(loaded.logits(texts()), classifier.logits(texts()))
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "adopted from" in card
    assert "logits equal to those of the network on 80 texts" in card


@pytest.mark.parametrize(
    ("given", "own"),
    [
        (Padding(least=9), lambda ids: ids + [0] * (9 - len(ids))),
        (Padding(length=12), lambda ids: (ids + [0] * 12)[:12]),
        (Padding(length=12, side="left", cut="left"), lambda ids: ([0] * 12 + ids)[-12:]),
        (Padding(length=25, side="left", cut="right"), lambda ids: [0] * (25 - len(ids)) + ids[:25]),
        (Padding(before=5, after=1), lambda ids: [0] * 5 + ids + [0]),
    ],
)
def test_padding_is_that_of_the_service(given, own):
    module = network()
    classifier = adopted(module, padding=given, reference=service(module, own))
    assert classifier.adoption.padding == given.told
    expected = service(module, own)(texts())
    np.testing.assert_allclose(classifier.logits(texts()), expected, atol=1e-5)


@pytest.mark.parametrize(
    "own",
    [
        lambda ids: ids + [0] * (5 - len(ids)),
        lambda ids: ids + [0] * (200 - len(ids)),
        lambda ids: [0] * (200 - len(ids)) + ids,
        lambda ids: (ids + [0] * 20)[:20],
        lambda ids: (ids + [0] * 137)[:137],
        lambda ids: ([0] * 30 + ids)[-30:],
        lambda ids: [0] * 4 + ids + [0] * 4,
    ],
)
def test_padding_is_found_where_none_is_given(own):
    module = network()
    classifier = adopted(module, reference=service(module, own))
    np.testing.assert_allclose(classifier.logits(texts()), service(module, own)(texts()), atol=1e-5)


def test_padding_within_the_network_is_a_part_of_the_model():
    classifier = adopted(network(Flat))
    assert (classifier.model.config.padding.before, classifier.model.config.padding.after) == (2, 2)
    assert classifier.adoption.padding == "none"


def test_a_pad_that_is_spelled_out_is_the_word_of_padding():
    module = network(Rows)
    classifier = adopted(module)
    text = "w3 w4 w5 <pad> w6 <unk> w7"
    np.testing.assert_allclose(classifier.logits([text]), service(module)([text]), atol=1e-5)


CAUSES = {
    "lower case": (
        {"tokenizer": TextConfig("whitespace", lower=False, min_count=1)},
        {"lower": True},
        str.upper,
    ),
    "the vocabulary is shifted": (
        {"vocabulary": {w: r + 1 if r > 1 else r for w, r in ROWS.items() if r < WORDS - 1}},
        {},
        str,
    ),
    "unknown words: they have row 3": ({}, {"unknown": 3}, str),
    "padding: texts are cut and padded to 20 words in front": (
        {"padding": Padding(least=5)},
        {"padding": lambda ids: ([0] * 20 + ids)[-20:]},
        str,
    ),
    "the vector of padding: it is row 1": (
        {"padding": Padding(length=30)},
        {"padding": lambda ids: (ids + [1] * 30)[:30]},
        str,
    ),
    "the order of the vocabulary": (
        {"vocabulary": {"<pad>": 0, "<unk>": 1} | {f"w{row}": WORDS + 1 - row for row in range(2, WORDS)}},
        {},
        str,
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_is_wrong_is_found_and_named(cause):
    settings, own, spelled = CAUSES[cause]
    module = network(Rows)
    with pytest.raises(NotEqual, match=f"most probable cause: {cause}"):
        adopted(
            module, **settings, prove_on=[spelled(text) for text in texts()], reference=service(module, **own)
        )


def test_probabilities_are_compared_where_there_are_no_logits():
    module = network(Dense, act=torch.relu)
    classifier = adopted(module, labels=("no", "yes"), padding=Padding(least=5))
    assert classifier.adoption.proof.compared == "probabilities"
    expected = service(module)(texts())
    np.testing.assert_allclose(classifier.predict_proba(texts())[:, 1:], expected, atol=1e-6)


@pytest.mark.parametrize("outputs", [2, 3])
def test_sigmoids_of_several_outputs_are_several_labels_at_once(outputs):
    class Sigmoids(ImageLike):
        def forward(self, ids):
            return torch.sigmoid(super().forward(ids))

    module = network(Sigmoids, outputs=outputs)
    own = service(module)
    classifier = adopted(module, labels=LABELS[:outputs], reference=own)
    assert classifier.multilabel
    assert classifier.adoption.proof.compared == "probabilities"
    np.testing.assert_allclose(classifier.predict_proba(texts()), own(texts()), atol=1e-6)


def test_a_reference_may_give_probabilities():
    module = network()
    own = service(module)
    classifier = adopted(
        module, reference=lambda given: torch.softmax(torch.from_numpy(own(given)), 1).numpy()
    )
    assert classifier.adoption.proof.reference == "the probabilities of its service"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"prove_on": ["w3"]}, "a proof needs at least 32 texts of yours, prove_on has 1"),
        ({"labels": ("a", "b")}, "the network has 3 outputs, and 2 labels are named"),
        ({"vocabulary": None}, "this tokeniser has no vocabulary of its own"),
        ({"vocabulary": {"w": 99}}, "no vector for some word numbers of the vocabulary, which go up to 99"),
        ({"vocabulary": {"w": "x"}}, "a vocabulary gives 'w' the number str 'x'"),
        ({"tokenizer": "splat"}, "unknown tokeniser 'splat'"),
        ({"tokenizer": 3}, "tokenizer must be a name"),
        ({"reference": lambda given: [1, 2]}, "reference gave numbers of shape"),
        ({"output": "logits"}, "output='logits'"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(options, sentence):
    with pytest.raises(InputError, match=sentence):
        adopted(network(), **options)


def test_a_file_is_not_unpickled(tmp_path):
    torch.save(network(), tmp_path / "model.pt")
    with pytest.raises(InputError, match="never unpickles"):
        adopted(tmp_path / "model.pt")


def test_one_of_several_outputs_is_chosen():
    class Several(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network()

        def forward(self, ids):
            return {"loss": ids.sum(), "logits": self.inner(ids)}

    with pytest.raises(InputError, match="a dict with loss, logits, not one tensor"):
        adopted(Several())
    assert adopted(Several(), output="logits").adoption.proof.largest < 1e-6


def test_a_network_of_one_length_is_read_at_that_length():
    with pytest.raises(convlens.CannotRead, match="one word is felt at all places"):
        adopted(network(TimeAsChannels), padding=Padding(length=LENGTH), labels=("a", "b"))


@pytest.mark.parametrize("length", [6, 8])
def test_texts_that_are_hardly_longer_than_the_widest_window_are_enough(length):
    """A word in the middle is felt in every window of five words then."""
    classifier = adopted(network(), padding=Padding(length=length))
    assert classifier.adoption.proof.largest < 1e-6


def test_what_a_network_has_no_part_of_is_told_in_words():
    classifier = adopted(network(Rows, pool="amax", act=lambda maps: maps))
    assert classifier.adoption.network.startswith("3 x 6, 5 x 6 (region size x filters), no activation")


def test_attacks_meet_the_model_as_it_is_served():
    """Typos change one word each, so what an attack finds holds for the network; as words of padding it would find none."""
    module = network(Rows)
    padding = Padding(length=30)
    classifier = adopted(module, padding=padding)
    corpus = convlens.from_lists(texts(), classifier.predict(texts()))
    attacks = convlens.attack(classifier, corpus, convlens.AttackConfig(attack="typo"))
    assert attacks.totals["success_rate"].max() > 0.2
    assert attacks.totals["unrealised"].sum() == 0
    own = service(module, lambda ids: (ids + [0] * 30)[:30])
    changed = [row["attacked"] for row in attacks.rows.to_dicts() if row["success"]]
    assert [LABELS[i] for i in own(changed).argmax(1)] == classifier.predict(changed)


def test_an_adoption_outlives_a_replacement():
    classifier = adopted(network())
    assert replace(classifier, labels=("x", "y", "z")).adoption == classifier.adoption
    assert Vocabulary(ROWS, 0, 1).lower


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_a_network_that_cannot_be_copied():
    module = network(Rows)
    torch.nn.utils.weight_norm(module.fc)
    module(torch.ones(1, 9, dtype=torch.int64))
    with pytest.raises(InputError, match=r"cannot be copied .* torch.nn.utils.remove_weight_norm"):
        adopted(module)


def test_the_report_shows_the_proof():
    classifier = adopted(network())
    page = convlens.report(
        classifier, convlens.from_lists(texts(), [LABELS[i % 3] for i in range(80)]), documents=3
    )
    assert classifier.adoption.told in page
    assert "as they were trained elsewhere" in page
    assert f"Taken over from</dt><dd><bdi>{classifier.adoption.source}" in re.sub(r">\s+<", "><", page)
