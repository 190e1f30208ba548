"""Identifiers. All are positive 64-bit integers, never used again."""

from typing import NewType

AccountId = NewType("AccountId", int)
"""One sequence for registered members and anonymous visitors alike: every author resolves by id."""

SessionId = NewType("SessionId", int)
TokenId = NewType("TokenId", int)
AppId = NewType("AppId", int)
RoomId = NewType("RoomId", int)
KickId = NewType("KickId", int)
OperatorTokenId = NewType("OperatorTokenId", int)
AuditId = NewType("AuditId", int)
AnnouncementId = NewType("AnnouncementId", int)
GiftId = NewType("GiftId", int)
LetterId = NewType("LetterId", int)
PostId = NewType("PostId", int)
ContactId = NewType("ContactId", int)
UpdateId = NewType("UpdateId", int)
NotificationId = NewType("NotificationId", int)
DomainId = NewType("DomainId", int)
DomainRequestId = NewType("DomainRequestId", int)
ZoneId = NewType("ZoneId", int)
RecordSetId = NewType("RecordSetId", int)
RecordId = NewType("RecordId", int)
ZoneKeyId = NewType("ZoneKeyId", int)
EntryId = NewType("EntryId", int)

MAX_ID = 2**63 - 1
"""The largest number that both storage engines keep; anything above names nothing."""
