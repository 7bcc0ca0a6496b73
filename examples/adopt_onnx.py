"""A text CNN in a file of ONNX, as PyTorch writes it for deployment, taken over by its path: three lines, every answer exact.

    python examples/adopt_onnx.py [DATA]

DATA is any file that ConvLens reads, with the columns text and label; without it, the film reviews of the extra
`convlens[demo]` are taken. Reading the file needs the extra `convlens[onnx]`, and writing it PyTorch's `onnxscript`.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import convlens

LENGTH = 60


def tokenize(text: str) -> list[str]:
    """Words and signs in lower case."""
    return re.findall(r"\w+|[^\w\s]", text.lower())


class TextCNN(nn.Module):
    """Word vectors as channels, convolutions of two widths, the maximum of each filter, and probabilities."""

    def __init__(self, words: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 50)
        self.convs = nn.ModuleList(nn.Conv1d(50, 20, n, padding="same") for n in (3, 5))
        self.fc = nn.Linear(40, classes)

    def forward(self, ids: Tensor) -> Tensor:
        """Log probabilities (B, C) of word numbers (B, L)."""
        x = self.embedding(ids).transpose(1, 2)
        return F.log_softmax(self.fc(torch.cat([F.relu(conv(x)).amax(2) for conv in self.convs], 1)), 1)


def batch(texts: list[str], vocabulary: dict[str, int]) -> Tensor:
    """Word numbers, cut and padded to one length: (B, LENGTH)."""
    rows = [[vocabulary.get(word, 1) for word in tokenize(text)][:LENGTH] for text in texts]
    return torch.tensor([row + [0] * (LENGTH - len(row)) for row in rows])


def train(texts: list[str], labels: list[int], classes: int) -> tuple[TextCNN, dict[str, int]]:
    """A network and its vocabulary."""
    torch.manual_seed(0)
    counts = Counter(word for text in texts for word in tokenize(text))
    common = [word for word, count in counts.most_common(10_000) if count > 1]
    vocabulary = {word: row for row, word in enumerate(["<pad>", "<unk>", *common])}
    network = TextCNN(len(vocabulary), classes)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    inputs, targets = batch(texts, vocabulary), torch.tensor(labels)
    for _ in range(4):
        for rows in torch.randperm(len(texts)).split(64):
            loss = F.nll_loss(network(inputs[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval(), vocabulary


def deploy(network: TextCNN, path: Path) -> None:
    """Write a file of ONNX for any number of texts."""
    example = torch.zeros(2, LENGTH, dtype=torch.int64)
    shapes = ({0: torch.export.Dim.DYNAMIC},)
    torch.onnx.export(
        network, (example,), path, dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False
    )


def main() -> None:
    """Train, write the file, adopt it, explain."""
    corpus = convlens.read(sys.argv[1]) if len(sys.argv) > 1 else convlens.load_data("demo").train
    texts = list(corpus.texts)
    network, vocabulary = train(texts, list(corpus.labels), len(corpus.label_names))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        deploy(network, path)
        classifier = convlens.adopt(
            path,
            tokenizer=tokenize,
            vocabulary=vocabulary,
            labels=corpus.label_names,
            padding=convlens.Padding(length=LENGTH),
            prove_on=texts[:500],
        )
    print(classifier.adoption.told)
    explanation = convlens.explain(classifier, texts[0])
    print(explanation)
    parts = explanation.scores.sum(0) + explanation.bias
    print(
        f"words and the rest add up to {parts.round(3).tolist()}, the logits are {explanation.logits.round(3).tolist()}"
    )


if __name__ == "__main__":
    main()
