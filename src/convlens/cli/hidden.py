"""Hidden units by the options of a command line: `convlens units`, and its former spelling `convlens explain --hidden`."""

from pathlib import Path

from convlens.errors import InputError
from convlens.units import Ascent, UnitConfig


def unit_config(layer: int | None, top: int | None, seed: int | None) -> UnitConfig:
    """The settings, with our defaults where an option was not given."""
    default = UnitConfig()
    return UnitConfig(
        layer=default.layer if layer is None else layer,
        top=default.top if top is None else top,
        ascent=Ascent(seed=default.ascent.seed if seed is None else seed),
    )


def check_alone(*, method: str, backend: str, output: Path | None, of_scan: bool) -> None:
    """Refuse what `convlens explain` cannot do beside --hidden."""
    refused = {
        "--method": method != "words",
        "--backend": backend != "auto",
        "--output": output is not None,
        "options of a scan": of_scan,
    }
    names = [name for name, is_refused in refused.items() if is_refused]
    if names:
        raise InputError(
            f"--hidden explains places of a layer, not words, and takes no {' or '.join(names)}: give one or the other"
        )
