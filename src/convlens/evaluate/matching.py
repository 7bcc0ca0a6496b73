"""The matching rate (Yuan et al. 2019, table 4): do the words that hidden units stand for mean what the document meant?"""

from collections.abc import Sequence

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.models import Classifier


@checked
def matching_rate(classifier: Classifier, texts: Sequence[str], meanings: Sequence[Sequence[str]]) -> float:
    """Share of texts whose words in `meanings`, fed as a sentence, get the class that the text itself gets."""
    if len(texts) != len(meanings):
        raise InputError(f"{len(texts):,} texts came with {len(meanings):,} lists of words: give one a text")
    if not texts:
        raise InputError("a matching rate needs texts, there are none: give some")
    whole = classifier.predict(texts)
    told = classifier.predict([" ".join(words) for words in meanings])
    return sum(a == b for a, b in zip(whole, told, strict=True)) / len(texts)
