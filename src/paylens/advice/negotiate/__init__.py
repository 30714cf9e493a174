"""What do I ask for: target, ask and walk-away of an offer, with the evidence and the words."""
