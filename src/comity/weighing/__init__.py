"""What the evidence separates: hypotheses weighed, and what to ask for next.

``values`` is what goes in, ``result`` what comes out; ``weigh`` makes one from the other. ``knowledge``
holds who was reported using what; ``mixture`` is the arithmetic, ``sensitivity`` and ``asking`` what stands
beside a posterior; ``compare`` holds two assessments side by side. Everything here is a function of its
arguments and gives the same integers in every order of its items.
"""

METHOD = "comity-weigh/4"
"""Names every decision that changes a figure: change one, and this changes with it."""

FIRST_METHOD = "comity-weigh/1"
"""The first method: what was made with it is still computed, and nothing new is made with it."""

SECOND_METHOD = "comity-weigh/2"
"""The method after it: what several origins repeat adds up in it (``spec/13-weighing.md`` rule 32)."""

THIRD_METHOD = "comity-weigh/3"
"""The method after that: what a name withstands is rounded down in it (rule 33)."""

OLDER = (FIRST_METHOD, SECOND_METHOD)
"""In which whoever repeats a thing adds to it. Their records are computed and told as what they are; nothing
new is made with them, nor with the third."""

METHODS = (*OLDER, THIRD_METHOD, METHOD)

PPM = 1_000_000
"""Probabilities are integers in parts per million wherever they enter or leave."""

UNKNOWN = "unknown"
"""The hypothesis that is always there: an actor that is none of those named."""
