"""How cohorts scale: synthetic reports of 1 M, 10 M and 100 M rows, beside one plain DuckDB query over the same file.

    python benchmarks/scale.py [--rows 1e6 1e7] [--folder DIR]

For each size: seconds and peak memory of the declared cohorts (screened reports in, percentiles, smoothed and pooled
ones, out), of the same grouping sets in one query with unweighted percentiles, and of one cut asked for by itself. Each
in a process of its own. Disclosure control is not part of it: its work grows with the cuts, not with the rows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from paylens.build.synthetic import synthetic
from paylens.cohorts.adhoc import cut
from paylens.cohorts.build import cohorts
from paylens.cohorts.keys import SETS, GroupingSet
from paylens.observations.engine import connect
from paylens.release.read import open_release

ONE = GroupingSet("role-country-industry", ("role", "country", "industry"))
# A plain query holds every amount of every set at once: with what ours has it stops at 10 M rows.
PLAIN_MEMORY = "16GB"
LEVELS = "[0.1, 0.25, 0.5, 0.75, 0.9]"


def generate(rows: int, to: Path) -> None:
    """Write synthetic reports made from the built-in release."""
    writer = None
    for table in synthetic(open_release(), rows, seed=1):
        writer = writer or pq.ParquetWriter(to, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def ours(path: Path, sets: tuple[GroupingSet, ...]) -> int:
    """Cohorts of the declared sets; the number of them."""
    with connect() as tables:
        return int(cohorts(tables, tables.read(path), sets).table.num_rows)


def one_cut(path: Path) -> int:
    """One cut asked for by itself."""
    with connect() as tables:
        return int(cut(tables, tables.read(path), ONE.keys).num_rows)


def plain(path: Path, sets: tuple[GroupingSet, ...]) -> int:
    """The same groups in one query: a count and five percentiles of the lower end of pay."""
    single = [s for s in sets if "skill" not in s.keys]
    facts = sorted({key for s in single for key in s.keys})
    groups = ", ".join("(" + ", ".join(("source", "measure", *s.keys)) + ")" for s in single)
    query = (
        f"select source, measure, {', '.join(facts)}, count(*) as n, quantile_cont(lo, {LEVELS}) as q "
        f"from read_parquet('{path}') group by grouping sets ({groups})"
    )
    for one in sets:
        if "skill" in one.keys:
            keys = ", ".join(key for key in one.keys if key != "skill")
            blank = ", ".join(key if key in one.keys else f"null as {key}" for key in facts)
            query += (
                f" union all select source, measure, {blank}, count(*) as n, quantile_cont(lo, {LEVELS}) as q from "
                f"(select source, measure, {keys}, lo, unnest(skills) as skill from read_parquet('{path}')) "
                f"group by source, measure, {keys}, skill"
            )
    with tempfile.TemporaryDirectory() as folder:
        db = duckdb.connect(config={"memory_limit": PLAIN_MEMORY, "temp_directory": folder})
        db.execute(f"create temp table found as {query}")
        return int(db.execute("select count(*) from found").fetchall()[0][0])


CASES = {
    "declared cohorts": lambda path: ours(path, SETS),
    "declared sets, plain query": lambda path: plain(path, SETS),
    "one cut": one_cut,
    "one cut, plain query": lambda path: plain(path, (ONE,)),
}


def measured(name: str, path: Path) -> dict[str, Any]:
    """A case in a process of its own: seconds, peak memory in GB, groups made."""
    found = subprocess.run(
        [sys.executable, __file__, "--case", name, "--file", str(path)], capture_output=True, text=True
    )
    if found.returncode:
        last = (found.stderr.strip().splitlines() or ["killed"])[-1]
        return {"seconds": float("nan"), "memory": float("nan"), "groups": last[:60]}
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def case(name: str, path: Path) -> None:
    """Run one case and print what it took."""
    start = time.perf_counter()
    groups = CASES[name](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(json.dumps({"seconds": seconds, "memory": peak, "groups": groups}))


def table(sizes: list[int], folder: Path) -> None:
    """Print the table for all sizes."""
    before: dict[str, tuple[int, float]] = {}
    for rows in sizes:
        path = folder / f"reports-{rows}.parquet"
        if not path.exists():
            start = time.perf_counter()
            generate(rows, path)
            print(
                f"{rows:>12,} rows made in {time.perf_counter() - start:.0f} s, {path.stat().st_size / 1e6:,.0f} MB",
                flush=True,
            )
        took = {}
        for name in CASES:
            found = measured(name, path)
            took[name] = found["seconds"]
            grown = (
                f"x {found['seconds'] / before[name][1]:.1f} of {rows / before[name][0]:.0f}"
                if name in before
                else ""
            )
            print(
                f"{rows:>12,} {name:<28}{found['seconds']:>9.1f} s {found['memory']:>6.1f} GB {found['groups']!s:>10} groups {grown}",
                flush=True,
            )
            before[name] = (rows, found["seconds"])
        for name in ("declared cohorts", "one cut"):
            other = next(
                n for n in CASES if n.startswith(name.replace("cohorts", "sets")) and n.endswith("query")
            )
            print(f"{rows:>12,} {name} over the plain query   {took[name] / took[other]:.2f}", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="cohorts of many rows beside a plain query")
    parser.add_argument("--rows", nargs="+", type=float, default=[1e6, 1e7])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.case:
        case(asked.case, asked.file)
    elif asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        table([int(r) for r in asked.rows], asked.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            table([int(r) for r in asked.rows], Path(folder))


if __name__ == "__main__":
    main()
