"""Ways out: what is released, in the formats of others. Each is a function from a holding to chunks of bytes."""
