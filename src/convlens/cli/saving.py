"""How commands save a model that they have changed."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from convlens.cli.console import say
from convlens.models import Classifier, Metrics, save


def save_changed(classifier: Classifier, metrics: Metrics, output: Path, *, force: bool) -> None:
    """Save a changed model with its test metrics, its training's command and this one in its record."""
    record = classifier.record
    commands = f"{record.command}\nconvlens {shlex.join(sys.argv[1:])}".strip()
    record = record.tested(metrics.rows, metrics.to_dict(), commands)
    save(replace(classifier, record=record), output, force=force)
    say(f"wrote {output}")
