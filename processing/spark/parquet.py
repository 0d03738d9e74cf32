"""Parquet files, which Spark itself reads: its image has no pyarrow.

The driver reads their footers and chooses their columns; Spark passes the cells of a file to one
task, front to back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from processing.dataset.columns import Columns, choose_columns
from processing.dataset.path_columns import path_columns
from processing.dataset.read import DatasetFile
from processing.dataset.rows.parquet_rows import not_parquet, not_utf8, require_kind
from processing.dataset.rows.table import Table, TableRow
from processing.dataset.tables import ReadOptions
from processing.errors import printable

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession

_LARGER_THAN_FILES = "32t"

_NUMBERS = {
    **{("INT32", kind): "int" for kind in ("", "INTEGER(8,true)", "INTEGER(16,true)")},
    **{("INT32", f"INTEGER({bits},false)"): "int" for bits in (8, 16)},
    ("INT32", "INTEGER(32,true)"): "int",
    ("INT32", "INTEGER(32,false)"): "bigint",
    ("INT64", ""): "bigint",
    ("INT64", "INTEGER(64,true)"): "bigint",
    ("INT64", "INTEGER(64,false)"): "decimal(20,0)",
    ("FLOAT", ""): "float",
    ("DOUBLE", ""): "double",
    ("BOOLEAN", ""): "boolean",
}
"""Spark's types of numbers, by the type of Parquet and its annotation."""

_TEXT = "binary"  # Spark would replace what isn't UTF-8


@dataclass(frozen=True)
class ParquetFile:
    """A file whose footer has been read.

    cells: name and type, as Spark calls it, of the columns that the file has. rows: their number.
    """

    file: DatasetFile
    columns: Columns
    cells: tuple[tuple[str, str], ...]
    rows: int


class Footers:
    """Reads the footers of Parquet files, on the driver."""

    def __init__(self, spark: SparkSession) -> None:
        self._java: Any = spark._jvm
        self._configuration = spark._jsc.hadoopConfiguration()
        self._known: dict[str, list[tuple[str, str]]] = {}

    def read(self, file: DatasetFile, reading: ReadOptions) -> ParquetFile:
        """Return a file. Raise DataError for columns that can't be used."""
        types, rows = self._types_and_rows(file)
        names = replace(reading.columns, of_path=path_columns(file.name))
        columns = choose_columns(file.name, [name for name, _ in types], names)
        cells = tuple((name, kind) for name, kind in types if name in columns.read)
        for name, kind in cells:
            require_kind(
                file.name,
                columns,
                name,
                is_text=kind == _TEXT,
                is_number=bool(kind),
            )
        return ParquetFile(file, columns, cells, rows)

    def has_rows(self, file: DatasetFile) -> bool:
        """Return whether a file has rows. Raise DataError."""
        return self._types_and_rows(file)[1] > 0

    def _types_and_rows(self, file: DatasetFile) -> tuple[list[tuple[str, str]], int]:
        """Return the columns with Spark's types ("" if it's neither text nor a number)."""
        apache = self._java.org.apache
        with damage_reported(file):
            path = apache.hadoop.fs.Path("file", None, str(file.path.absolute()))
            source = apache.parquet.hadoop.util.HadoopInputFile.fromPath(path, self._configuration)
            reader = apache.parquet.hadoop.ParquetFileReader.open(source)
            try:
                schema = reader.getFileMetaData().getSchema()
                rows = int(reader.getRecordCount())
            finally:
                reader.close()
        found = self._known.setdefault(schema.toString(), [])
        if not found:
            found += [(field.getName(), _spark_type(field)) for field in schema.getFields()]
        return found, rows


def _spark_type(field: Any) -> str:
    """Return Spark's type of a column; "" if it holds neither text nor numbers."""
    if not field.isPrimitive() or field.getRepetition().name() == "REPEATED":
        return ""
    physical = field.asPrimitiveType().getPrimitiveTypeName().name()
    annotation = str(field.getLogicalTypeAnnotation() or "")
    if annotation.startswith("DECIMAL"):
        return annotation.lower()
    if physical == "BINARY" or (physical, annotation) == ("FIXED_LEN_BYTE_ARRAY", ""):
        return _TEXT
    return _NUMBERS.get((physical, annotation), "")


@contextmanager
def damage_reported(file: DatasetFile) -> Iterator[None]:
    """Raise DataError for a file that Spark can't read, instead of its hundred lines."""
    from py4j.protocol import Py4JJavaError

    try:
        yield
    except Py4JJavaError as error:
        causes = re.findall(r"^(?:Caused by: |: )?(\w+\.\S+: .*)", str(error), re.MULTILINE)
        print(f"{file.name}: {printable((causes or [''])[-1]):.300}", flush=True)
        raise not_parquet(file.name) from None


def parquet_rows(
    spark: SparkSession,
    files: Sequence[ParquetFile],
    read: Callable[[DatasetFile, Table], Iterator[Any]],
) -> Iterator[RDD[Any]]:
    """Yield what ``read`` makes of the tables; one task reads each file, front to back."""
    spark.conf.set("spark.sql.caseSensitive", "true")  # as columns are found on one machine
    for setting in ("maxPartitionBytes", "openCostInBytes"):  # files are neither divided nor joined
        spark.conf.set(f"spark.sql.files.{setting}", _LARGER_THAN_FILES)
    groups: dict[Any, list[ParquetFile]] = defaultdict(list)
    for file in files:
        groups[file.cells, _is_literal(file) and file.file.number].append(file)
    for group in groups.values():
        by_path = {str(file.file.path.absolute()): file for file in group}
        rows = _frame(spark, group).rdd
        yield rows.mapPartitions(partial(_read_tables, by_path=by_path, read=read))


def _frame(spark: SparkSession, files: Sequence[ParquetFile]) -> DataFrame:
    """Return the address and the cells of each row of files with the same cells.

    Of a file whose path can't be a pattern, it has to be the only one.
    """
    from pyspark.sql.functions import col

    cells = [_quoted(name) for name, _ in files[0].cells]
    schema = ", ".join(f"{_quoted(name)} {kind}" for name, kind in files[0].cells)
    reader = spark.read.schema(schema)
    if _is_literal(files[0]):
        reader = reader.option("__globPaths__", "false")  # with it, several are read several times
        paths = [f"file://{files[0].file.path.absolute()}"]
    else:
        paths = [hadoop_address(str(file.file.path.absolute())) for file in files]
    frame = reader.parquet(*paths)
    return frame.select(col("_metadata.file_path"), *map(col, cells))


def _is_literal(file: ParquetFile) -> bool:
    """Return whether Spark would refuse the path, which it takes as a pattern by default."""
    return ":" in str(file.file.path.absolute())


def require_undamaged(spark: SparkSession, file: ParquetFile) -> None:
    """Raise DataError if a file can't be read to its end."""
    with damage_reported(file.file):
        _frame(spark, [file]).rdd.foreachPartition(_skip)


def _skip(rows: Iterator[Any]) -> None:
    for _ in rows:
        pass


def _quoted(name: str) -> str:
    return "`{}`".format(name.replace("`", "``"))


def hadoop_address(path: str) -> str:
    r"""Return an absolute path as Spark's readers take it, with the characters of patterns escaped.

    >>> print(hadoop_address("/raw/100 %/a[1]*.parquet"))
    file:///raw/100 %/a\[1\]\*.parquet
    """
    return "file://" + re.sub(r"[][\\{}*?,]", r"\\\g<0>", path)


def _read_tables(
    rows: Iterable[Any],
    by_path: Mapping[str, ParquetFile],
    read: Callable[[DatasetFile, Table], Iterator[Any]],
) -> Iterator[Any]:
    for address, of_file in groupby(rows, key=lambda row: row[0]):
        file = by_path[unquote(urlsplit(address).path)]
        yield from read(file.file, Table(file.columns, _table_rows(file, of_file)))


def _table_rows(file: ParquetFile, rows: Iterable[Any]) -> Iterator[TableRow]:
    """Yield the rows of a table. Raise DataError for text that isn't UTF-8."""
    for number, (_, *values) in enumerate(rows, start=1):
        try:
            yield {
                name: value.decode() if isinstance(value, bytearray) else value
                for (name, _), value in zip(file.cells, values)
            }
        except UnicodeDecodeError as error:
            raise not_utf8(file.file.name, number, error) from None
