"""Files of datasets: which are data, and what they hold, packed and compressed as they are.

Input: paths and bytes. Output: formats, streams of plain bytes, members of archives, or a
DataError. Must not know: columns, labels and splits of tables.
"""
