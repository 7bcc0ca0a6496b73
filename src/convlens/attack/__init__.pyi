from .attack import attack, certify
from .attacks import Attacks, Certificates
from .candidates import Candidates
from .config import ATTACKS, ORDERS, RANDOM, AttackConfig, CertifyConfig
from .exact import Swaps
from .lookalikes import typo
from .marking import Segment, segments
from .possible import possible_ngrams

__all__ = [
    "ATTACKS",
    "ORDERS",
    "RANDOM",
    "AttackConfig",
    "Attacks",
    "Candidates",
    "Certificates",
    "CertifyConfig",
    "Segment",
    "Swaps",
    "attack",
    "certify",
    "possible_ngrams",
    "segments",
    "typo",
]
