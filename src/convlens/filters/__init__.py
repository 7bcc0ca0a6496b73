"""What the model has learned, filter by filter."""

from convlens.filters.table import filter_table

__all__ = ["filter_table"]
