"""Bytes become records and problems. Pure functions of the bytes: no file is opened, and bad input never raises."""
