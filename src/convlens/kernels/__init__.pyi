from .check import compiles

__all__ = ["compiles"]
