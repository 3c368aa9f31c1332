"""What a wheel's compiled parts need, held against what a target has."""
