"""What the suite's own tests share."""
