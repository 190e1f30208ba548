"""What is kept of letters."""

from datetime import datetime
from typing import Protocol

from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Letter


class Mail(Protocol):
    async def add_letter(
        self, sender_id: AccountId, receiver_id: AccountId, text: str, at: datetime, key: str | None
    ) -> LetterId: ...

    async def add_copy(self, owner_id: AccountId, other_id: AccountId, letter_id: LetterId, *, received: bool) -> None:
        """Put a letter among those that its owner exchanged with the other; a received one counts as unread."""
        ...

    async def find_by_key(self, sender_id: AccountId, key: str) -> LetterId | None: ...

    async def count_unread(self, owner_id: AccountId) -> int: ...

    async def list_contacts(self, owner_id: AccountId, *, offset: int, limit: int) -> list[Contact]:
        """Who wrote or was written to last comes first."""
        ...

    async def find_contact(self, owner_id: AccountId, other_id: AccountId) -> Contact | None: ...

    async def list_letters(
        self, owner_id: AccountId, contact_id: ContactId, *, before: LetterId, limit: int
    ) -> list[Letter]:
        """Newest first."""
        ...

    async def mark_read(self, owner_id: AccountId, contact_id: ContactId, at: datetime) -> int:
        """All received from a contact; how many had not been read."""
        ...

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]: ...
