"""Files and folders that are whole or absent: written beside their place, then renamed."""

from convlens.files.failures import failing_clearly, reason
from convlens.files.leftovers import lock
from convlens.files.moving import discard, move_over, recover, tidy
from convlens.files.pieces import AT_ONCE, Pieces, json_pieces
from convlens.files.places import beside, destination
from convlens.files.replacing import (
    printable,
    replacing_file,
    replacing_folder,
    replacing_in_place,
    write_text,
)
from convlens.files.tables import TABLES, check_table, either, sink_parquet, write_table
from convlens.files.targets import check_target

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
