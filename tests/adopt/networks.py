"""Text CNNs in the ways in which people write them, small and untrained."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WORDS, SIZE, FILTERS, CLASSES, LENGTH = 50, 8, 6, 3, 20


class ImageLike(nn.Module):
    """Two-dimensional convolutions over an image of one channel, as in most repositories."""

    def __init__(
        self, *, pads: bool = False, outputs: int = CLASSES, act: Callable[[Tensor], Tensor] = F.relu
    ) -> None:
        super().__init__()
        self.act = act
        self.embed = nn.Embedding(WORDS, SIZE, padding_idx=0)
        self.convs = nn.ModuleList(
            nn.Conv2d(1, FILTERS, (n, SIZE), padding=(n - 1 if pads else 0, 0)) for n in (3, 4, 5)
        )
        self.dropout, self.fc = nn.Dropout(0.5), nn.Linear(3 * FILTERS, outputs)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).unsqueeze(1)
        maps = [self.act(conv(x)).squeeze(3) for conv in self.convs]
        return self.fc(self.dropout(torch.cat([F.max_pool1d(m, m.size(2)).squeeze(2) for m in maps], 1)))


POOLS: dict[str, Callable[[Tensor], Tensor]] = {
    "max": lambda x: x.max(dim=-1).values,
    "amax": lambda x: x.amax(2),
    "adaptive": lambda x: F.adaptive_max_pool1d(x, 1).squeeze(-1),
    "mean": lambda x: x.mean(2),
    "topk": lambda x: x.topk(2, 2)[0].flatten(1),
    "sorted": lambda x: x.sort(2).values[:, :, -1],
}


class Rows(nn.Module):
    """One-dimensional convolutions over vectors as channels, with one pooling or another."""

    def __init__(
        self, pool: str = "max", act: Callable[[Tensor], Tensor] = torch.relu, *, same: bool = False
    ) -> None:
        super().__init__()
        self.act, self.pool = act, POOLS[pool]
        self.embed = nn.Embedding(WORDS, SIZE)
        self.convs = nn.ModuleList(nn.Conv1d(SIZE, FILTERS, n, padding=n // 2 if same else 0) for n in (3, 5))
        self.fc = nn.Linear(2 * FILTERS * (2 if pool == "topk" else 1), CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).permute(0, 2, 1)
        return self.fc(torch.cat([self.pool(self.act(conv(x))) for conv in self.convs], -1))


class Flat(nn.Module):
    """A convolution with the step of a vector over all vectors in a row, with padding that the network adds itself."""

    def __init__(self, padding: int = 0) -> None:
        super().__init__()
        self.pad, self.embed = nn.ConstantPad1d(2, padding), nn.Embedding(WORDS, SIZE)
        self.convs = nn.ModuleList(nn.Conv1d(1, FILTERS, SIZE * n, stride=SIZE) for n in (2, 3))
        self.fc = nn.Linear(2 * FILTERS, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(self.pad(ids))
        maps = [F.relu(conv(x.view(len(x), 1, -1))) for conv in self.convs]
        return self.fc(torch.cat([F.max_pool1d(m, m.size(2)).view(-1, FILTERS) for m in maps], 1))


class Channels(nn.Module):
    """Two tables of vectors as two channels (Kim 2014)."""

    def __init__(self) -> None:
        super().__init__()
        self.still, self.tuned = nn.Embedding(WORDS, SIZE), nn.Embedding(WORDS, SIZE)
        self.convs = nn.ModuleList(nn.Conv2d(2, FILTERS, (n, SIZE)) for n in (3, 4))
        self.fc = nn.Linear(2 * FILTERS, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        x = torch.stack([self.still(ids), self.tuned(ids)], 1)
        return self.fc(torch.cat([F.relu(conv(x)).squeeze(3).max(2)[0] for conv in self.convs], 1))


class Normed(nn.Module):
    """Batch normalisation before the ReLU, or between it and the maximum, with log probabilities in the end."""

    def __init__(self, *, after: bool = False, turned: bool = False, inplace: bool = False) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE), nn.Linear(2 * FILTERS, CLASSES)
        self.blocks = nn.ModuleList()
        for n in (2, 3):
            norm, act = nn.BatchNorm1d(FILTERS), nn.ReLU(inplace=inplace)
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
            norm.weight.data.uniform_(0.5, 2)
            norm.weight.data *= -1 if turned else 1
            middle = (act, norm) if after else (norm, act)
            self.blocks.append(nn.Sequential(nn.Conv1d(SIZE, FILTERS, n), *middle, nn.AdaptiveMaxPool1d(1)))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).transpose(1, 2)
        return torch.log_softmax(self.fc(torch.cat([block(x) for block in self.blocks], 1).squeeze(2)), 1)


class Dense(nn.Module):
    """A dense layer after the maxima, with a ReLU or another activation or none, and one probability."""

    def __init__(self, act: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.embed, self.conv, self.act = nn.Embedding(WORDS, SIZE), nn.Conv1d(SIZE, FILTERS, 3), act
        self.hidden, self.fc = nn.Linear(FILTERS, 5), nn.Linear(5, 1)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.hidden(F.relu(self.conv(self.embed(ids).transpose(1, 2))).amax(2))
        return torch.sigmoid(self.fc(x if self.act is None else self.act(x))).squeeze(1)


class ActivationLast(nn.Module):
    """An activation of the maxima, or one before and one after them."""

    def __init__(self, *, before: bool = False) -> None:
        super().__init__()
        self.embed, self.conv, self.fc = (
            nn.Embedding(WORDS, SIZE),
            nn.Conv1d(SIZE, FILTERS, 5),
            nn.Linear(FILTERS, CLASSES),
        )
        self.before = torch.tanh if before else nn.Identity()

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(torch.tanh(self.before(self.conv(self.embed(ids).transpose(1, 2))).max(2)[0]))


class Dilated(nn.Module):
    """Kernels with holes."""

    def __init__(self, stride: int = 1) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, SIZE)
        self.conv, self.fc = (
            nn.Conv1d(SIZE, FILTERS, 3, dilation=2, stride=stride),
            nn.Linear(FILTERS, CLASSES),
        )

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(F.relu(self.conv(self.embed(ids).transpose(1, 2))).amax(2))


class Stacked(nn.Module):
    """Two layers of convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE), nn.Linear(FILTERS, 1)
        self.first, self.second = (
            nn.Conv1d(SIZE, FILTERS, 4, stride=2),
            nn.Conv1d(FILTERS, FILTERS, 3, stride=2),
        )

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(F.relu(self.second(F.relu(self.first(self.embed(ids).transpose(1, 2))))).amax(2))


class Pieces(nn.Module):
    """The greatest values of pieces of a text, all of them read."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.conv, self.fc = (
            nn.Embedding(WORDS, SIZE),
            nn.Conv1d(SIZE, FILTERS, 3),
            nn.Linear(FILTERS * 9, CLASSES),
        )

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(F.max_pool1d(F.relu(self.conv(self.embed(ids).transpose(1, 2))), 2).flatten(1))


class TimeAsChannels(nn.Module):
    """Places as channels: every filter sees all words."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.conv = nn.Embedding(WORDS, SIZE), nn.Conv1d(LENGTH, FILTERS, 2)
        self.fc = nn.Linear(FILTERS * 3, 1)

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(F.max_pool1d(F.relu(self.conv(self.embed(ids))), 2).flatten(1))


class Placed(nn.Module):
    """Vectors of places beside those of words."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, SIZE), nn.Embedding(LENGTH, SIZE)
        self.conv, self.fc = nn.Conv1d(SIZE, FILTERS, 3), nn.Linear(FILTERS, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.words(ids) + self.places(torch.arange(ids.shape[1]))
        return self.fc(F.relu(self.conv(x.transpose(1, 2))).amax(2))


class Recurrent(nn.Module):
    """No convolution at all."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.lstm, self.fc = (
            nn.Embedding(WORDS, SIZE),
            nn.LSTM(SIZE, FILTERS),
            nn.Linear(FILTERS, CLASSES),
        )

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(self.lstm(self.embed(ids).transpose(0, 1))[0].amax(0))


class Masked(nn.Module):
    """Padding masked out of the vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Rows()

    def forward(self, ids: Tensor) -> Tensor:
        x = (self.inner.embed(ids) * (ids != 0).to(self.inner.fc.weight)[..., None]).transpose(1, 2)
        return self.inner.fc(torch.cat([F.relu(conv(x)).amax(2) for conv in self.inner.convs], 1))


class OfData(nn.Module):
    """What it does depends on the words."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Rows()

    def forward(self, ids: Tensor) -> Tensor:
        return self.inner(ids) if ids.sum() > 3 else self.inner(ids) * 2


class ByLength(ImageLike):
    """Long texts are answered otherwise than short ones."""

    def forward(self, ids: Tensor) -> Tensor:
        logits = super().forward(ids)
        return logits if ids.shape[1] > 40 else 2 * logits


class Twins(nn.Module):
    """Two convolutions of one width with another between them, and with other padding perhaps."""

    def __init__(self, padding: int = 0) -> None:
        super().__init__()
        self.embed, self.fc = nn.Embedding(WORDS, SIZE), nn.Linear(3 * FILTERS, CLASSES)
        settings = ((3, 0), (4, 0), (3, padding))
        self.convs = nn.ModuleList(nn.Conv1d(SIZE, FILTERS, n, padding=zeros) for n, zeros in settings)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).transpose(1, 2)
        return self.fc(torch.cat([F.relu(conv(x)).amax(2) for conv in self.convs], 1))


class OneHot(nn.Module):
    """Vectors without an embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv1d(WORDS, FILTERS, 3), nn.Linear(FILTERS, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        x = F.one_hot(ids, WORDS).to(self.fc.weight).transpose(1, 2)
        return self.fc(F.relu(self.conv(x)).amax(2))


READ = {
    "two-dimensional": lambda: ImageLike(),
    "two-dimensional, zeros of n - 1": lambda: ImageLike(pads=True),
    "two-dimensional, tanh": lambda: ImageLike(act=torch.tanh),
    "two-dimensional, one logit": lambda: ImageLike(outputs=1),
    "two-dimensional, leaky ReLU": lambda: ImageLike(act=F.leaky_relu),
    "one-dimensional": lambda: Rows(),
    "one-dimensional, no activation": lambda: Rows("amax", act=lambda x: x),
    "one-dimensional, same padding": lambda: Rows(same=True),
    "one-dimensional, adaptive": lambda: Rows("adaptive"),
    "one-dimensional, clamped": lambda: Rows(act=lambda x: x.clamp(min=0)),
    "flat, padding inside": lambda: Flat(),
    "two channels": lambda: Channels(),
    "batch norm": lambda: Normed(),
    "batch norm after the ReLU": lambda: Normed(after=True),
    "batch norm, in place": lambda: Normed(inplace=True),
    "two linear layers": lambda: Dense(),
    "dense ReLU": lambda: Dense(F.relu),
    "tanh of the maxima": lambda: ActivationLast(),
    "dilated": lambda: Dilated(),
    "two of one width": lambda: Twins(),
}
REFUSED = {
    "mean": (lambda: Rows("mean"), "no greatest value over places is taken, but a mean"),
    "GELU": (lambda: Rows(act=F.gelu), "none of the activations with exact answers"),
    "k greatest": (lambda: Rows("topk"), "`topk`.* takes the k greatest values of each filter"),
    "sorted": (lambda: Rows("sorted"), "`sort`.* sorts values"),
    "padding that is no padding": (lambda: Flat(padding=7), r"puts the word numbers \[7\] around a text"),
    "norm turns round": (lambda: Normed(after=True, turned=True), "its smallest value wins"),
    "dense tanh": (lambda: Dense(torch.tanh), "a dense layer with `tanh`.* need a ReLU"),
    "tanh twice": (lambda: ActivationLast(before=True), "a dense layer with `tanh`"),
    "two of one width, padded differently": (lambda: Twins(padding=1), "have different padding or dilation"),
    "strides": (lambda: Dilated(stride=2), "begin 2 words apart"),
    "two layers": (lambda: Stacked(), "there is a second layer before the maximum"),
    "pieces": (lambda: Pieces(), "takes the greatest of each of 9 pieces of a text of 18 places"),
    "time as channels": (lambda: TimeAsChannels(), "one word is felt at all places"),
    "places": (lambda: Placed(), "does the same at every word"),
    "recurrent": (lambda: Recurrent(), "`lstm`.* is recurrent"),
    "masked": (lambda: Masked(), "`mul`.* is a product of values that both depend on the text"),
    "of data": (lambda: OfData(), "torch cannot export this network"),
    "one-hot": (lambda: OneHot(), "has no embedding"),
}
