"""What readers suggest; each of them is thanked by a letter."""
