"""HTML: the words that can be seen of it, where quotes stand, and what is safe to show."""
