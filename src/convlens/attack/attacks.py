"""What attacks and certificates found: a row for each document, totals, JSON, tables."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from convlens.attack.certifying import BROKEN, CERTIFIED, UNDECIDED, Verdict
from convlens.attack.config import AttackConfig, CertifyConfig
from convlens.attack.greedy_batch import AttackOutcome
from convlens.files import write_table

Kind = type[pl.DataType] | pl.DataType
CHANGE = pl.Struct({"start": pl.Int64, "end": pl.Int64, "now": pl.String})
OUTCOME: dict[str, Kind] = {
    "document": pl.Int64,
    "label": pl.String,
    "edits": pl.Int64,
    "became": pl.String,
    "unrealised": pl.Int64,
    "text": pl.String,
    "attacked": pl.String,
    "changes": pl.List(CHANGE),
}
ATTACK: dict[str, Kind] = {"order": pl.String, "success": pl.Boolean, **OUTCOME}
CERTIFICATE: dict[str, Kind] = {"verdict": pl.String, "margin": pl.Float64, **OUTCOME}
TOTALS: dict[str, Kind] = {
    "order": pl.String,
    "success_rate": pl.Float64,
    "successes": pl.Int64,
    "mean_edits": pl.Float64,
    "milliseconds_per_document": pl.Float64,
    "unrealised": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Attacks:
    """Of `documents` drawn, those `attackable` (classified correctly, and not of the target class) under each order.

    `rows` has one row for each order and document; `changes` are the places of its characters that were replaced, and by
    what. `totals` has one for each order: edits are means over successes (None without one), `unrealised` counts edits
    whose text would not have been read as they should: they are left out and never count as a success.
    """

    documents: int
    attackable: int
    rows: pl.DataFrame
    totals: pl.DataFrame
    config: AttackConfig

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "documents": self.documents,
            "attackable": self.attackable,
            "orders": self.totals.to_dicts(),
            "attacks": self.rows.to_dicts(),
            "settings": asdict(self.config),
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def write(self, path: Path) -> None:
        """The rows as a table: Parquet, CSV or lines of JSON, by the end of the name."""
        write_table(self.rows, path)


@dataclass(frozen=True, eq=False)
class Certificates:
    """Of `documents` drawn, those `attackable` (classified correctly) with a verdict each.

    `rows` has one for each: `certified`, `broken` with the edits that turn the decision, or `unknown`. `margin` is a lower bound for
    the logit of the class less the greatest other after any of the edits, without round-off; None where nothing was bounded.
    """

    documents: int
    attackable: int
    rows: pl.DataFrame
    seconds: float
    config: CertifyConfig

    def count(self, verdict: str) -> int:
        """Documents with a verdict."""
        return int((self.rows["verdict"] == verdict).sum())

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "documents": self.documents,
            "attackable": self.attackable,
            **{verdict: self.count(verdict) for verdict in (CERTIFIED, BROKEN, UNDECIDED)},
            "milliseconds_per_document": 1000 * self.seconds / max(self.attackable, 1),
            "certificates": self.rows.to_dicts(),
            "settings": asdict(self.config),
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def write(self, path: Path) -> None:
        """The rows as a table: Parquet, CSV or lines of JSON, by the end of the name."""
        write_table(self.rows, path)


def attack_rows(order: str, outcomes: Sequence[AttackOutcome], labels: Sequence[str]) -> pl.DataFrame:
    """One row for each outcome of an order."""
    rows = [{"order": order, "success": o.success, **_row(o, labels)} for o in outcomes]
    return pl.DataFrame(rows, ATTACK)


def certificate_rows(verdicts: Sequence[Verdict], labels: Sequence[str]) -> pl.DataFrame:
    """One row for each verdict."""
    rows = [
        {
            "verdict": v.verdict,
            "margin": v.lowest if math.isfinite(v.lowest) else None,
            **_row(v.outcome, labels),
        }
        for v in verdicts
    ]
    return pl.DataFrame(rows, CERTIFICATE)


def total(order: str, rows: pl.DataFrame, seconds: float) -> pl.DataFrame:
    """The totals of the rows of one order."""
    won = rows.filter("success")
    count = max(len(rows), 1)
    values = {
        "order": order,
        "success_rate": len(won) / count,
        "successes": len(won),
        "mean_edits": won["edits"].mean(),
        "milliseconds_per_document": 1000 * seconds / count,
        "unrealised": int(rows["unrealised"].sum()),
    }
    return pl.DataFrame([values], TOTALS)


def _row(outcome: AttackOutcome, labels: Sequence[str]) -> dict[str, Any]:
    tokens = outcome.attacked.tokens
    changes = []
    for edit in sorted(outcome.edits, key=lambda e: e.place):
        start = tokens.spans[edit.place][0] if edit.place < len(tokens.spans) else len(tokens.text)
        end = tokens.spans[edit.place + edit.cut - 1][1] if edit.cut else start
        changes.append({"start": start, "end": end, "now": edit.text})
    return {
        "document": outcome.attacked.document,
        "label": labels[outcome.attacked.label],
        "edits": len(outcome.edits),
        "became": labels[outcome.became],
        "unrealised": outcome.unrealised,
        "text": tokens.text,
        "attacked": outcome.text,
        "changes": changes,
    }
