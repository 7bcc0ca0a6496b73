from .failures import failing_clearly, reason
from .leftovers import lock
from .moving import discard, move_over, recover, tidy
from .pieces import AT_ONCE, Pieces, json_pieces
from .places import beside, destination
from .replacing import (
    printable,
    replacing_file,
    replacing_folder,
    replacing_in_place,
    write_text,
)
from .tables import TABLES, check_table, either, sink_parquet, write_table
from .targets import check_target

__all__ = [
    "AT_ONCE",
    "TABLES",
    "Pieces",
    "beside",
    "check_table",
    "check_target",
    "destination",
    "discard",
    "either",
    "failing_clearly",
    "json_pieces",
    "lock",
    "move_over",
    "printable",
    "reason",
    "recover",
    "replacing_file",
    "replacing_folder",
    "replacing_in_place",
    "sink_parquet",
    "tidy",
    "write_table",
    "write_text",
]
