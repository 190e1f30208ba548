"""Chat.cz's messages: the REST methods below /api, the talk of rooms and stored messages below /json."""
