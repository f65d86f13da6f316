"""Pacing compared: teams, people and policies on virtual time, from fixed seeds."""
