"""What is kept between builds, and when it no longer holds. Losing it costs time and never changes a byte."""
