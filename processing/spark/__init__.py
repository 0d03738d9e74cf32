"""Preprocess on a cluster: the same outputs, byte for byte, made by Spark.

    submit       runs on every host: starts the cluster's own program, smspark-submit
    preprocess   runs on the first host, as Spark's driver: the whole job, top down
    reading      runs in the executors: files become reviews, reviews become bags of stems
    queries      what Spark counts and sorts
    places       where each review goes, decided by counts and hashes alone; no Spark in it
    writing      runs in the executors: rows become part files

The driver never holds reviews: only the vocabulary, counts, skipped names, and one hash a file.
"""
