"""What was collected: formats cut into rows, seals by the row, disclosures with proofs."""
