from .all import PAPERS, find_paper
from .artifact import Artifact, Paper, Result
from .run import Reproduction, reproduce
from .store import ArtifactStore

__all__ = [
    "PAPERS",
    "Artifact",
    "ArtifactStore",
    "Paper",
    "Reproduction",
    "Result",
    "find_paper",
    "reproduce",
]
