"""Warming: building what shoppers will ask for before they do."""
