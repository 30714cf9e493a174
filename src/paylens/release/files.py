"""How a release's tables lie on disk: named arrays in Parquet, plain JSON, and their hashes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from paylens.contract.errors import ReleaseError

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "arrays_from",
    "arrays_to",
    "digest",
    "json_from",
    "json_to",
    "table_from",
    "table_to",
    "view_name",
    "view_source",
]

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
_ARRAYS = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("shape", pa.list_(pa.int32())),
        ("value", pa.list_(pa.float64())),
    ]
)
_SINGLE = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("shape", pa.list_(pa.int32())),
        ("value", pa.list_(pa.float32())),
    ]
)


def view_name(source: str) -> str:
    """How the files of a source's view are called, without their ending; a file's name can't hold a colon everywhere."""
    return f"view-{source.replace(':', '.')}"


def view_source(name: str) -> str:
    """The source whose view files are called `name`."""
    return name.removeprefix("view-").replace(".", ":")


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def json_to(value: object) -> bytes:
    """JSON with sorted keys, the same bytes for the same value; NaN is refused."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def json_from(data: bytes, name: str) -> Any:
    """The value of a JSON file of a release."""
    try:
        return json.loads(data)
    except ValueError as error:
        raise ReleaseError(f"{name} is not JSON: {error}") from None


def table_to(table: pa.Table) -> bytes:
    """A table as Parquet bytes, the same for the same table."""
    sink = io.BytesIO()
    pq.write_table(
        table, sink, compression="zstd", compression_level=9, use_dictionary=True, write_statistics=False
    )
    return sink.getvalue()


def table_from(data: bytes, name: str, *, encoded: bool = False) -> pa.Table:
    """The table of a Parquet file of a release; `encoded` leaves text columns as codes of a dictionary, much quicker."""
    try:
        # Not read_table, which loads the machinery for folders of files.
        file = pq.ParquetFile(pa.BufferReader(data))
        if encoded:
            text = [field.name for field in file.schema_arrow if field.type == pa.string()]
            file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=text)
        # In this thread: a command that ends at once could leave one of a pool behind.
        return file.read(use_threads=False)
    except pa.ArrowException as error:
        raise ReleaseError(f"{name} is not a readable Parquet file: {str(error).splitlines()[0]}") from None


def arrays_to(arrays: Mapping[str, npt.NDArray[Any]], *, single: bool = False) -> bytes:
    """Named arrays as Parquet, one row an array; `single` keeps 32 bits of each number."""
    rows = [
        {
            "name": name,
            "kind": np.asarray(a).dtype.kind,
            "shape": list(np.shape(a)),
            "value": np.asarray(a, dtype=float).ravel(),
        }
        for name, a in sorted(arrays.items())
    ]
    return table_to(pa.Table.from_pylist(rows, schema=_SINGLE if single else _ARRAYS))


def arrays_from(data: bytes, name: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of such a file; whole numbers come back as int64, the rest as float64."""
    table = table_from(data, name)
    if table.column_names != _ARRAYS.names:
        raise ReleaseError(f"{name} does not hold named arrays")
    values = table.column("value").combine_chunks()
    # Read from their buffers: Arrow's own conversion loads pandas where that is installed.
    flat = np.frombuffer(values.values.buffers()[1], values.type.value_type.to_pandas_dtype())
    offsets = np.frombuffer(values.buffers()[1], np.int32)
    out: dict[str, npt.NDArray[Any]] = {}
    labels, kinds, shapes = (table.column(c).to_pylist() for c in ("name", "kind", "shape"))
    for i, (label, kind, shape) in enumerate(zip(labels, kinds, shapes, strict=True)):
        part = flat[offsets[i] : offsets[i + 1]]
        out[label] = part.astype(np.int64 if kind in "iub" else np.float64).reshape(shape)
    return out
