"""The command line: everything a party, or a reader of a dossier, does by typing."""
