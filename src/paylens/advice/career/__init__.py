"""What raises my pay: moves with their gain and effort, what a degree is worth, and the years ahead on one plan or another."""
