"""Preprocess on a Spark cluster, with the same outputs byte for byte as on one machine.

    submit        runs on every host: starts the cluster's own program, smspark-submit
    driver        runs on the first host, as Spark's driver: the whole job, top down
    dataset       the driver's part of reading: which file is read how, and what became of it
    reading       runs in the executors: files become reviews, reviews become counts of terms
    parquet       footers, on the driver; rows that Spark reads, because its image has no pyarrow
    queries       SQL: counts, the vocabulary, and validation
    partitioning  assignment of reviews to part files, by counts and hashes; doesn't use Spark
    writing       runs in the executors: rows become part files

The driver never holds reviews: only the vocabulary, counts, names of skipped reviews, and a
summary of each file. Must not know `processing.corpus`: Spark batches and counts in its place, with
the same functions of `processing.text`.
"""
