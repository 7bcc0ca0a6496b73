"""Ways of writing text CNNs that public repositories have, small and untrained; those that most have are in `networks`."""

import torch
import torch.nn.functional as F
from tests.adopt.networks import CLASSES, FILTERS, SIZE, WORDS, Rows
from torch import Tensor, nn


class Pooled(Rows):
    """Filters of one dimension with a pooling that is given, and a head for so many features of each region."""

    def __init__(self, pool, features: int = FILTERS, **options) -> None:
        super().__init__(**options)
        self.pool, self.fc = pool, nn.Linear(2 * features, CLASSES)


class Products(Rows):
    """A head that is written as a sum of products."""

    def forward(self, ids: Tensor) -> Tensor:
        x = torch.einsum("bld->bdl", self.embed(ids))
        pooled = torch.cat([self.act(conv(x)).amax(2) for conv in self.convs], 1)
        return torch.einsum("bk,ck->bc", pooled, self.fc.weight) + self.fc.bias


class OfTypes(Rows):
    """It asks for the type of a tensor, which is another while torch runs a network to export it."""

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(torch.cat([one for one in (ids, None) if type(one) is Tensor]))


class Ended(Rows):
    """A first and a last word around a text."""

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(F.pad(F.pad(ids, (1, 0), value=2), (0, 1), value=3))


class Headless(Rows):
    """Filters for classes, whose maxima are the logits."""

    def __init__(self, *, squashed: bool = False) -> None:
        super().__init__()
        self.squashed, self.conv = squashed, nn.Conv1d(SIZE, CLASSES, 3)

    def forward(self, ids: Tensor) -> Tensor:
        logits = F.relu(self.conv(self.embed(ids).transpose(1, 2))).amax(2)
        return logits.log_softmax(1) if self.squashed else logits


class Summed(Rows):
    """The same filters over two tables, with an activation for each, and the maximum of their sums."""

    def __init__(self) -> None:
        super().__init__()
        self.still = nn.Embedding(WORDS, SIZE)

    def forward(self, ids: Tensor) -> Tensor:
        x, y = (table(ids).transpose(1, 2) for table in (self.embed, self.still))
        return self.fc(torch.cat([(F.relu(conv(x)) + F.relu(conv(y))).amax(2) for conv in self.convs], 1))


class Probabilities(Rows):
    """Probabilities that are made of log probabilities."""

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(ids).log_softmax(1).exp()


def with_mean(maps: Tensor) -> Tensor:
    return torch.cat([maps.amax(2), maps.mean(2)], 1)


PUBLIC_READ = {
    "the one greatest": lambda: Pooled(lambda maps: maps.topk(1)[0].squeeze(2)),
    "the k greatest where k is 1": lambda: Pooled(
        lambda maps: torch.topk(maps, k=1, dim=2).values.flatten(1)
    ),
    "places of the maxima that nothing reads": lambda: Pooled(
        lambda maps: (maps.max(2)[0], maps.argmax(2))[0]
    ),
    "ELU in place": lambda: Rows(act=nn.ELU(inplace=True)),
    "products": lambda: Products(),
    "of types": lambda: OfTypes(),
    "headless": lambda: Headless(),
    "headless, log probabilities": lambda: Headless(squashed=True),
}
PUBLIC_REFUSED = {
    "a first and a last word": (
        lambda: Ended(),
        r"puts the word numbers \[2, 3\] around a text, .*: exact answers need one and the same word there",
    ),
    "sums of activations": (lambda: Summed(), "`amax`.* takes the greatest of sums of activations"),
    "maximum and mean": (
        lambda: Pooled(with_mean, 2 * FILTERS),
        r"what `relu` \(.*\) gives goes several ways, not into one maximum",
    ),
    "maximum and mean without an activation": (
        lambda: Pooled(with_mean, 2 * FILTERS, act=lambda maps: maps),
        r"the logits read more than `amax` \(.*\) and other maxima of its kind",
    ),
    "pieces of any length": (
        lambda: Pooled(lambda maps: F.adaptive_max_pool1d(maps, 3).flatten(1), 3 * FILTERS),
        "`adaptive_max_pool1d`.* greatest of each of 3 pieces of a text of 18 places, .* need that of all places$",
    ),
    "no more than 6": (lambda: Rows(act=F.relu6), "`relu6`.* is none of the activations with exact answers"),
    "clamped by a tensor": (
        lambda: Rows(act=lambda maps: torch.clamp(maps, min=torch.zeros(()))),
        "`clamp`.* is none of the activations with exact answers",
    ),
    "probabilities of log probabilities": (
        lambda: Probabilities(),
        "`log_softmax`.* is none of the activations",
    ),
}
