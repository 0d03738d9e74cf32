"""The fast path: reviews as arrays of token ids, batched, in several processes.

Enters: batches of reviews. Leaves: a `Corpus` of token ids. It applies the functions of
`processing.text` and never defines a text rule of its own. Only `processing.features` and the jobs
import it.
"""
