from .build import report
from .collect import collect
from .data import ReportData
from .page import render

__all__ = ["ReportData", "collect", "render", "report"]
