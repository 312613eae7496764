"""What the sender wrote this time, and what was there before."""
