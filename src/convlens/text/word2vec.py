"""Word vectors trained on one's own texts, by gensim's word2vec."""

from collections.abc import Iterable

from convlens.errors import InputError
from convlens.text.tokenizer import Tokenizer
from convlens.text.vectors import WordVectors, from_gensim


def train_word2vec(
    tokenizer: Tokenizer, texts: Iterable[str], *, dim: int, epochs: int = 5, seed: int = 0
) -> WordVectors:
    """Vectors of a tokeniser's words (gensim's continuous bag of words, window 5, ten negative samples), trained on what it reads of the texts.

    One thread, so that the same seed gives the same bits.
    """
    try:
        from gensim.models import Word2Vec
    except ImportError:
        raise InputError("training word vectors needs gensim: pip install convlens[vectors]") from None
    sentences = [[tokenizer.word(i) for i in ids] for ids in tokenizer.ids(texts)]
    if not any(sentences):
        raise InputError("word vectors need texts with words of the vocabulary: there are none")
    model = Word2Vec(
        sentences,
        vector_size=dim,
        sg=0,
        window=5,
        negative=10,
        min_count=1,
        epochs=epochs,
        seed=seed,
        workers=1,
    )
    return from_gensim(model.wv, f"word2vec of {dim} numbers, trained on these texts")
