from .config import ENGINES, ScanConfig
from .manifest import Counts
from .reading import read_scan
from .reductions import REDUCTIONS, Reduction
from .scan import EXISTING, begun_anew, scan
from .summary import Summary, read_summary
from .tables import Tables, tables
from .watch import ScanBar, ScanWatch

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
