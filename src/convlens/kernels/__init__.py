"""Compiled loops over words: the walk over slot tables, its backward pass, and Adam for some rows of a matrix."""

from convlens.kernels.check import compiles

__all__ = ["compiles"]
