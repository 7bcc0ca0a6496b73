"""The numeric tests under the instruction sets of other processors: none may fail anywhere.

    python -m benchmarks processors [SETTING ...] [--threads 1 2] [--tests tests/explain tests/trace]

Round-off differs from processor to processor, as products are summed in another order and with or without fused
multiply-adds. Each setting makes the libraries take other code: oneDNN (convolutions), MKL (matrix products), ATen (all
else in torch), OpenBLAS and NumPy (theirs) and Numba (our kernels). A library may ignore a setting, as MKL does some on
processors of another maker; so a few sums are made under each, and the table names those whose bits are not the native
ones.

By default the tests are all files of the rooms that compute in which a tolerance stands. Command lines, browsers and
corpora are left out, as they show the numbers of these rooms again, and whole files of fits and of workers that are
killed, which compare bits, losses or nothing: they would make a setting of three minutes one of nine.

The tests run in a process of their own for each setting and number of threads, against the package of this tree. Kernels
compiled for another processor are kept in a folder of their own, which is deleted at the end. Prints a Markdown table,
then the tests that failed, and ends with 1 if any did.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
ROOMS = ("attack", "compress", "evaluate", "explain", "filters", "models", "report", "scan", "trace")
TOLERANCE = re.compile(r"assert_allclose|assert_close|approx\(|isclose|_tol=|rounding\(")
NUMERIC = "not corpora and not browser"
NUMPY = " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
OLD = {
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ATEN_CPU_CAPABILITY": "default",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": NUMPY,
}
SETTINGS = {
    "native": {},
    "sse": {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", **OLD},
    "avx2": {"MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
    "compatible": {"MKL_CBWR": "COMPATIBLE"},
    "generic": {"MKL_CBWR": "COMPATIBLE", "NUMBA_CPU_NAME": "generic", **OLD},
}
SUMS = """
import zlib
import numpy as np, torch
from convlens.models import TextCNN, TextCNNConfig
from convlens.trace import trace
from convlens.text import Documents
rng = np.random.default_rng(0)
a, b, c, d = (rng.standard_normal(s, np.float32) for s in ((64, 300), (300, 200), (100, 50, 3), (4, 50, 60)))
model = TextCNN(TextCNNConfig((3,), 100, 50, filter_bias=False), 64, 2)
model.embed.weight.data, model.convs[0].weight.data = torch.from_numpy(a[:, :50]), torch.from_numpy(c)
for name, sums in {
    "convolutions": torch.nn.functional.conv1d(torch.from_numpy(d), torch.from_numpy(c)),
    "products": torch.from_numpy(a) @ torch.from_numpy(b),
    "torch": torch.from_numpy(a).softmax(1),
    "NumPy": np.exp(a),
    "OpenBLAS": a @ b,
    "kernels": trace(model, Documents.of([np.arange(1, 64)]), backend="table").peaks,
}.items():
    print(name, zlib.crc32(np.ascontiguousarray(sums)))
"""


def environment(setting: str, threads: int, cache: str) -> dict[str, str]:
    """What the tests find in their environment: the package of this tree, too."""
    number = str(threads)
    counts = {name: number for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
    own = {"NUMBA_CACHE_DIR": cache} if "NUMBA_CPU_NAME" in SETTINGS[setting] else {}
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    own |= {"PYTHONPATH": path, "CONVLENS_TEST_THREADS": number}
    return os.environ | counts | own | SETTINGS[setting]


def numeric() -> list[str]:
    """The files of tests, by room, in which a tolerance stands."""
    files = [file for room in ROOMS for file in sorted((ROOT / "tests" / room).glob("test_*.py"))]
    return [str(file.relative_to(ROOT)) for file in files if TOLERANCE.search(file.read_text("utf-8"))]


def sums(variables: dict[str, str]) -> dict[str, str]:
    """Checksums of the bits that a library's sums have in this environment, by library."""
    process = subprocess.run(
        [sys.executable, "-c", SUMS], env=variables, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(line.split() for line in process.stdout.splitlines())


def tested(variables: dict[str, str], tests: list[str]) -> tuple[str, list[str]]:
    """Cells of the table (passed, failed, seconds), and the tests that failed."""
    options = ["-q", "--tb=line", "-m", NUMERIC, "-p", "no:cacheprovider"]
    begin = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", process.stdout)}
    wrong = counts.get("failed", 0) + counts.get("error", 0)
    names = re.findall(r"^(?:FAILED|ERROR) .*", process.stdout, re.MULTILINE)
    if process.returncode and not wrong:
        names = [(process.stderr or process.stdout)[-1000:]]  # pytest itself did not run
        wrong = 1
    return f"{counts.get('passed', 0)} | {wrong} | {seconds:.0f}", names


def main() -> None:
    """Print the table, then the tests that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "settings", nargs="*", metavar="SETTING", help=f"of {', '.join(SETTINGS)} (default: all)"
    )
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--tests", nargs="+", default=numeric())
    options = parser.parse_args()
    if unknown := set(options.settings) - set(SETTINGS):
        parser.error(f"no setting {min(unknown)}: choose of {', '.join(SETTINGS)}")
    print(
        "| setting | other bits in | threads | passed | failed | seconds |\n| --- | --- | --: | --: | --: | --: |"
    )
    failed = []
    with tempfile.TemporaryDirectory() as cache:
        native = sums(environment("native", 1, cache))
        for setting in options.settings or SETTINGS:
            bits = sums(environment(setting, 1, cache))
            libraries = ", ".join(name for name in bits if bits[name] != native[name])
            for threads in options.threads:
                cells, names = tested(environment(setting, threads, cache), options.tests)
                print(f"| {setting} | {libraries} | {threads} | {cells} |", flush=True)
                failed += [f"{setting}, {threads}: {name}" for name in names]
    print("\n".join(["", *failed]))
    sys.exit(int(bool(failed)))


if __name__ == "__main__":
    main()
