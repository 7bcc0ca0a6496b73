"""A text CNN in plain PyTorch, trained as tutorials do it, and then taken over: three lines, and every answer is exact.

    python examples/adopt_pytorch.py [DATA]

DATA is any file that ConvLens reads, with the columns text and label; without it, the film reviews of the extra
`convlens[demo]` are taken. Training takes some seconds.
"""

import re
import sys
from collections import Counter

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import convlens


def tokenize(text: str) -> list[str]:
    """Words and signs in lower case."""
    return re.findall(r"\w+|[^\w\s]", text.lower())


class TextCNN(nn.Module):
    """Kim's network: convolutions of three widths over word vectors, the maximum of each filter, a linear layer."""

    def __init__(self, words: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 50, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv2d(1, 20, (n, 50)) for n in (3, 4, 5))
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(60, classes)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, C) of word numbers (B, L)."""
        x = self.embedding(ids).unsqueeze(1)
        maps = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        return self.fc(self.dropout(torch.cat([F.max_pool1d(m, m.size(2)).squeeze(2) for m in maps], 1)))


def batch(texts: list[str], vocabulary: dict[str, int], length: int = 60) -> Tensor:
    """Word numbers, cut and padded to one length: (B, length)."""
    rows = [[vocabulary.get(word, 1) for word in tokenize(text)][:length] for text in texts]
    return torch.tensor([row + [0] * (length - len(row)) for row in rows])


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
            loss = F.cross_entropy(network(inputs[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval(), vocabulary


def main() -> None:
    """Train, adopt, explain."""
    corpus = convlens.read(sys.argv[1]) if len(sys.argv) > 1 else convlens.load_data("demo").train
    texts = list(corpus.texts)
    network, vocabulary = train(texts, list(corpus.labels), len(corpus.label_names))

    @torch.no_grad()
    def service(texts: list[str]) -> Tensor:  # what answers the users
        return torch.softmax(network(batch(list(texts), vocabulary)), 1)

    classifier = convlens.adopt(
        network,
        tokenizer=tokenize,
        vocabulary=vocabulary,
        labels=corpus.label_names,
        prove_on=texts[:500],
        reference=service,
    )
    print(classifier.adoption.told)
    print(f"texts are {classifier.adoption.padding}, as was found")
    explanation = convlens.explain(classifier, texts[0])
    print(explanation)
    parts = explanation.scores.sum(0) + explanation.bias
    print(
        f"words and the rest add up to {parts.round(3).tolist()}, the logits are {explanation.logits.round(3).tolist()}"
    )


if __name__ == "__main__":
    main()
