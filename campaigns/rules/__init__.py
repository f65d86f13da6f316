"""May this person be called now, for this purpose? Decided from values alone."""
