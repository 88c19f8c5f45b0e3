"""How long a build takes and how much memory it needs: `python -m benchmarks`. See docs/performance.md."""
