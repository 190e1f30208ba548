"""Kicks, evidence, the log, reports."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.ids import KickId
from beseda.domain.messages import Kind
from beseda.domain.moderation import Kick, LoggedDeed, Report
from contract.made import AT, STRANGE, add_member, add_room, after, do


async def test_a_kick_counts_until_it_ends_or_is_lifted(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    found = store.view.moderation.find_kick
    assert await found(room.id, brana.id, AT) is None
    for seconds in (900, 60):
        await do(
            store,
            lambda unit, s=seconds: unit.moderation.add_kick(room.id, brana.id, alena.id, STRANGE, AT, after(s)),  # type: ignore[misc]
        )
    kick = await found(room.id, brana.id, after(899))
    assert kick == Kick(KickId(1), room.id, brana, alena, STRANGE, AT, after(900), None)
    assert await found(room.id, brana.id, after(900)) is None
    assert await found(room.id, alena.id, AT) is None
    assert [each.id for each in await store.view.moderation.list_kicks(room.id, AT)] == [1, 2]
    assert await store.view.moderation.get_kick(kick.id) == kick
    assert await store.view.moderation.was_kicked(brana.id, AT)
    assert not await store.view.moderation.was_kicked(brana.id, after(1))
    await do(store, lambda unit: unit.moderation.lift_kicks(room.id, brana.id, alena.id, after(5)))
    assert await found(room.id, brana.id, after(5)) is None
    assert await store.view.moderation.list_kicks(room.id, after(5)) == []
    lifted = await store.view.moderation.get_kick(kick.id)
    assert lifted is not None
    assert lifted.lifted_at == after(5)
    assert await store.view.moderation.was_kicked(brana.id, AT)


async def test_evidence_outlives_the_lines(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    async with store.unit() as unit:
        lines = [
            await unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text=STRANGE),
            await unit.messages.append(room.id, Kind.WHISPER, AT, actor=brana, target=alena, text="psst"),
        ]
        kick_id = await unit.moderation.add_kick(room.id, brana.id, alena.id, "x", AT, after(1))
        await unit.moderation.keep_evidence(kick_id, lines)
        await unit.messages.forget(room.id, after(9), 9)
    kept = await store.view.moderation.evidence(kick_id)
    assert [(line.at, line.kind, line.actor, line.target, line.text) for line in kept] == [
        (line.at, line.kind, line.actor, line.target, line.text) for line in lines
    ]


async def test_the_log_is_read_backwards(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    for number in range(3):
        await do(
            store,
            lambda unit, n=number: unit.moderation.log(room.id, after(n), alena.id, "kick", brana.id, STRANGE),  # type: ignore[misc]
        )
    await do(store, lambda unit: unit.moderation.log(room.id, AT, alena.id, "lock", None, ""))
    log = await store.view.moderation.list_log(room.id, before=2**62, limit=3)
    assert [deed.number for deed in log] == [4, 3, 2]
    assert log[0] == LoggedDeed(4, AT, alena, "lock", None, "")
    assert log[1] == LoggedDeed(3, after(2), alena, "kick", brana, STRANGE)
    assert [deed.number for deed in await store.view.moderation.list_log(room.id, before=2, limit=3)] == [1]


async def test_a_line_is_reported_once_by_each_and_settled_for_all(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    room = await add_room(store)
    line = await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text=STRANGE))
    added = [
        await do(store, lambda unit, who=who: unit.moderation.add_report(line, who.id, "rude", after(1)))  # type: ignore[misc]
        for who in (brana, brana, cyril)
    ]
    assert added == [True, False, True]
    reports = await store.view.moderation.list_reports(room.id, 9)
    assert reports == [Report(room.id, 1, who, alena, STRANGE, "rude", after(1)) for who in (brana, cyril)]
    assert await do(store, lambda unit: unit.moderation.settle_report(room.id, 1, alena.id, after(2))) == 2
    assert await do(store, lambda unit: unit.moderation.settle_report(room.id, 1, alena.id, after(2))) == 0
    assert await store.view.moderation.list_reports(room.id, 9) == []
