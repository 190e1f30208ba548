"""What parts of Beseda need what was not installed with it."""


def needs_server(error: ModuleNotFoundError) -> str:
    """What to install, in a line; for what is missing of Beseda itself the error is raised again."""
    missing = (error.name or "").partition(".")[0]
    if missing in ("", "beseda"):
        raise error
    return f"the server is not installed here: pip install 'beseda[server]' ({missing} is missing)"
