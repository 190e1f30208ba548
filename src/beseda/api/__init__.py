"""One folder per protocol, each a thin translator: limits, decode, one deed of the core, encode, send."""
