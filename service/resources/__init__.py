"""What an address of a thing gives: a form and a profile of its description, or the way there."""
