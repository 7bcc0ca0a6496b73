from .all import PAPERS, find_paper
from .exhibit import Exhibit, Finding, Paper
from .lab import Lab
from .run import Outcome, reproduce

__all__ = ["PAPERS", "Exhibit", "Finding", "Lab", "Outcome", "Paper", "find_paper", "reproduce"]
