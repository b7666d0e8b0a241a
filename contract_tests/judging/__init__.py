"""What a recorded history shows: the document, the oracle, the card of readings."""
