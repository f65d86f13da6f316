"""Audio: the port that control drives, and the workers that do the work."""
