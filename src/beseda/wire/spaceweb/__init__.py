"""SpaceWeb's messages: the envelope, and what domains, DNS records and money look like in it."""
