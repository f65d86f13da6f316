"""The journeys of calls: short functions that read like their stories and hold no policy."""
