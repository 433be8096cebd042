"""What two parties share: private matching of indicators, of which neither shows the other its own."""
