"""What anyone can check again: a case as one party holds it, in one file, with what it does not show."""
