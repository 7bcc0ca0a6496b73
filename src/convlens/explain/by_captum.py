"""Methods that Captum computes, for any model, a document at a time.

A word is removed by making its vector zero, as padding is; the length stays. Documents go alone and without their padding,
so that batch and order cannot change a bit, chance included: it starts from the words of the document. Copies of a
document go through the model some at once, which bounds memory.
"""

import hashlib
import math
import warnings
from functools import partial

import torch
from torch import Tensor

from convlens.errors import InputError
from convlens.explain.methods import check_continuous
from convlens.explain.modules import as_modules
from convlens.explain.padded import Padded
from convlens.explain.single import Maskable, Single, one_by_one
from convlens.models import TextModel

try:
    from captum._utils.models.linear_model import SkLearnRidge
    from captum.attr import (
        DeepLift,
        GradientShap,
        IntegratedGradients,
        Lime,
        ShapleyValues,
        ShapleyValueSampling,
    )
    from captum.attr._core.lime import get_exp_kernel_similarity_function
except ImportError as error:
    raise InputError(f'Captum is not here ({error}): pip install "convlens[captum]"') from None

STEPS = 50  # points on the way from no words to the document
SAMPLES = 200  # pairs of a baseline and a point on the way from it
NOISE = 0.1  # of gradient SHAP's baselines, in root mean squares of the document's vectors
ORDERS = 25  # orders in which words are added
LIME_SAMPLES = 1000  # copies with half of the words removed
LIME_WIDTH = 0.25  # of the kernel over cosine distances: that of LIME's own package for text


def integrated_gradients(model: TextModel, ids: Tensor, *, steps: int = STEPS) -> Padded:
    """`sum_d x_td integral_0^1 dy_c / dx_td (a x) da` (Sundararajan et al. 2017), by Gauss and Legendre's rule.

    The bias is the logit without words: scores and bias sum to the logit as `steps` grow.
    """
    check_continuous(model)

    def answer(one: Single) -> tuple[Tensor, Tensor]:
        ask = partial(IntegratedGradients(one.logits).attribute, one.vectors, n_steps=steps)
        scores = [ask(target=c, internal_batch_size=one.at_once)[0].sum(1) for c in range(model.classes)]
        return torch.stack(scores, 1), _without_words(one)

    return one_by_one(model, ids, answer)


def deeplift(model: TextModel, ids: Tensor) -> Padded:
    """DeepLIFT's rescale rule (Shrikumar et al. 2017) from the document without words, whose logit is the bias.

    Where no filter is above its value for no words, Captum's rule for maxima blames the first window.
    """
    check_continuous(model)

    def answer(one: Single) -> tuple[Tensor, Tensor]:
        # One document: for more, Captum's rule for maxima takes gradients of the first for all.
        method, x = DeepLift(as_modules(model, len(one.ids))), one.vectors.requires_grad_()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Setting forward, backward hooks")
            scores = [method.attribute(x, target=c)[0].sum(1).detach() for c in range(model.classes)]
        return torch.stack(scores, 1), _without_words(one)

    return one_by_one(model, ids, answer)


def gradient_shap(model: TextModel, ids: Tensor, *, samples: int = SAMPLES, seed: int = 0) -> Padded:
    """`mean_s sum_d (x - z_s)_td dy_c / dx_td (z_s + a_s (x - z_s))` (Lundberg & Lee 2017) for words t.

    The baselines z_s are no words with some noise: vectors of normal numbers, whose deviation is `NOISE` times the
    root mean square of the document's, drawn with the a_s in [0, 1] from `seed`. The bias is their mean logit.
    """
    check_continuous(model)

    def answer(one: Single) -> tuple[Tensor, Tensor]:
        scores, bias = zip(*(_expected(one, c, samples, seed) for c in range(model.classes)), strict=True)
        return torch.stack(scores, 1), torch.stack(bias)

    return one_by_one(model, ids, answer)


def lime(model: TextModel, ids: Tensor, *, samples: int = LIME_SAMPLES, seed: int = 0) -> Padded:
    """Slopes of a ridge regression of the logit on which words are kept (Ribeiro et al. 2016): no parts of it.

    Each of the `samples` keeps a word with probability 1/2, and weighs `exp(-D^2 / 2 w^2)` for its cosine distance
    D to the whole document and the width w = `LIME_WIDTH`. All classes see the same samples.
    """

    def answer(one: Single) -> tuple[Tensor, Tensor]:
        scores = lime_of(one, model.classes, samples=samples, seed=seed)
        return scores, scores.new_zeros(model.classes)

    padded = one_by_one(model, ids, answer)
    return Padded(padded.scores, torch.zeros_like(padded.bias), padded.logits)


def lime_of(one: Maskable, classes: int, *, samples: int = LIME_SAMPLES, seed: int = 0) -> Tensor:
    """The scores (T, C) of `lime` for one document."""
    nearness = get_exp_kernel_similarity_function("cosine", LIME_WIDTH)
    cache: dict[bytes, Tensor] = {}

    def logits(masks: Tensor) -> Tensor:
        key = hashlib.blake2b(masks.cpu().numpy().tobytes()).digest()
        if key not in cache:
            cache[key] = one.kept(masks)
        return cache[key]

    words, scores = one.all_words, []
    for c in range(classes):
        method = Lime(logits, SkLearnRidge(alpha=1.0), nearness)
        with one.chance(seed):
            attributions = method.attribute(
                words, target=c, n_samples=samples, perturbations_per_eval=one.at_once
            )
        scores.append(attributions[0])
    return torch.stack(scores, 1)


def shapley_sampling(model: TextModel, ids: Tensor, *, orders: int = ORDERS, seed: int = 0) -> Padded:
    """What word t adds to the logit when words come in random order, on average (Castro et al. 2009).

    Scores and the bias, the logit without words, sum to the logit for any `orders`; each score is an estimate,
    but where a document has no more than `orders` orders, which are then all taken: Shapley's values.
    """
    return one_by_one(model, ids, partial(shapley_of, orders=orders, seed=seed))


def shapley_of(one: Maskable, *, orders: int = ORDERS, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The scores (T, C) and bias (C,) of `shapley_sampling` for one document."""
    words = one.all_words
    few = min(one.at_once, words.shape[1])
    if math.factorial(min(words.shape[1], 20)) <= orders:
        attributions = ShapleyValues(one.kept).attribute(words, perturbations_per_eval=few)
    else:
        method = ShapleyValueSampling(one.kept)
        with one.chance(seed):
            attributions = method.attribute(words, n_samples=orders, perturbations_per_eval=few)
    return attributions[0].T, _without_words(one)


def _without_words(one: Maskable) -> Tensor:
    """The logits (C,) of the document without words: of as many zero vectors, where it keeps its length."""
    return one.kept(torch.zeros_like(one.all_words))[0]


def _expected(one: Single, target: int, samples: int, seed: int) -> tuple[Tensor, Tensor]:
    """Gradient SHAP of a class: scores (T,), and the mean logit of the baselines, some samples at a time."""
    x, method = one.vectors, GradientShap(one.logits)
    scores, bias = torch.zeros_like(x[0, :, 0]), x.new_zeros(())
    with one.chance(seed):
        for start in range(0, samples, one.at_once):
            share = min(one.at_once, samples - start)
            noise = NOISE * x.square().mean().sqrt() * torch.randn_like(x.expand(share, -1, -1))
            attributions = method.attribute(x, baselines=noise, n_samples=share, target=target)
            scores += attributions[0].sum(1) * (share / samples)
            with torch.no_grad():
                bias += one.logits(noise)[:, target].sum() / samples
    return scores, bias
