"""Tables as Parquet whose bytes depend on nothing but the data: one thread, row groups of one size, page checksums.

A table is a mapping of columns. Of a masked array what is masked becomes null, and one of shape (rows, n) a column of
lists of n numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY

ROWS_PER_GROUP = 65536
OPTIONS = {"compression": "zstd", "write_page_checksum": True}


def arrow_table(
    name: str,
    columns: Mapping[str, np.ndarray | Sequence[Any]],
    units: Mapping[str, str],
    said: Mapping[str, str] | None = None,
) -> Any:
    """The columns as an Arrow table with units, and `said` beside the safety sentence in its metadata."""
    import pyarrow

    if strangers := sorted(set(units) - set(columns)):
        raise StoreError(f"table {name}: a unit is given for {strangers[0]!r}, which is not a column")
    fields: list[Any] = []
    arrays: list[Any] = []
    for column, values in columns.items():
        try:
            array = _arrow_array(values)
        except (pyarrow.ArrowException, TypeError, ValueError) as error:
            raise StoreError(f"table {name}, column {column!r}: {error}") from None
        if arrays and len(array) != len(arrays[0]):
            rule = f"{len(array)} rows, but {fields[0].name!r} has {len(arrays[0])}"
            raise StoreError(f"table {name}, column {column!r}: {rule}; columns are equally long")
        unit = {"unit": units[column]} if column in units else None
        fields.append(pyarrow.field(column, array.type, metadata=unit))
        arrays.append(array)
    schema = pyarrow.schema(fields, metadata={"simulation_only": SIMULATION_ONLY, **(said or {})})
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _arrow_array(values: Any) -> Any:
    import pyarrow

    if isinstance(values, np.ma.MaskedArray):
        flat = pyarrow.array(values.data.ravel(), mask=np.ma.getmaskarray(values).ravel())
        return pyarrow.FixedSizeListArray.from_arrays(flat, values.shape[1]) if values.ndim == 2 else flat
    return pyarrow.array(values if isinstance(values, (list, tuple)) else np.asarray(values))


def write_table(table: Any, where: Any) -> None:
    """Write an Arrow table to a file or an Arrow stream."""
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, where, row_group_size=ROWS_PER_GROUP, **OPTIONS)


def write_tables(tables: Iterable[Any], where: Any) -> None:
    """Write many tables of one schema as one: the bytes do not depend on how the rows were dealt out to `tables`."""
    import pyarrow.parquet

    writer: Any = None
    try:
        for group in row_groups(tables):
            writer = writer or pyarrow.parquet.ParquetWriter(where, group.schema, **OPTIONS)
            writer.write_table(group, row_group_size=ROWS_PER_GROUP)
    finally:
        if writer is not None:
            writer.close()


def row_groups(tables: Iterable[Any]) -> Iterator[Any]:
    """The same rows in tables of `ROWS_PER_GROUP` rows, the last one shorter; little more than one is held."""
    import pyarrow

    held: list[Any] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        while rows >= ROWS_PER_GROUP:
            whole = pyarrow.concat_tables(held)
            yield whole.slice(0, ROWS_PER_GROUP).combine_chunks()
            held = [whole.slice(ROWS_PER_GROUP)]
            rows -= ROWS_PER_GROUP
    if rows:
        yield pyarrow.concat_tables(held).combine_chunks()


def read_table(data: bytes | Any, columns: Sequence[str] | None = None) -> Any:
    """The Arrow table in the bytes of a file, page checksums verified. Raises Arrow's exceptions, or `OSError`."""
    import pyarrow
    import pyarrow.parquet

    source = pyarrow.BufferReader(data)
    return pyarrow.parquet.read_table(source, columns=columns, page_checksum_verification=True, use_threads=False)


def numbers(column: Any) -> np.ndarray:
    """A column of an Arrow table as an array; lists of one length become rows, null becomes NaN."""
    import pyarrow

    if pyarrow.types.is_fixed_size_list(column.type):
        flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return np.asarray(flat).reshape(len(column), column.type.list_size)
    return np.asarray(column.to_numpy())
