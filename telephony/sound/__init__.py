"""Sound as numbers: tones made and recognised, and what else is pure arithmetic on samples. No I/O."""
