"""`convlens fit --folds` and `--seeds`: the same training again, before the one that is saved."""

from rich.table import Table

from convlens.cli.console import err, out, say
from convlens.data import Corpus, Splits
from convlens.errors import InputError
from convlens.models import Bar, FitConfig, Notices, Repeats, cross_validate, over_seeds
from convlens.text import WordVectors

NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "baseline": "TF-IDF with logistic regression, accuracy",
}


def check_repeats(folds: int | None, seeds: int | None) -> None:
    """Refuse both at once, which would be their product."""
    if folds is not None and seeds is not None:
        raise InputError("--folds and --seeds are two ways to repeat a training: give one of them")


def repeated(
    opened: Corpus | Splits,
    splits: Splits,
    config: FitConfig,
    vectors: WordVectors | None,
    how: tuple[int | None, int | None],
    *,
    baseline: bool,
    quiet: bool,
) -> Repeats | None:
    """The trainings that `how`, folds or seeds, asks for; None where it asks for none."""
    folds, seeds = how
    if folds is None and seeds is None:
        return None

    def watch() -> Notices:
        return Notices(err) if quiet else Bar(err)

    if seeds is not None:
        return over_seeds(splits, config, count=seeds, vectors=vectors, watches=watch)
    rows = opened.train if isinstance(opened, Splits) else opened
    if isinstance(opened, Splits):
        say(
            f"folds are of the {len(rows):,} training rows: the test rows that the data set has are left for the last"
        )
    return cross_validate(rows, config, count=folds or 0, vectors=vectors, baseline=baseline, watches=watch)


def show_repeats(repeats: Repeats) -> None:
    """Mean and spread as a table."""
    title = f"{len(repeats.runs)} {repeats.over}: mean and standard deviation"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("", "mean", "spread", "least", "most"):
        table.add_column(name, justify="left" if not name else "right")
    for name, told in NAMES.items():
        if name == "baseline" and not repeats.has_baseline:
            continue
        values = [getattr(run, name) for run in repeats.runs]
        shares = (repeats.mean(name), repeats.spread(name), min(values), max(values))
        table.add_row(told, *(f"{share:.2%}" for share in shares))
    out.print(table)
    out.print()
