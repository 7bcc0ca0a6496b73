"""How a decision is turned: typos, exact swaps, insertions; and proofs that it is not."""

from convlens.attack.attack import attack, certify
from convlens.attack.attacks import Attacks, Certificates
from convlens.attack.candidates import Candidates
from convlens.attack.config import ATTACKS, ORDERS, RANDOM, AttackConfig, CertifyConfig
from convlens.attack.exact import Swaps
from convlens.attack.lookalikes import typo
from convlens.attack.marking import Segment, segments
from convlens.attack.possible import possible_ngrams

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
