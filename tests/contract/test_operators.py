"""Members who are operators, and their proofs, on both engines."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.operators import OperatorMember, OperatorRole
from contract.made import AT, add_member, add_session, after, do


async def test_a_member_has_one_role_or_none(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    kept = store.view.operators
    assert await kept.role_of(alena.id) is None
    await do(store, lambda unit: unit.operators.set_member(ivana.id, OperatorRole.OWNER, AT))
    await do(store, lambda unit: unit.operators.set_member(alena.id, OperatorRole.OBSERVER, AT))
    await do(store, lambda unit: unit.operators.set_member(alena.id, OperatorRole.MODERATOR, after(1)))
    assert await kept.list_members() == [
        OperatorMember(alena, OperatorRole.MODERATOR, after(1)),
        OperatorMember(ivana, OperatorRole.OWNER, AT),
    ]
    assert await kept.role_of(alena.id) is OperatorRole.MODERATOR
    assert await do(store, lambda unit: unit.operators.remove_member(alena.id))
    assert not await do(store, lambda unit: unit.operators.remove_member(alena.id))
    assert await kept.role_of(alena.id) is None


async def test_the_last_proof_of_a_session_counts(store: SqlStore) -> None:
    session = await add_session(store, await add_member(store))
    kept = store.view.operators
    assert await kept.proved_at(session.id) is None
    await do(store, lambda unit: unit.operators.note_proof(session.id, AT))
    await do(store, lambda unit: unit.operators.note_proof(session.id, after(5)))
    assert await kept.proved_at(session.id) == after(5)
    assert await do(store, lambda unit: unit.operators.forget_proofs(after(5))) == 0
    assert await do(store, lambda unit: unit.operators.forget_proofs(after(6))) == 1
    assert await kept.proved_at(session.id) is None
