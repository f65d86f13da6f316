"""What answered a call that we made: the network's announcements, tones, machines, or a person. Pure."""
