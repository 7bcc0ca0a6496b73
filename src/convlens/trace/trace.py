"""What survives a pass over documents: the winning value and window of every filter, and the logits."""

from dataclasses import dataclass

import torch
from torch import Tensor

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.models import TextCNN, TextModel, gated, one_layer
from convlens.text import PAD


@dataclass(frozen=True)
class Trace:
    """A batch of documents as a one-layer text CNN sees them.

    `ids` (B, T) word numbers and `lengths` (B,) in words; `peaks` (B, k) the greatest value of each
    filter, bias included, before the ReLU; `positions` (B, k) the first word of the window it came
    from (-1 in an empty document); `logits` (B, C); `gates` (k,) those of the model, where it has any.
    """

    ids: Tensor
    lengths: Tensor
    peaks: Tensor
    positions: Tensor
    logits: Tensor
    gates: Tensor | None = None

    @property
    def pooled(self) -> Tensor:
        """Pooled features as the head reads them, after the ReLU or the gates: (B, k)."""
        return gated(self.peaks, self.gates)


@checked
@torch.no_grad()
def trace(model: TextModel, ids: Tensor) -> Trace:
    """One forward pass over word numbers (B, T), without dropout; `InputError` for a deep model."""
    model = one_layer(model, "a trace")
    check_ids(ids, model.embed.num_embeddings)
    lengths = (ids != PAD).sum(1)
    peaks, positions = model.peaks_of(ids, lengths)
    return Trace(ids, lengths, peaks, positions, model.head(model.pool(peaks)), model.gates)


def check_ids(ids: Tensor, words: int) -> None:
    """Raise `InputError` unless `ids` are numbers of so many words, padded at the end: (B, T) int64 or int32."""
    if ids.ndim != 2 or ids.dtype not in (torch.int64, torch.int32):
        raise InputError(f"ids must be whole numbers (B, T), got {ids.dtype} of shape {tuple(ids.shape)}")
    if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < words:
        raise InputError(
            f"ids run from {int(ids.min())} to {int(ids.max())}, but the model has the words 0 to {words - 1}"
        )
    if bool(((ids[:, 1:] != PAD) & (ids[:, :-1] == PAD)).any()):
        raise InputError(f"ids have padding ({PAD}) before a word: it may stand at a document's end only")


@torch.no_grad()
def slot_activations(model: TextCNN, trace: Trace) -> Tensor:
    """What each word of the winning windows gives each filter: (B, k, N), N the widest region.

    Entry (b, f, j) is `<w_f[j], x[i + j]>` for the window at i = positions[b, f] (Jacovi et al. 2018);
    it is 0 where slot j is beyond the region or the document. Slots plus bias sum to `peaks`.
    """
    widest = max(model.config.regions)
    windows = model.windows(model.embed(trace.ids), trace.positions)  # each (B, F, n, d)
    slots = [
        torch.nn.functional.pad((window * conv.weight.transpose(1, 2)).sum(3), (0, widest - window.shape[2]))
        for conv, window in zip(model.convolutions, windows, strict=True)
    ]
    return torch.cat(slots, 1).masked_fill(~word_slots(model, trace), 0)


def word_slots(model: TextCNN, trace: Trace) -> Tensor:
    """Which slots of the winning windows hold a word: (B, k, N) bool."""
    slot = torch.arange(max(model.config.regions), device=trace.ids.device)
    widths = torch.tensor(model.config.widths, device=trace.ids.device)[:, None]  # (k, 1)
    words = trace.lengths[:, None] - trace.positions  # (B, k): left of the document from the window on
    held = (slot < widths) & (slot < words[:, :, None])
    return held & (trace.positions >= 0)[:, :, None]


def filter_biases(model: TextCNN) -> Tensor:
    """`b_f` of every filter: (k,), zeros for a model without."""
    weight = model.head.weight
    parts = [
        weight.new_zeros(count) if conv.bias is None else conv.bias.detach()
        for conv, count in zip(model.convolutions, model.config.counts, strict=True)
    ]
    return torch.cat(parts)


def head_biases(model: TextCNN) -> Tensor:
    """`b_y` of every class: (C,), zeros for a model without."""
    head = model.head
    return head.weight.new_zeros(head.out_features) if head.bias is None else head.bias.detach()
