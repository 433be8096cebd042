"""What the evidence shows: rules over sealed rows, and findings that another party can re-run.

``pack`` compiles rule sources, ``match`` runs them over the rows of one item, ``finding`` gives the
result an identity and compares two runs. ``reference`` is a second, slow matcher that the tests hold
against the first; ``explain`` says in words why a row matched.
"""

SEMANTICS = "comity-find/1"
"""Names every decision that changes a match: change one, and this changes with it."""
