"""What a caller hears and can press or say: flows, their interpreter, prompts, opening hours."""
