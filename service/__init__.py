"""Configuration, wiring, processes, commands: the only room that imports all others."""
