from .all import PAPERS, find_paper
from .artifact import Artifact, Paper, Result
from .run import Outcome, reproduce
from .store import ArtifactStore

__all__ = ["PAPERS", "Artifact", "ArtifactStore", "Outcome", "Paper", "Result", "find_paper", "reproduce"]
