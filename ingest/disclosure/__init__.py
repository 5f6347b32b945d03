"""Statistical disclosure control: which cells of a table are published without their number."""
