"""What follows from the records: rules, the fold, times, support, origins, clocks, notices."""
