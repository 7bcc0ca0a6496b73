"""All benchmarks by name: `python -m benchmarks NAME [options]`.

Those that read the corpora find them through CONVLENS_DATA. Each prints Markdown, and `--help` says what it measures.
"""

import importlib
import sys
from pathlib import Path

OTHERS = {"__init__", "__main__", "peers"}
NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OTHERS)


def main() -> None:
    """Run the one that was named."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in NAMES:
        sys.exit(f"{__doc__}\nbenchmarks: {', '.join(NAMES)}")
    sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
    importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
