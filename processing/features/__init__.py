"""Features: from a corpus of tokens to rows of numbers, and what describes them.

Enters: a `Corpus`. Leaves: part files of features and labels, a vocabulary, a manifest.

    splits          which review goes to train, validation and test
    vocabulary      the most frequent terms of the training set, which are the columns
    ngrams          n-grams as buckets of hashes
    ngram_scores    how much the n-grams of a review point to a class
    bag_of_words    reviews as a sparse count matrix, with n-gram scores
    writer          rows as libsvm or CSV, in part files
    manifest        what went into a dataset, and what became of it
    preprocessing   what a registered version needs to make the same features of new text
    options         the command line of Preprocess, on one machine and on Spark
"""
