"""The command line: parses, calls, prints; computes nothing."""

from convlens.cli.app import main

__all__ = ["main"]
