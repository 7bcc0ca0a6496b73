"""Somebody else's network of any shape behind the interface of models: word vectors go in where it looks them up."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from convlens.errors import InputError
from convlens.models.adoption import ForeignConfig, Makes
from convlens.text import PAD

TINY = 1e-7  # the least probability whose logarithm is taken


class Foreign(nn.Module):
    """A network that is asked from outside: for its answers, and their slopes by word vectors.

    `lookup` is the part of the network that looks vectors up, `numbers` are those of its padding and of some word. Word numbers (B, T) of ConvLens go in, padded at the end with `PAD`; their vectors `embed` (V, d) take the place of those that the network looks up. Texts
    are padded as the config says, and those of one length go through the network together.
    """

    def __init__(
        self,
        config: ForeignConfig,
        network: nn.Module,
        lookup: nn.Module,
        vectors: Tensor,
        numbers: tuple[int, int],
        classes: int,
    ) -> None:
        super().__init__()
        self.config, self.network, self.lookup, self.numbers, self.classes = (
            config,
            network,
            lookup,
            numbers,
            classes,
        )
        self.embed = nn.Embedding(len(vectors), config.dim, padding_idx=PAD)
        self.embed.weight = nn.Parameter(vectors)
        self.requires_grad_(False)

    def forward(self, ids: Tensor) -> Tensor:  # (B, T) -> (B, C) logits
        """Logits of documents."""
        return self.classify(self.embed(ids), (ids != PAD).sum(1))

    def classify(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, T, d), (B,) -> (B, C)
        """Logits of embedded documents."""
        logits: list[Tensor | None] = [None] * len(x)
        inputs = [self._padded(x[i, :length]) for i, length in enumerate(lengths.tolist())]
        for size in sorted({len(numbers) for _, numbers in inputs}):
            places = [i for i, (_, numbers) in enumerate(inputs) if len(numbers) == size]
            vectors, numbers = (torch.stack([inputs[i][part] for i in places]) for part in (0, 1))
            for i, row in zip(places, self._logits(self._asked(vectors, numbers)), strict=True):
                logits[i] = row
        return torch.stack([row for row in logits if row is not None]) if logits else x[:, :0].flatten(1)

    def _padded(self, x: Tensor) -> tuple[Tensor, Tensor]:  # (L, d) -> (L', d), (L',)
        """The vectors that the network reads, and numbers of its own in their places: those of a word, and of padding."""
        padding, pad = self.config.padding, self.embed.weight[PAD]
        if padding.length is not None:
            x = x[-padding.length :] if padding.cut == "left" else x[: padding.length]
        filled = max((padding.length or max(padding.least, 1)) - len(x), 0)
        left = filled if padding.side == "left" else 0
        before, after = padding.before + left, padding.after + filled - left
        numbers = torch.full((before + len(x) + after,), self.numbers[0], device=x.device)
        numbers[before : before + len(x)] = self.numbers[1]
        return torch.cat([pad.expand(before, -1), x, pad.expand(after, -1)]), numbers

    def _asked(
        self, x: Tensor, numbers: Tensor
    ) -> Tensor:  # (B, L, d), (B, L) -> what the network gives, (B, m)
        def instead(module: nn.Module, inputs: object, vectors: Tensor) -> Tensor:
            if vectors.shape != x.shape:
                raise InputError(
                    f"the network looks up vectors of shape {tuple(vectors.shape)} for numbers of shape {tuple(numbers.shape)}"
                )
            return x.to(vectors)

        handle = self.lookup.register_forward_hook(instead)
        try:
            outputs: Tensor = self.network(numbers)
        finally:
            handle.remove()
        return outputs.reshape(len(x), -1).to(x)

    def _logits(self, outputs: Tensor) -> Tensor:
        logits = TO_LOGITS[self.config.makes](outputs)
        return torch.cat([-logits, logits], 1) / 2 if logits.shape[1] == 1 else logits


def _logit(p: Tensor) -> Tensor:
    p = p.clamp(TINY, 1 - TINY)
    return p.log() - (1 - p).log()


def _of_probabilities(p: Tensor) -> Tensor:
    return _logit(p) if p.shape[1] == 1 else p.clamp(min=TINY).log()


TO_LOGITS: dict[Makes, Callable[[Tensor], Tensor]] = {
    "logits": nn.Identity(),
    "log probabilities": nn.Identity(),
    "probabilities": _of_probabilities,
    "probabilities of each label": _logit,
}
