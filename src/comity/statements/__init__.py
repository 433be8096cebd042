"""What a statement says, beside what stands behind it: sentences tied to assertions, and wording that outruns
its basis. Nothing here judges whether a sentence is true, and a claim and its denial pass the same rules."""
