"""Law as data: provisions with their elements, norms, standards of proof. Nothing here judges."""
