"""The one exception that means "what you gave me cannot be used"."""


class InputError(ValueError):
    """Bad input: one sentence that says what came, what was expected and what to do.

    The command line prints the sentence on stderr and exits with code 2.
    """
