"""Files of any size, explained in bounded memory: a folder of Parquet parts that can be gone on with."""

from convlens.scan.config import ScanConfig
from convlens.scan.manifest import Counts
from convlens.scan.reading import read_scan
from convlens.scan.scan import EXISTING, scan
from convlens.scan.tables import Tables, tables
from convlens.scan.watch import ScanBar, ScanWatch

__all__ = [
    "EXISTING",
    "Counts",
    "ScanBar",
    "ScanConfig",
    "ScanWatch",
    "Tables",
    "read_scan",
    "scan",
    "tables",
]
