"""What a party may say: kinds, canonical bytes, signed envelopes, parties and their keys."""
