"""What the tests of the data room share: writing a file, and the sentence that a refusal gives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from convlens.errors import InputError


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into an empty folder, byte for byte, and return its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Call something that must refuse its input, and return the sentence it says."""

    def call(function: Callable[..., object], *given: object, **options: object) -> str:
        with pytest.raises(InputError) as caught:
            function(*given, **options)
        return str(caught.value)

    return call
