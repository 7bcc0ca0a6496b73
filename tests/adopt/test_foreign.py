"""Networks that cannot be read are asked from outside: by their vectors, with the answers that the network itself gives."""

import numpy as np
import polars as pl
import pytest
import torch
from tests.adopt.networks import CLASSES, SIZE, WORDS, ImageLike, Masked, OneHot, Placed, Recurrent
from tests.adopt.test_adopt import ROWS, adopted, network, texts
from torch import Tensor, nn

import convlens
from convlens import AttackConfig, CannotRead, EvaluateConfig, NotEqual, Padding, ScanConfig
from convlens.errors import InputError
from convlens.models import layered


class Attention(nn.Module):
    """Self-attention over words, and the mean of what it gives; one probability, or one for each label."""

    def __init__(self, outputs: int = 1) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE), nn.Linear(SIZE, outputs)
        self.attention = nn.MultiheadAttention(SIZE, 2, batch_first=True)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        return torch.sigmoid(self.fc(self.attention(x, x, x, need_weights=False)[0].mean(1)))


class Bag(nn.Module):
    """The sum of word vectors: logits are linear in words."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE), nn.Linear(SIZE, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(self.embed(ids).sum(1))


class Deep(nn.Module):
    """Two layers of convolutions with a stride."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE, padding_idx=0), nn.Linear(5, CLASSES)
        self.first, self.second = nn.Conv1d(SIZE, 6, 3, stride=2), nn.Conv1d(6, 5, 2)

    def forward(self, ids: Tensor) -> Tensor:
        x = torch.relu(self.first(self.embed(ids).transpose(1, 2)))
        return self.fc(torch.relu(self.second(x)).amax(2))


class ByNumber(nn.Module):
    """What it says depends on word numbers, too."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Bag()

    def forward(self, ids: Tensor) -> Tensor:
        return self.inner(ids) * (1 + (ids % 2).sum(1, keepdim=True))


def foreign(make, **options):
    return adopted(network(make), exact=False, **({"padding": Padding(least=6)} | options))


@pytest.mark.parametrize("make", [Recurrent, Deep, Masked, Placed, ImageLike])
@pytest.mark.parametrize(
    "padding",
    [Padding(least=7), Padding(length=20, side="left", cut="left"), Padding(least=6, before=1, after=2)],
)
def test_it_answers_as_the_network_does(make, padding):
    if make is Placed and padding.length is None:
        padding = Padding(length=20)
    module = network(make)
    classifier = foreign(make, padding=padding)
    for text in texts()[:8]:
        ids = [ROWS.get(word, 1) for word in text.split()]
        if padding.length:
            ids = ids[-20:] if padding.cut == "left" else ids[:20]
        filled = [0] * ((padding.length or padding.least) - len(ids))
        ids = filled + ids if padding.side == "left" else ids + filled
        ids = [0] * padding.before + ids + [0] * padding.after
        with torch.no_grad():
            expected = module(torch.tensor([ids]))[0].numpy()
        np.testing.assert_allclose(classifier.logits([text])[0], expected, atol=1e-5)
    assert classifier.adoption.proof.texts == 80
    assert "asked from outside" in classifier.adoption.notes[0]


def test_methods_say_what_words_do_in_a_linear_network():
    module = network(Bag)
    classifier = foreign(Bag, padding=Padding())
    text = "w3 w9 w20 w7"
    with torch.no_grad():
        shares = (module.embed(torch.tensor([3, 9, 20, 7])) @ module.fc.weight.T).numpy()
    for method in ("gradient-x-input", "occlusion", "integrated-gradients", "shapley-sampling"):
        scores = convlens.explain(classifier, text, method=method).scores
        np.testing.assert_allclose(scores, shares, atol=1e-5, err_msg=method)


def test_occlusion_of_a_recurrent_network_is_that_without_its_vectors():
    module, classifier = network(Recurrent), foreign(Recurrent)
    text = "w3 w9 w20 w7 w30 w4 w5"
    scores = convlens.explain(classifier, text, method="occlusion").scores
    table = module.embed.weight.data
    ids = torch.tensor([[3, 9, 20, 7, 30, 4, 5]])
    with torch.no_grad():
        whole = module(ids)[0].numpy()
        for place in range(7):
            vector = table[ids[0, place]].clone()
            table[ids[0, place]] = 0
            np.testing.assert_allclose(scores[place], whole - module(ids)[0].numpy(), atol=1e-5)
            table[ids[0, place]] = vector


def test_probabilities_become_logits():
    one = foreign(Attention, labels=("no", "yes"))
    with torch.no_grad():
        expected = network(Attention)(torch.tensor([[3, 9, 20, 7, 30, 4]]))[0, 0].item()
    assert one.predict_proba(["w3 w9 w20 w7 w30 w4"])[0, 1] == pytest.approx(expected, abs=1e-6)
    several = foreign(lambda: Attention(3))
    assert several.multilabel
    with torch.no_grad():
        each = network(lambda: Attention(3))(torch.tensor([[3, 9, 20, 7, 30, 4]]))[0]
    np.testing.assert_allclose(several.predict_proba(["w3 w9 w20 w7 w30 w4"])[0], each, atol=1e-6)


def corpus():
    return convlens.from_lists(texts(), [("a", "b", "c")[i % 3] for i in range(80)])


def test_what_asks_from_outside_answers(tmp_path):
    classifier = foreign(Recurrent)
    evaluation = convlens.evaluate(classifier, corpus(), EvaluateConfig(documents=5, min_words=3))
    assert "gradient-x-input" in evaluation.methods
    attacks = convlens.attack(classifier, corpus(), AttackConfig(attack="typo", documents=6))
    assert attacks.documents == 6
    page = convlens.report(classifier, corpus(), documents=3)
    assert "Recurrent" in str(page.html if hasattr(page, "html") else page)
    pl.DataFrame({"text": texts()[:5]}).write_csv(tmp_path / "texts.csv")
    convlens.scan(classifier, tmp_path / "texts.csv", tmp_path / "scan", ScanConfig(method="occlusion"))
    documents, _ = convlens.read_scan(tmp_path / "scan")
    assert documents.collect().height == 5


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (
            lambda one: convlens.explain(one, "w3"),
            "the method 'words' reads the layers of a network, and a Foreign has none",
        ),
        (lambda one: convlens.explain(one, "w3", method="deeplift"), "reads the layers of a network"),
        (
            lambda one: convlens.filter_cards(one, corpus()),
            "needs the trace of a one-layer TextCNN, and this foreign network has none",
        ),
        (lambda one: convlens.certify(one, corpus()), "needs the trace of a one-layer TextCNN"),
        (lambda one: convlens.hidden_units(one, ["w3"]), "those of a foreign network are not known"),
        (lambda one: convlens.save(one, "folder"), "a foreign network is not saved"),
        (lambda one: convlens.export(one, "folder"), "a foreign network is not exported"),
        (lambda one: layered(one.model, "a test"), "a test reads the layers of a model"),
    ],
)
def test_what_reads_within_is_refused_in_a_sentence(ask, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=reason):
        ask(foreign(Recurrent))
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_asked_by_vectors():
    with pytest.raises(CannotRead, match=r"looks vectors up in 0 parts .*ask convlens.explain_predictor"):
        foreign(OneHot)
    with pytest.raises(NotEqual, match="it reads word numbers besides their vectors"):
        foreign(ByNumber)
    with pytest.raises(InputError, match="has 3 outputs, and 2 labels are named"):
        foreign(Recurrent, labels=("a", "b"))
    with pytest.raises(NotEqual, match="the reference and the network differ"):
        foreign(Recurrent, reference=lambda texts: np.full((len(texts), 3), [0.2, 0.3, 0.5]))


def test_what_the_network_itself_fails_on():
    with pytest.raises(InputError, match=r"fails on one of your texts .*Padding\(least=...\)"):
        foreign(Deep, padding=Padding())
    with pytest.raises(CannotRead, match=r"fails on a text of 40 words .*Padding\(length=...\)"):
        foreign(Placed, padding=Padding(least=6))
    with pytest.raises(InputError, match="the vocabulary has rows up to 89, and the embedding 50 from 0 on"):
        foreign(Recurrent, vocabulary={f"w{row}": row for row in range(90)})


def test_a_refusal_says_what_remains():
    with pytest.raises(CannotRead, match=r"is recurrent.*adopt\(exact=False\) asks it from outside"):
        adopted(network(Recurrent))


def test_gradients_do_not_reach_the_weights_of_the_network():
    module = network(Recurrent)
    adopted(module, exact=False, padding=Padding(least=6))
    assert all(weight.requires_grad for weight in module.parameters())
