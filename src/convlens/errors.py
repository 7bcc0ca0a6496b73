"""The one exception that means "what you gave me cannot be used"."""

from convlens.shown import sentence


class InputError(ValueError):
    """Bad input: one sentence that says what came, what was expected and what to do.

    Whatever is put into it, it is one line of at most 300 characters without control characters: what is too long
    loses its middle. The command line prints the sentence on stderr and exits with code 2.
    """

    def __str__(self) -> str:
        return sentence(super().__str__())
