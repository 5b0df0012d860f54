"""What can be wrong with a terminology, in words that a surface can show."""


class UnreadableRelease(ValueError):
    """A file is not the release that it was said to be. `place` is a file name with a line, where one is known."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")


class LoadSuperseded(RuntimeError):
    """While a release was being loaded, somebody began to load another one of the same code system."""


class UnknownCodeSystem(LookupError):
    """No code system with this URL is loaded."""


class UnknownValueSet(LookupError):
    """No value set with this URL is loaded."""


class UnsupportedCompose(ValueError):
    """A value set's definition asks for something that is not understood here. Never guessed at."""


class InvalidDatatype(ValueError):
    """JSON that is not the FHIR datatype it should be."""
