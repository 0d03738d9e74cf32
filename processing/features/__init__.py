"""Features: from a corpus of tokens to rows of numbers, and what describes them.

Input: a `Corpus`. Output: part files of features and labels, a vocabulary, a manifest.

    splits          assignment of the reviews to train, validation and test
    vocabulary      the most frequent terms of the training set, which are the columns
    ngrams          n-grams as buckets of hashes
    train_rows      sums over the rows of train, for what is learned from them, on any engine
    ngram_weights   log-count ratios and weights of n-grams: their tables, and their file
    ngram_learning  those weights, from the rows of train
    linear_model    the training of a linear model of n-grams by exact sums
    ngram_scores    how much the n-grams of a review point to a class
    bag_of_words    reviews as a sparse count matrix, with n-gram scores
    writer          rows as libsvm or CSV, in part files
    manifest        the input files, the splits, and the skipped and duplicate reviews
    inspection      what `sentiment data` shows of a dataset
    example_words   the most frequent word of each stem
    preprocessing   a registered version's way from new text to features
    row_encoder     new reviews as rows of features, batch by batch
    options         the command line of Preprocess, on one machine and on Spark
"""
