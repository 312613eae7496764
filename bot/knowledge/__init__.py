"""Approved knowledge: articles cut into passages, found by words, and weighed as evidence."""
