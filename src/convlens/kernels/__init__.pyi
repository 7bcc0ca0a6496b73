from .check import compiles, threads_for

__all__ = ["compiles", "threads_for"]
