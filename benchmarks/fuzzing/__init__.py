"""Inputs made to break ConvLens, each tried in a process that is killed should it hang."""
