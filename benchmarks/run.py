"""One table: latency, throughput, start-up and, where the published files are at hand, accuracy against peers.

    python benchmarks/run.py [--build]

`--build` makes a release from the files below PAYLENS_DATA (about 10 minutes), which fits every source's view and its peers
anew on the same split, and adds what that took; without it the accuracy rows are those of the built-in release's card.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import paylens

PROFILE = {
    "role": "ML engineer", "years_experience": 4, "location": "Berlin", "skills": ["pytorch", "aws"], "education": "master",
    "industry": "finance", "company_size": 500, "as_of": "2026-11",
}  # fmt: skip
RUNS = 11


def warm(times: int = 500) -> list[tuple[str, str, str]]:
    """One warm estimate with evidence, in process."""
    engine = paylens.open()
    engine.estimate(PROFILE)
    took = []
    for _ in range(times):
        start = time.perf_counter()
        engine.estimate(PROFILE)
        took.append(time.perf_counter() - start)
    return [
        (
            "one estimate with factors and evidence",
            f"{1000 * statistics.median(took):.2f} ms",
            f"median of {times}",
        )
    ]


def market(times: int = 50) -> list[tuple[str, str, str]]:
    """One warm benchmark in process: a cell, the best-paying metros, a table of two factors."""
    engine = paylens.open()
    asked: dict[str, dict[str, Any]] = {
        "a cell": {}, "by metro, sorted": {"by": "metro", "sort": "p50", "top": 15}, "by seniority and years": {"by": "seniority,years"},
        "by skill": {"by": "skill"},
    }  # fmt: skip
    rows = []
    for name, fields in asked.items():
        question = {"role": "ML engineer", "location": "United States", "as_of": "2026-11", **fields}
        engine.benchmark(question)
        took = []
        for _ in range(times):
            start = time.perf_counter()
            engine.benchmark(question)
            took.append(time.perf_counter() - start)
        rows.append((f"benchmark, {name}", f"{1000 * statistics.median(took):.2f} ms", f"median of {times}"))
    return rows


def batch(n: int = 100_000) -> list[tuple[str, str, str]]:
    """A table of distinct profiles at once."""
    rng = np.random.default_rng(0)
    table = pa.table({
        "role": rng.choice(["ML engineer", "data scientist", "software engineer", "data engineer"], n),
        "location": rng.choice(["Berlin", "US", "London", "IN", "San Francisco, CA"], n),
        "years_experience": rng.uniform(0, 30, n), "education": rng.choice(["master", "bachelor", "doctorate"], n),
        "company_size": rng.choice([10, 200, 5000], n), "as_of": ["2026-11"] * n,
    })  # fmt: skip
    engine = paylens.open()
    engine.estimate_many(table.slice(0, 10))
    start = time.perf_counter()
    engine.estimate_many(table)
    return [("batch", f"{n / (time.perf_counter() - start):,.0f} profiles/s", f"{n:,} profiles, one run")]


def startup() -> list[tuple[str, str, str]]:
    """The command and the bare import beside `import numpy`, in turn."""
    commands = {
        "numpy": [sys.executable, "-c", "import numpy"],
        "import": [sys.executable, "-c", "import paylens"],
        "command": [
            sys.executable,
            "-m",
            "paylens",
            "estimate",
            "--role",
            "ML engineer",
            "--location",
            "Berlin",
            "--as-of",
            "2026-11",
        ],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if turn:
                took[name].append(time.perf_counter() - start)
    median = {name: statistics.median(v) for name, v in took.items()}
    said = f"medians of {RUNS} alternating warm runs"
    return [
        ("import paylens", f"{median['import']:.3f} s", said),
        (
            "paylens estimate over python -c 'import numpy'",
            f"{median['command'] / median['numpy']:.2f} x",
            said,
        ),
    ]


def accuracy(card: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Loss as a ratio to a LightGBM booster a quantile and to the role x country cohort, on held rows."""
    rows = []
    for source, s in sorted(card["as_reported"].items()):
        for part, label in (("all", "all roles"), ("ml", "ML roles")):
            if part in s:
                v = s[part]
                ratios = f"{v['ratio']:.3f} / {v['ratio_cohort']:.3f}"
                rows.append(
                    (
                        f"{source}, {label}",
                        ratios,
                        f"booster / cohort, n {v['n']:,}, coverage {v['coverage']:.3f}",
                    )
                )
    return rows


def build() -> tuple[list[tuple[str, str, str]], dict[str, Any]]:
    """Seconds and memory of a build from nothing, and the card of what it made."""
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder) / "release"
        command = [
            sys.executable,
            "-m",
            "paylens",
            "build",
            "--data",
            os.environ["PAYLENS_DATA"],
            "--to",
            str(release),
        ]
        start = time.perf_counter()
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        most = 0
        while running.poll() is None:
            most = max(most, memory(running.pid))
            time.sleep(0.5)
        took = time.perf_counter() - start
        if running.returncode:
            raise SystemExit("the build failed: run `paylens build` to see why")
        size = sum(f.stat().st_size for f in release.iterdir())
        rows = [
            ("build from nothing", f"{took:.0f} s", "one run, two workers"),
            ("  memory, all its processes", f"{most / 1e9:.1f} GB", "highest of two looks a second"),
            ("  size of the release", f"{size / 1e6:.1f} MB", ""),
        ]
        return rows, paylens.open(release).score()


def memory(pid: int) -> int:
    """Resident bytes of a process and all below it (Linux)."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return own + sum(memory(int(child)) for child in below)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="latency, throughput, start-up, accuracy, build")
    parser.add_argument("--build", action="store_true", help="build a release anew (needs PAYLENS_DATA)")
    anew = parser.parse_args().build
    cost, card = build() if anew else ([], paylens.open().score())
    for what, value, how in [*warm(), *market(), *batch(), *startup(), *accuracy(card), *cost]:
        print(f"{what:<48} {value:>20}   {how}")


if __name__ == "__main__":
    main()
