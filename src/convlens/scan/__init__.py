"""Files of any size, explained in bounded memory: a folder of Parquet parts that can be gone on with."""

from convlens.scan.config import ENGINES, ScanConfig
from convlens.scan.manifest import Counts
from convlens.scan.reading import read_scan
from convlens.scan.reductions import REDUCTIONS, Reduction
from convlens.scan.scan import EXISTING, begun_anew, scan
from convlens.scan.summary import Summary, read_summary
from convlens.scan.tables import Tables, tables
from convlens.scan.watch import ScanBar, ScanWatch

__all__ = [
    "ENGINES",
    "EXISTING",
    "REDUCTIONS",
    "Counts",
    "Reduction",
    "ScanBar",
    "ScanConfig",
    "ScanWatch",
    "Summary",
    "Tables",
    "begun_anew",
    "read_scan",
    "read_summary",
    "scan",
    "tables",
]
