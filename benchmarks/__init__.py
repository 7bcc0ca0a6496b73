"""Ratios of ConvLens against its peers, measured in one run."""
