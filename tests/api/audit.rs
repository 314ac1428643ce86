//! Every change leaves its entry, in the same transaction.
