"""One table: latency, throughput, start-up and, where the published files are at hand, accuracy against peers.

    python benchmarks/run.py [--accuracy]

`--accuracy` fits every source's view and its peers anew on the same split (needs PAYLENS_DATA and about 15 minutes);
without it the accuracy rows are those of the built-in release's card, from the build that made it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

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


def accuracy(fresh: bool) -> list[tuple[str, str, str]]:
    """Loss as a ratio to a LightGBM booster a quantile and to the role x country cohort, on held rows."""
    scores = _fresh() if fresh else paylens.open().score()["as_reported"]
    rows = []
    for source, s in sorted(scores.items()):
        for part, label in (("all", "all roles"), ("ml", "ML roles")):
            if part in s:
                v = s[part]
                rows.append(
                    (
                        f"{source}, {label}",
                        f"{v['ratio']:.3f} / {v['ratio_cohort']:.3f}",
                        f"booster / cohort, n {v['n']:,}, coverage {v['coverage']:.3f}",
                    )
                )
    return rows


def _fresh() -> dict[str, dict[str, object]]:
    from paylens.build import SEED, VIEWS, is_held
    from paylens.model.fit.view_scores import score_view
    from paylens.model.fit.views import fit_view
    from paylens.observations.collect import collect

    table = collect(Path(os.environ["PAYLENS_DATA"])).table
    held = np.array([is_held(r) for r in table["respondent"].to_pylist()])
    source = np.array(table["source"].to_pylist())
    out = {}
    for name in VIEWS:
        train, rest = (table.filter(pa.array((source == name) & mask)) for mask in (~held, held))
        out[name] = score_view(fit_view(name, train, seed=SEED), train, rest)
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="latency, throughput, start-up, accuracy")
    parser.add_argument(
        "--accuracy", action="store_true", help="fit views and peers anew (needs PAYLENS_DATA)"
    )
    fresh = parser.parse_args().accuracy
    for what, value, how in [*warm(), *batch(), *startup(), *accuracy(fresh)]:
        print(f"{what:<48} {value:>20}   {how}")


if __name__ == "__main__":
    main()
