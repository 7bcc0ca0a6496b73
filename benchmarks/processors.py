"""The numeric tests under the instruction sets of other processors: none may fail anywhere.

    python -m benchmarks processors [SETTING ...] [--threads 1 2] [--tests tests/explain tests/trace]

Round-off differs from processor to processor, as products are summed in another order and with or without fused
multiply-adds. Each setting makes the libraries take other code: oneDNN (convolutions), MKL (matrix products), ATen
(all else in torch) and Numba (our kernels). What a processor lacks, its libraries ignore. The tests run in a process of
their own for each setting and number of threads; kernels compiled for another processor are kept in a folder of their
own, which is deleted at the end. Prints a Markdown table, then the tests that failed, and ends with 1 if any did.
"""

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time

TESTS = [
    f"tests/{room}" for room in ["explain", "trace", "models", "filters", "evaluate", "attack", "compress"]
]
NUMERIC = "not corpora and not browser"
SETTINGS = {
    "native": {},
    "sse": {
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "ATEN_CPU_CAPABILITY": "default",
    },
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
    "avx512": {
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
        "MKL_ENABLE_INSTRUCTIONS": "AVX512",
        "ATEN_CPU_CAPABILITY": "avx512",
    },
    "compatible": {"MKL_CBWR": "COMPATIBLE"},
    "generic": {
        "NUMBA_CPU_NAME": "generic",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "ATEN_CPU_CAPABILITY": "default",
    },
}


def environment(setting: str, threads: int, cache: str) -> dict[str, str]:
    """What the tests find in their environment."""
    number = str(threads)
    counts = {name: number for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
    own = {"NUMBA_CACHE_DIR": cache} if "NUMBA_CPU_NAME" in SETTINGS[setting] else {}
    return os.environ | counts | own | {"CONVLENS_TEST_THREADS": number} | SETTINGS[setting]


def tested(variables: dict[str, str], tests: list[str]) -> tuple[str, list[str]]:
    """Cells of the table (passed, failed, seconds), and the tests that failed."""
    options = ["-q", "--tb=line", "-m", NUMERIC, "-p", "no:cacheprovider"]
    begin = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        env=variables,
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
    return f"{counts.get('passed', 0)} | {wrong} | {seconds:.0f}", names


def main() -> None:
    """Print the table, then the tests that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("settings", nargs="*", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--tests", nargs="+", default=TESTS)
    options = parser.parse_args()
    print(
        "| setting | environment | threads | passed | failed | seconds |\n| --- | --- | --: | --: | --: | --: |"
    )
    failed = []
    with tempfile.TemporaryDirectory() as cache:
        for setting, threads in itertools.product(options.settings, options.threads):
            cells, names = tested(environment(setting, threads, cache), options.tests)
            values = " ".join(f"{name}={value}" for name, value in SETTINGS[setting].items())
            print(f"| {setting} | {values} | {threads} | {cells} |", flush=True)
            failed += [f"{setting}, {threads}: {name}" for name in names]
    print("\n".join(["", *failed]))
    sys.exit(int(bool(failed)))


if __name__ == "__main__":
    main()
