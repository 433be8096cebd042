"""Long runs that look for one wrong answer; each is ``python3 dev campaign NAME`` and has a short form."""
