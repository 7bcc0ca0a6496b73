"""The swap attack: the best swaps of one word after another, by exact margins or by orders to compare them with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from convlens.arrays import Floats, Ints, least
from convlens.attack.attacked import AttackedDocument, Edits, realised, swapped
from convlens.attack.candidates import Candidates
from convlens.attack.config import EXACT, RANDOM, AttackConfig
from convlens.attack.exact import Swaps
from convlens.attack.greedy_batch import AttackOutcome, decided, turned
from convlens.models import Classifier

SPARE = 8  # candidates for each state of the beam: some do not survive tokenising
Score = Callable[[Ints, Ints, AttackedDocument], Floats]


@dataclass(frozen=True, eq=False)
class Searcher:
    """What all documents share: the model's swaps, candidates, and how swaps are ranked, the lowest score first."""

    classifier: Classifier
    swaps: Swaps
    candidates: Candidates
    score: Score
    config: AttackConfig
    target: int | None


def searcher(
    classifier: Classifier, swaps: Swaps, candidates: Candidates, order: str, config: AttackConfig
) -> Searcher:
    """Rank swaps by exact margins, by the margin's slope as HotFlip does (Ebrahimi et al. 2018), or by chance."""
    target = None if config.target is None else classifier.target(config.target)

    def exact(ids: Ints, words: Ints, attacked: AttackedDocument) -> Floats:
        return swaps.margins(ids, words, attacked.label, target)

    def gradient(ids: Ints, words: Ints, attacked: AttackedDocument) -> Floats:
        return _slopes(swaps, ids, words, attacked.label, target)

    def chance(ids: Ints, words: Ints, attacked: AttackedDocument) -> Floats:
        rng = np.random.default_rng([config.seed, attacked.document, int(ids.sum())])
        return rng.random((len(ids), words.shape[1]))

    score = {EXACT: exact, "gradient": gradient, RANDOM: chance}[order]
    return Searcher(classifier, swaps, candidates, score, config, target)


def search(searcher: Searcher, attacked: AttackedDocument) -> AttackOutcome:
    """Swap words, each once, until the model's decision about the text turns or there have been enough."""
    states: list[Edits] = [()]
    best: tuple[Edits, str] = ((), attacked.tokens.text)
    unrealised = 0
    for _ in range(min(searcher.config.edits, len(attacked.ids))):
        successors: list[tuple[Edits, str]] = []
        for edits, text, fits in _next(searcher, attacked, states):
            if len(successors) == searcher.config.beam:
                break
            unrealised += not fits
            if fits:
                successors.append((edits, text))
        if not successors:
            break
        best, states = successors[0], [edits for edits, _ in successors]
        for (edits, text), c in zip(
            successors, decided(searcher.classifier, [t for _, t in successors]), strict=True
        ):
            if turned(c, attacked.label, searcher.target):
                return AttackOutcome(attacked, edits, text, True, int(c), unrealised)
    became = int(decided(searcher.classifier, [best[1]])[0])
    return AttackOutcome(attacked, *best, False, became, unrealised)


def _next(
    searcher: Searcher, attacked: AttackedDocument, states: list[Edits]
) -> Iterator[tuple[Edits, str, bool]]:
    """One swap more of any state, the best first, each set once; and whether its text is read as it should be."""
    tokenizer, ranked = searcher.classifier.tokenizer, []
    for state, edits in enumerate(states):
        ids = attacked.expected(edits)
        offered = searcher.candidates.of(attacked.words)
        words = np.broadcast_to(offered, (len(ids), offered.shape[1]))
        scores = searcher.score(ids, offered, attacked)
        scores[[edit.place for edit in edits]] = np.inf
        scores[(words == attacked.words[:, None]) | (words == tokenizer.mask_number)] = np.inf
        for place in lowest(scores, SPARE * searcher.config.beam):
            p, m = divmod(int(place), scores.shape[1])
            ranked.append((float(scores[p, m]), state, p, int(words[p, m])))
    tried = set()
    for _, state, p, number in sorted(ranked):
        word = tokenizer.word(number)
        edit = swapped(attacked, p, word, number, lower=tokenizer.config.lower)
        edits = tuple(sorted((*states[state], edit), key=lambda e: e.place))
        if edits not in tried:
            tried.add(edits)
            text = attacked.written(edits)
            yield edits, text, realised(tokenizer, [text], [attacked.expected(edits)])[0]


def lowest(scores: Floats, count: int) -> Ints:
    """Flat places of the lowest finite scores, lowest first, equals in their order."""
    flat = scores.reshape(-1)
    return least(flat, min(count, int(np.isfinite(flat).sum())))


def _slopes(swaps: Swaps, ids: Ints, words: Ints, label: int, target: int | None) -> Floats:
    """`<E[v] - E[w_p], d margin / d x_p>` of every swap: (L, M)."""
    model = swaps.model
    matrix = model.embed.weight.detach()
    with torch.enable_grad():
        x = matrix[torch.from_numpy(ids)][None].requires_grad_()
        logits = model.classify(x, torch.tensor([len(ids)]))[0]
        own = label if target is None else target
        others = torch.cat([logits[:own], logits[own + 1 :]]).max()
        margin = logits[own] - others if target is None else others - logits[own]
        slope = torch.autograd.grad(margin, x)[0][0]  # (L, d)
    own_part = (slope * x[0].detach()).sum(1)
    if len(words) == 1:
        gains = slope @ matrix[torch.from_numpy(words[0])].T
    else:
        gains = (matrix[torch.from_numpy(words)] @ slope[:, :, None])[:, :, 0]
    scores: Floats = (gains - own_part[:, None]).cpu().numpy()
    return scores
