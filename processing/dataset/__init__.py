"""Reads datasets: archives, tables and folders of them become batches of raw reviews.

In: files. Out: `reviews.Batch`, or a DataError with file and row.
Must not know: what the texts are used for.
"""
