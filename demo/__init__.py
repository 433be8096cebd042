"""The demonstration: an invented incident, the parties to it, and the evidence each holds."""
