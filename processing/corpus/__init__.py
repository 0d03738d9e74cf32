"""The fast path: reviews as arrays of token ids, in batches and several processes.

Input: batches of reviews as stored, and the function that makes terms of words.
Output: a `Corpus`, whose tokens are those of `processing.text.normalize.tokens`.
Defines no rule of its own about text: it remembers the terms of words, and looks up the words of
a whole batch at once. Only `processing.features` and the jobs import it.

    tokenizer     runs in the workers: a batch of reviews becomes a batch of tokens
    token_index   term of every word of a text, from a hash table of arrays
    corpus        runs in the job's own process: gathers the batches
    token_ids     ids of terms, and the tokens of all reviews in a file
    string_file   many short strings in a file
"""
