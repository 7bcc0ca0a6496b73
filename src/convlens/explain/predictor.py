"""Any classifier that is only a function from texts to probabilities: explained by asking it without some of the words."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.adopt.conversion import tokenizer_of
from convlens.adopt.tokenizers import parts_of
from convlens.adopt.vocabulary import Vocabulary
from convlens.arguments import described, texts_of
from convlens.errors import InputError
from convlens.explain.attribution import Sums
from convlens.explain.explanation import Explanation
from convlens.explain.occlusion import STEPS
from convlens.explain.single import chance
from convlens.progress import Progress
from convlens.shown import shown, suggestion

AT_ONCE = 64  # texts
TINY = 1e-12  # the least probability whose logarithm is taken
SUM_CLOSE = 1e-3  # of probabilities to 1
Predict = Callable[[list[str]], Any]
Scores = tuple[Tensor, Tensor]


def explain_predictor(  # noqa: PLR0913  what a stranger's function needs
    predict: Predict,
    texts: Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    method: str = "occlusion",
    tokenizer: Any = "words",
    target: str | None = None,
    seed: int = 0,
    watch: Progress | None = None,
) -> list[Explanation]:
    """Why does `predict` answer as it does? For any classifier, also one behind a wire: `predict` takes a list of texts.

    It gives probabilities (texts, classes), whose natural logarithms are the logits of the explanations; or logits; or one probability
    a text, of the second of two classes. `method` is one of `PREDICTOR_METHODS`, which ask again for texts without some of their tokens,
    cut out of the text with the blanks before them: "occlusion" once a token, "greedy", and with the extra `convlens[captum]` "lime" and
    "shapley-sampling". What the tokens are says `tokenizer`, as in `adopt`. `target` is the label to show, by default the predicted one.

    What reads the inside of a model (words, ngrams, LRP, gradients, cards, certificates) needs one: see `adopt`. Raises `InputError`
    where the answers of `predict` have another shape or are not finite.
    """
    if not callable(predict):
        raise InputError(f"predict must be a function from texts to probabilities, got {described(predict)}")
    if method not in PREDICTOR_METHODS:
        raise InputError(
            f"unknown method {shown(method)}: {suggestion(method, PREDICTOR_METHODS)}a function of texts is explained by "
            f"{', '.join(PREDICTOR_METHODS)}; others read a model from within, see convlens.adopt"
        )
    texts = texts_of(texts)
    config, cutter, words = parts_of(tokenizer, Vocabulary({}, None, 0))
    cut = tokenizer_of(config, cutter, words)
    predictor, watch = _Predictor(predict, labels), watch or Progress()
    with watch:
        watch.on_stage("texts", len(texts))
        explanations = []
        for text in texts:
            spans = tuple((int(first), int(last)) for first, last in cut.encode(text).spans)
            explanations.append(_explanation(_Words(text, spans, predictor), method, target, seed))
            watch.on_step()
    return explanations


class _Predictor:
    """A function from texts to logits, its answers held to one shape."""

    def __init__(self, predict: Predict, labels: Sequence[str] | None) -> None:
        self.predict = predict
        self.labels = None if labels is None else texts_of(labels, "labels")

    def logits(self, texts: list[str]) -> NDArray[np.float64]:
        """Logits (texts, C)."""
        answers = np.concatenate(
            [self._answers(texts[i : i + AT_ONCE]) for i in range(0, len(texts), AT_ONCE)]
        )
        if (answers >= 0).all() and (np.abs(answers.sum(1) - 1) < SUM_CLOSE).all():
            return np.asarray(np.log(np.maximum(answers, TINY)))
        return answers

    def _answers(self, texts: list[str]) -> NDArray[np.float64]:
        answers = self.predict(texts)
        answers = answers.detach().cpu() if isinstance(answers, Tensor) else answers
        try:
            values = np.asarray(answers, np.float64)
        except (TypeError, ValueError):
            raise InputError(f"predict gives {described(answers)}, not numbers (texts, classes)") from None
        if values.ndim == 1 or values.shape[1:] == (1,):
            values = values.reshape(-1)
            if not ((values >= 0) & (values <= 1)).all():
                raise InputError(
                    "predict gives one number a text, which is no probability: give (texts, classes)"
                )
            values = np.stack([1 - values, values], 1)
        if values.ndim != 2 or len(values) != len(texts) or not np.isfinite(values).all():
            raise InputError(
                f"predict gives numbers of the shape {values.shape} for {len(texts)} texts, expected finite ones (texts, classes)"
            )
        self.labels = self.labels or tuple(map(str, range(values.shape[1])))
        if values.shape[1] != len(self.labels):
            raise InputError(
                f"predict gives {values.shape[1]} classes, and {len(self.labels)} labels are named: name one for each class"
            )
        return values


class _Words:
    """A text that is asked without some of its tokens."""

    def __init__(self, text: str, spans: tuple[tuple[int, int], ...], predictor: _Predictor) -> None:
        self.text, self.spans, self.predictor = text, spans, predictor
        self.at_once = AT_ONCE
        self._known: dict[str, NDArray[np.float64]] = {}

    @property
    def all_words(self) -> Tensor:
        """The mask (1, T) that keeps all words."""
        return torch.ones(1, len(self.spans), dtype=torch.float64)

    def kept(self, masks: Tensor) -> Tensor:
        """The logits (n, C) of the text with the words where a mask (n, T) is 1; no text is asked for twice."""
        texts = [self.without(np.flatnonzero(mask == 0).tolist()) for mask in masks.numpy()]
        if new := list(dict.fromkeys(text for text in texts if text not in self._known)):
            self._known.update(zip(new, self.predictor.logits(new), strict=True))
        return torch.from_numpy(np.stack([self._known[text] for text in texts]))

    def without(self, places: Sequence[int]) -> str:
        """The text without some tokens, and without what stands between each and the token before it."""
        removed_places, end = set(places), 0
        pieces: list[str] = []
        for place, (first, last) in enumerate(self.spans):
            if place not in removed_places:
                pieces.append(self.text[end if pieces or not place else first : last])
            end = last
        return "".join(pieces) + (self.text[end:] if pieces or not self.spans else "")

    def chance(self, seed: int) -> AbstractContextManager[None]:
        """Chance that follows from the seed and the text."""
        return chance(self.text.encode("utf-8", "surrogatepass") + str(seed).encode())


def _occlusion(words: _Words, logits: Tensor, seed: int) -> Scores:
    """The fall of each logit without each token (Zeiler & Fergus 2014)."""
    return logits - words.kept(1 - torch.eye(len(words.spans), dtype=torch.float64)), torch.zeros_like(logits)


def _greedy(words: _Words, logits: Tensor, seed: int) -> Scores:
    """The order in which tokens go, each time that without which the logit falls most: (L - place) / L, for each class."""
    count = len(words.spans)
    scores = torch.zeros(count, len(logits), dtype=torch.float64)
    for c in range(len(logits)):
        left = torch.ones(count, dtype=torch.float64)
        order: list[int] = []
        while len(order) < count:
            places = torch.nonzero(left).flatten()
            masks = left.repeat(len(places), 1)
            masks[torch.arange(len(places)), places] = 0
            falls = -words.kept(masks)[:, c]
            by_fall = places[falls.argsort(descending=True, stable=True)]
            order += by_fall.tolist() if len(order) >= STEPS else by_fall[:1].tolist()
            left[order] = 0
        scores[order, c] = 1 - torch.arange(count, dtype=torch.float64) / count
    return scores, torch.zeros_like(logits)


def _lime(words: _Words, logits: Tensor, seed: int) -> Scores:
    from convlens.explain.by_captum import lime_of

    return lime_of(words, len(logits), seed=seed), torch.zeros_like(logits)


def _shapley(words: _Words, logits: Tensor, seed: int) -> Scores:
    from convlens.explain.by_captum import shapley_of

    return shapley_of(words, seed=seed)


PREDICTOR_METHODS: dict[str, tuple[Callable[[_Words, Tensor, int], Scores], Sums]] = {
    "occlusion": (_occlusion, "none"),
    "greedy": (_greedy, "none"),
    "lime": (_lime, "none"),
    "shapley-sampling": (_shapley, "approximate"),
}


def _explanation(words: _Words, method: str, target: str | None, seed: int) -> Explanation:
    scores_of, sums = PREDICTOR_METHODS[method]
    logits = words.kept(words.all_words)[0]
    labels = words.predictor.labels or ()
    if target is not None and target not in labels:
        raise InputError(
            f"unknown label {shown(target)}: {suggestion(target, labels)}the labels are {', '.join(labels)}"
        )
    scores, bias = torch.zeros(0, len(logits)), torch.zeros_like(logits) if sums == "none" else logits
    if words.spans:
        scores, bias = scores_of(words, logits, seed)
    return Explanation(
        text=words.text,
        spans=words.spans,
        scores=scores.numpy(),
        bias=bias.numpy(),
        logits=logits.numpy(),
        labels=labels,
        target=int(logits.argmax()) if target is None else labels.index(target),
        method=method,
        sums=sums,
    )
