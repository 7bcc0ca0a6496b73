"""To how many words a service cuts texts: asked of the service itself, with long texts and their beginnings and ends."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convlens.errors import InputError
from convlens.text import Tokenizer

MOST = 3000  # words of a long text: longer cuts are not looked for
LONG = 5  # long texts
SAME = 1e-7
Reference = Callable[[Sequence[str]], Any]


def long_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> list[str]:
    """Some texts of at least `MOST` words, made of others, each in another order."""
    words = sum(len(ids) for ids in tokenizer.ids(texts))
    times = -(-MOST // max(words, 1)) if words else 0
    orders = [np.random.default_rng(seed).permutation(len(texts)).tolist() for seed in range(LONG)]
    return [" ".join([texts[i] for i in order] * times) for order in orders] if times else []


def cut_lengths(reference: Reference, tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[int, ...]:
    """The lengths to which texts are cut, at their ends or beginnings; none where a service reads all of a long text, or fails.

    A text that is cut to n words is answered as its first n words are, or its last, and as no fewer, unless the word at the border
    counts for nothing: so the most of some texts is taken, where two have it.
    """
    lengths = []
    try:
        for last in (False, True):
            least = [_least(reference, tokenizer, text, last=last) for text in long_texts(tokenizer, texts)]
            if least.count(max(least, default=MOST)) > 1:
                lengths.append(max(least))
    except InputError:
        raise
    except Exception:  # noqa: BLE001  whatever a service raises for long texts
        return ()
    return tuple(length for length in lengths if length < MOST)


def _least(reference: Reference, tokenizer: Tokenizer, text: str, *, last: bool) -> int:
    """The fewest words, at one end of a text, that are answered as all of it is."""
    spans = list(tokenizer.encode(text).spans)[:MOST]
    text = text[: spans[-1][1]]

    def answer(count: int) -> Any:
        part = text[spans[-count][0] :] if last else text[: spans[count - 1][1]]
        return np.asarray(reference([part]), np.float64)

    whole, low, high = answer(len(spans)), 1, len(spans)
    while low < high:
        middle = (low + high) // 2
        if np.allclose(answer(middle), whole, rtol=SAME, atol=SAME):
            high = middle
        else:
            low = middle + 1
    return low
