"""The five papers, exhibit by exhibit: their settings, their runs, their numbers beside ours."""

from convlens.papers.all import PAPERS, find_paper
from convlens.papers.exhibit import Exhibit, Finding, Paper
from convlens.papers.lab import Lab
from convlens.papers.run import Outcome, reproduce

__all__ = ["PAPERS", "Exhibit", "Finding", "Lab", "Outcome", "Paper", "find_paper", "reproduce"]
