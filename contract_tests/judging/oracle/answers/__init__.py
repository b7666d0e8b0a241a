"""What single answers show."""
