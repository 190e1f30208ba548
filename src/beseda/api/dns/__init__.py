"""DNS: an authoritative name server for the members' zones, over UDP and TCP."""
