"""The console: HTTP API, live events over a WebSocket, and the operators' pages. No business rule lives here."""
