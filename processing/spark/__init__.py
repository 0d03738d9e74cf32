"""Preprocess on a Spark cluster, with the same outputs byte for byte as on one machine.

    submit        runs on every host: starts the cluster's own program, smspark-submit
    driver        runs on the first host, as Spark's driver: the whole job, top down
    dataset       the driver's part of reading: which file is read how, and what became of it
    reading       runs in the executors: files become reviews, reviews become terms
    parquet       footers, on the driver; rows that Spark reads, because its image has no pyarrow
    queries       SQL: counts, the vocabulary, and validation
    partitioning  assignment of reviews to rows and part files, by counts and hashes, without Spark
    train_rows    sums over the rows of train, for what is learned from them
    writing       runs in the executors: rows become part files

The driver never holds reviews: only the vocabulary, weights of n-grams, counts, names of skipped
reviews, and a summary of each file. Of `processing.corpus`, only token ids are used: Spark batches
and counts in its place, with the same functions of `processing.text`.
"""
