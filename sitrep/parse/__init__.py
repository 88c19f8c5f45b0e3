"""Bytes become records and problems. Pure functions of the bytes; no file is opened here, and bad input never raises."""
