"""Who may have a name: all there can be around it, under each policy."""

from itertools import product

import pytest

from beseda.domain.ownership import NONE, Evidence, Facts, Need, Policy, need

RECORD, DELEGATED = Evidence(record=True), Evidence(delegation=True)
ALL_FACTS = [Facts(*flags) for flags in product((False, True), repeat=4)]


@pytest.mark.parametrize("facts", ALL_FACTS)
@pytest.mark.parametrize("policy", Policy)
def test_what_is_below_ones_own_needs_nothing_whatever_else_is_so(policy: Policy, facts: Facts) -> None:
    for evidence in (NONE, RECORD, DELEGATED):
        found = need(policy, facts, evidence)
        if facts.inside_own or (facts.his_before and not facts.above_others):
            assert found is Need.NOTHING
        else:
            assert (found is Need.APPROVAL) == (policy is Policy.OPERATOR)
            assert (found is Need.OTHERS) == (policy is Policy.OPEN and facts.above_others)


@pytest.mark.parametrize(
    ("facts", "evidence", "found"),
    [
        (Facts(), NONE, Need.PROOF),
        (Facts(), RECORD, Need.NOTHING),
        (Facts(), DELEGATED, Need.NOTHING),
        (Facts(known_before=True), DELEGATED, Need.PROOF),
        (Facts(known_before=True), RECORD, Need.NOTHING),
        (Facts(above_others=True), RECORD, Need.NOTHING),
        (Facts(his_before=True, known_before=True), NONE, Need.NOTHING),
        (Facts(his_before=True, known_before=True, above_others=True), NONE, Need.PROOF),
    ],
)
def test_a_delegation_proves_nothing_of_a_name_that_was_here_before(
    facts: Facts, evidence: Evidence, found: Need
) -> None:
    assert need(Policy.PROOF, facts, evidence) is found
