"""How many steps the optimisation of hidden units takes until its words stay, and how many texts keep their class.

    python -m benchmarks hidden MODEL DATA [--texts 20] [--far 3000] [--matching 0]

For pairs of step size and steps: the objective as a share of what a longer ascent
reaches, the cosine of the mean vectors of both, the share of their nearest words in common, and seconds.
Then the matching rate at the defaults: the share of so many test texts whose 3 x 5 words, as a sentence, get the class
of the text.
"""

import argparse
from dataclasses import replace
from time import perf_counter

import numpy as np

from convlens.data import Columns, Splits, open_data
from convlens.models import load
from convlens.units import Ascent, TextUnits, UnitConfig, hidden_units

PAIRS = ((0.02, 200), (0.02, 500), (0.02, 1000), (2e-4, 1000))
HEAD = """\
| step size | steps | objective | cosine | words in common | seconds |
| --: | --: | --: | --: | --: | --: |"""


def main() -> None:
    """Print the table, then the matching rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--texts", type=int, default=20)
    parser.add_argument("--far", type=int, default=3000)
    parser.add_argument("--matching", type=int, default=0)
    options = parser.parse_args()
    classifier = load(options.model)
    data = open_data(options.data, Columns(), labelled=False, allow_rejects=False)
    texts = (data.test if isinstance(data, Splits) else data).texts

    def at(lr: float, steps: int, some: list[str]) -> tuple[list[TextUnits], float]:
        ascent = replace(Ascent(), lr=lr, steps=steps)
        begun = perf_counter()
        return hidden_units(classifier, some, config=UnitConfig(ascent=ascent)), perf_counter() - begun

    some = list(texts[: options.texts])
    far, seconds = at(0.02, options.far, some)
    print(f"{HEAD}\n| 0.02 | {options.far:,} | 1.000 | 1.000 | 1.000 | {seconds:.1f} |", flush=True)
    for lr, steps in PAIRS:
        found, seconds = at(lr, steps, some)
        numbers = " | ".join(f"{value:.3f}" for value in compare(found, far))
        print(f"| {lr:g} | {steps:,} | {numbers} | {seconds:.1f} |", flush=True)
    if not options.matching:
        return
    default, texts = Ascent(), texts[: options.matching]
    found, seconds = at(default.lr, default.steps, list(texts))
    sentences = classifier.predict([" ".join(one.words) for one in found])
    same = np.mean([a == one.predicted for a, one in zip(sentences, found, strict=True)])
    print(f"\nMatching rate at the defaults over {len(texts):,} texts: {same:.3f}, in {seconds:.0f} seconds")


def compare(found: list[TextUnits], far: list[TextUnits]) -> tuple[float, float, float]:
    """Means over all units: objective as a share, cosine, words in common."""
    pairs = [pair for a, b in zip(found, far, strict=True) for pair in zip(a.units, b.units, strict=True)]
    objective = np.mean([a.after / b.after for a, b in pairs])
    cosine = np.mean([a.mean @ b.mean / np.linalg.norm(a.mean) / np.linalg.norm(b.mean) for a, b in pairs])
    common = np.mean([len(set(a.words) & set(b.words)) / len(a.words) for a, b in pairs])
    return float(objective), float(cosine), float(common)


if __name__ == "__main__":
    main()
