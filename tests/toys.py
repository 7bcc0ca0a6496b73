"""A toy corpus and settings that learn it in a second."""

from convlens.data import Corpus, from_lists
from convlens.models import FitConfig, TextCNNConfig, TrainConfig

GOOD = ["good", "great", "warm", "funny", "superb"]
BAD = ["bad", "dull", "cold", "awful", "tedious"]


def toy_corpus(rows: int = 60) -> Corpus:
    """Short reviews whose class follows from one word."""
    texts, labels = [], []
    for i in range(rows):
        word = (GOOD if i % 2 else BAD)[i // 2 % 5]
        texts.append(f"A {word} film, number {i % 7}, with {'some' if i % 3 else 'no'} music.")
        labels.append("positive" if i % 2 else "negative")
    return from_lists(texts, labels)


TOY = FitConfig(
    model=TextCNNConfig(regions=(2, 3), filters=8, dim=8),
    train=TrainConfig(epochs=8, batch_size=8, lr=0.02, patience=8),
)
