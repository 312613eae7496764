"""Parcels as mail."""
