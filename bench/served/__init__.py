"""A real ``line400 serve`` under load: the line itself, the people who call and answer, and how both are led."""
