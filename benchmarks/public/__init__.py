"""Text CNNs of public repositories: where each stands, how it is built there, and what `convlens.adopt` makes of it."""
