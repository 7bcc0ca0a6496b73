"""One self-contained page that shows what a model decides, and why."""

from convlens.report.build import report
from convlens.report.collect import collect
from convlens.report.data import ReportData
from convlens.report.page import render

__all__ = ["ReportData", "collect", "render", "report"]
