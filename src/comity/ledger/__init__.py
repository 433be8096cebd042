"""That it was said: the tree, its proofs, tiles, checkpoints, receipts, witness rules. Leaves are opaque."""
