"""The faces of one node over HTTP: pages for its own people, and a door for other nodes."""
