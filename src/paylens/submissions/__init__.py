"""Pay reports that a community collects for itself: sealed when they come, opened where the private keys are."""
