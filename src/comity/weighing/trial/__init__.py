"""The method on trial: published reports as cases, profiles from the past only, every figure beside its
baselines.

``cases`` builds cases and what was known before each; ``planting`` puts false flags into them; ``baselines``
and ``ranking`` say who it looks like; ``caution`` says how much to believe it; ``measures`` holds the
answers against the published labels; ``run`` does it all. Labels are published vendor judgements, not truth:
a figure says how often an answer agrees with the published label.
"""
