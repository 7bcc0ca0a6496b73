"""The numeric tests under the instruction sets of other processors: none may fail anywhere.

    python -m benchmarks processors [SETTING ...] [--threads 1 2] [--tests tests/explain tests/trace]

Round-off differs from processor to processor, as products are summed in another order and with or without fused
multiply-adds. Each setting makes the libraries take other code: oneDNN (convolutions), MKL (matrix products), ATen
(all else in torch) and Numba (our kernels). What a processor lacks, its libraries ignore. The tests run in a process of
their own for each setting and number of threads. Prints a Markdown table, and ends with 1 where a test failed.
"""

import argparse
import os
import re
import subprocess
import sys
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


def environment(setting: str, threads: int) -> dict[str, str]:
    """What the tests find in their environment."""
    number = str(threads)
    counts = {name: number for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
    return os.environ | counts | {"CONVLENS_TEST_THREADS": number} | SETTINGS[setting]


def tested(setting: str, threads: int, tests: list[str]) -> tuple[str, int, list[str]]:
    """A line of the table, the exit code, and the tests that failed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=line",
        "-m",
        NUMERIC,
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    begin = time.perf_counter()
    process = subprocess.run(
        command, env=environment(setting, threads), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begin
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?)\b", process.stdout)}
    failed = re.findall(r"^(?:FAILED|ERROR) .*", process.stdout, re.MULTILINE)
    wrong = sum(n for word, n in counts.items() if word != "passed")
    values = " ".join(f"{name}={value}" for name, value in SETTINGS[setting].items())
    line = f"| {setting} | {values} | {threads} | {counts.get('passed', 0)} | {wrong} | {seconds:.0f} |"
    return line, process.returncode, failed


def main() -> None:
    """Print the table, then the tests that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("settings", nargs="*", choices=[*SETTINGS, []], default=list(SETTINGS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--tests", nargs="+", default=TESTS)
    options = parser.parse_args()
    print(
        "| setting | environment | threads | passed | failed | seconds |\n| --- | --- | --: | --: | --: | --: |"
    )
    codes, failed = [], []
    for setting in options.settings:
        for threads in options.threads:
            line, code, names = tested(setting, threads, options.tests)
            print(line, flush=True)
            codes.append(code)
            failed += [f"{setting}, {threads}: {name}" for name in names]
    print("\n".join(["", *failed]))
    sys.exit(int(any(codes)))


if __name__ == "__main__":
    main()
