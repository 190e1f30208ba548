"""What a member can do: one async function per deed. Knows no HTTP, no SQL and no protocol by name."""
