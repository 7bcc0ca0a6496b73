"""A text CNN in Keras, trained as tutorials do it, and then taken over: three lines, and every answer is exact.

    python examples/adopt_keras.py [DATA]

It needs `convlens[keras]`, and Keras runs on PyTorch: no TensorFlow is there. DATA is any file that ConvLens reads, with the columns
text and label; without it, the film reviews of the extra `convlens[demo]` are taken. Training takes some seconds.
"""

import os
import re
import sys
from collections import Counter

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers

import convlens

LENGTH = 60


def tokenize(text: str) -> list[str]:
    """Words and signs in lower case."""
    return re.findall(r"\w+|[^\w\s]", text.lower())


def pad(texts: list[str], vocabulary: dict[str, int]) -> np.ndarray:
    """Word numbers (B, LENGTH), cut and padded in front as Keras' `pad_sequences` does."""
    rows = [[vocabulary.get(word, 1) for word in tokenize(text)][-LENGTH:] for text in texts]
    return np.array([[0] * (LENGTH - len(row)) + row for row in rows])


def build(words: int, classes: int) -> keras.Model:
    """Convolutions of two widths side by side, and a dense layer above their maxima."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(words, 32)(inputs)
    maxima = [layers.GlobalMaxPooling1D()(layers.Conv1D(24, n, activation="relu")(x)) for n in (3, 5)]
    x = layers.Dense(16, activation="relu")(layers.Concatenate()(maxima))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Dropout(0.5)(x)))


def main() -> None:
    """Train, adopt, explain."""
    corpus = convlens.read(sys.argv[1]) if len(sys.argv) > 1 else convlens.load_data("demo").train
    texts = list(corpus.texts)
    keras.utils.set_random_seed(0)
    counts = Counter(word for text in texts for word in tokenize(text))
    vocabulary = {word: row for row, (word, _) in enumerate(counts.most_common(9_998), 2)}
    model = build(len(vocabulary) + 2, len(corpus.label_names))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(pad(texts, vocabulary), np.array(corpus.labels), epochs=3, batch_size=64, verbose=0)

    words = convlens.Vocabulary(vocabulary, padding=0, unknown=1)
    padding = convlens.Padding(length=LENGTH, side="left", cut="left")
    classifier = convlens.adopt(
        model,
        tokenizer=tokenize,
        vocabulary=words,
        labels=corpus.label_names,
        padding=padding,
        prove_on=texts[:500],
    )
    print(classifier.adoption.told)
    explanation = convlens.explain(classifier, texts[0])
    words_by_score = sorted(
        zip(explanation.scores[:, explanation.target].tolist(), explanation.tokens, strict=True)
    )
    print(f"{explanation.predicted}, most of all for {words_by_score[-1][1]!r}: {texts[0]}")
    parts = explanation.scores.sum(0) + explanation.bias
    print(
        f"words and the rest add up to {parts.round(3).tolist()}, the logits are {explanation.logits.round(3).tolist()}"
    )


if __name__ == "__main__":
    main()
