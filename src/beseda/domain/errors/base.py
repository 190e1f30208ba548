"""What all refusals are."""

from typing import ClassVar


class BesedaError(Exception):
    """Something was refused. Only leaves are raised."""

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        for name, value in facts.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{self.code}({facts})" if facts else self.code


def leaves(error: type[BesedaError] = BesedaError) -> list[type[BesedaError]]:
    """All errors that can be raised, family by family."""
    below = error.__subclasses__()
    return [leaf for sub in below for leaf in leaves(sub)] if below else [error]
