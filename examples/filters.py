"""What has one filter of a network learned to see? A lesson in six steps.

    python examples/filters.py [DATA]

DATA is any file that ConvLens reads, with the columns text and label; without it, the film reviews of the extra
`convlens[demo]` are taken. Training takes about half a minute.
"""

import sys

import convlens


def main() -> None:
    """Train a small network, choose its most telling filter, and read its card aloud."""
    corpus = convlens.read(sys.argv[1]) if len(sys.argv) > 1 else convlens.load_data("demo").train

    print(
        f"1. We train a network of 30 filters on {len(corpus):,} texts, and ask for the card of each filter."
    )
    model = convlens.TextCNNConfig(regions=(2, 3), filters=15, dim=50)
    classifier = convlens.fit(corpus, convlens.FitConfig(model=model, train=convlens.TrainConfig(epochs=4)))
    cards = convlens.filter_cards(classifier, corpus)

    pure = [card for card in cards if card.purity is not None and card.coverage > 0.05]
    card = max(pure, key=lambda card: card.margin, default=cards[0])
    print(
        f"\n2. Filter {card.filter} looks at {card.region} words at a time. What it sees speaks for {card.label!r},"
    )
    print(f"   with a weight that is {card.margin:.2f} above that for any other class.")
    if card.threshold is None or card.purity is None:
        print("   But from no value on do enough of the texts get that class: it tells nothing by itself.")
        return
    print(
        f"\n3. From the value {card.threshold:.2f} on we can rely on it: of the {card.coverage:.0%} of the texts in"
    )
    print(f"   which it goes so high, the network calls {card.purity:.0%} {card.label!r}.")

    print("\n4. These n-grams of the texts excite it most; the numbers are what each word adds.")
    for ngram in card.top_natural:
        print(
            f"   {ngram.score:6.2f}  "
            + " ".join(f"{w} ({s:+.2f})" for w, s in zip(ngram.words, ngram.slots, strict=True))
        )
    best = card.top_possible[0]
    known = "nobody wrote" if best.count == 0 else f"stands in {best.documents:,} of the texts"
    print(f"   Of all n-grams that could be made of its words, it likes {best.text!r} best, which {known}.")

    print("\n5. It sees more than one kind of n-gram if there are several clusters.")
    for cluster in card.clusters:
        print(f"   {cluster.share:4.0%}: " + ", ".join(repr(ngram.text) for ngram in cluster.examples))

    print(
        "\n6. One other word, and it is silent. Where that word counts against the class, the paper speaks of case 2."
    )
    for negatives in card.negatives[:3]:
        for negative in negatives.lowest[:2]:
            case = " (case 2)" if negative.case_2 else ""
            print(f"   {negatives.of.text!r} passes, {negative.ngram.text!r} does not{case}")


if __name__ == "__main__":
    main()
