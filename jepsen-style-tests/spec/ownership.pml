/*
 * Leases, terms and renewals: when a lost node's bestEffort instance may run elsewhere (evidence e).
 *
 * One instance and one node that owns it from time to time. Any other node is as quick as can be: what is granted there runs
 * there at once, for ever. So the question is whether our node runs then, or starts later. The log is an atomic register; what
 * Raft does not protect is here: a leader change, a deposed leader that still measures and proposes, renewals that are late or lost, reports that are committed late. Times are ages in ticks.
 * Assumed is what the lease can only assume: an owner whose lease is over has stopped LATE ticks later. A paused agent
 * breaks that, which is why this evidence frees nothing that is exclusive (incarnation.pml, Evidence).
 *
 * @guard LeaseWait in LeaseExpiry OwnershipRules: an expired lease frees only after its length and the margin.
 * @guard NewLeader in HeartbeatTable LeaseExpiry: a new leader counts every node's silence from its own start.
 * @guard Confirmed in ConfirmationRounds LeaseAuthority: a deposed leader answers no renewal.
 * @guard PetFresh in LeaseHolder: a lease counts from when the answered renewal was sent.
 * @guard Revoke in LeaseAuthority NodeGuards: renewals of a lost node are refused.
 * @guard TermBound in Envelope Proposer: what a leader measured counts in its own term only.
 * @guard ReadSet in Envelope LeaseExpiry: what was measured of a node that registered since is refused.
 * @guard Tombstone in Reconciler InstanceTable: a token that was stopped is never started again.
 * @guard ConfirmedToken in Reconciler WorkPublisher: only a token in a confirmed answer is started.
 * @guard StopAck in OwnershipRules: a new owner comes only after the old one's stop is committed.
 *
 * @reach planned_move: granted elsewhere after a stop that was committed
 * @reach lease_expiry: granted elsewhere after the lease of a lost owner
 * @reach rejoined: a node that came back while the end of its lease was proposed runs
 */
#include "guards.h"
#define OFF   9   /* no such renewal, no such lease */
#define LEASE 1
#define LATE  1   /* the owner has stopped for sure at LEASE + LATE */
#ifndef WAIT
#define WAIT  (LEASE + LATE + 1)
#endif
#define TOKENS 2  /* that our node may get, one after the other */

/* the log */
bool owned, releasing, lost, elsewhere;
byte token;
/* leaders: the age of the last accepted renewal, as this one and the one before it know it */
byte silent, oldSilent;
bool deposed;
/* one ExpireLease on its way: for which token, measured in an earlier term, of a row that has changed since */
byte expiring;
bool otherTerm, rowChanged;
/* the node and its network: ages of a renewal, of its answer, of the lease; tokens */
byte sent = OFF, answer = OFF, lease = OFF;
byte answerToken, seen, stopped, stopReport, runs;

inline older(age, cap) { if :: age != OFF && age < cap -> age++ :: else fi }
inline forget() { expiring = 0; otherTerm = false; rowChanged = false }
inline free() { owned = false; releasing = false }

/* Without ConfirmedToken an agent may go by its own replica, which may be behind: by the last token that it was ever granted. */
#define TO_START (NO_ConfirmedToken && seen == 0 -> token : seen)

active proctype Agent() {
    byte t;
end:
    do
    :: d_step { sent == OFF && answer == OFF -> sent = 0; printf("the node sends a renewal\n") }
    :: d_step { sent != OFF || answer != OFF -> sent = OFF; answer = OFF; answerToken = 0;
         printf("a renewal or its answer is lost\n") }
    :: d_step { answer != OFF -> if
         :: NO_PetFresh -> lease = 0
         :: !NO_PetFresh && answer < LEASE && answer < lease -> lease = answer
         :: else
         fi;
         printf("the node takes an answer to what it sent %d ticks ago: token %d\n", answer, answerToken);
         seen = answerToken; answer = OFF; answerToken = 0 }
    :: d_step { runs == 0 && lease < LEASE && TO_START > 0 && (NO_Tombstone || TO_START > stopped) ->
         runs = TO_START; printf("the node STARTS under token %d\n", runs);
#ifdef REACH_rejoined
         assert(!(rowChanged && owned && !lost));
#endif
         assert(!elsewhere) }
    :: d_step { stopReport == 0 && (runs > 0 || seen > 0) ->
         t = (runs > 0 -> runs : seen);
         runs = 0; seen = 0; stopReport = t;
         if :: t > stopped -> stopped = t :: else fi;
         printf("the node stops token %d and reports it\n", t); t = 0 }
    :: d_step { lease != OFF && lease >= LEASE -> runs = 0; lease = OFF; seen = 0;
         printf("the node stops all: its lease is over\n") }
    od
}

active proctype Log() {
end:
    do
    :: d_step { sent != OFF && (NO_Revoke || !lost) ->
         silent = 0; answer = sent; sent = OFF; answerToken = (owned && !releasing -> token : 0);
         printf("the leader answers\n") }
    :: d_step { NO_Confirmed && deposed && sent != OFF && seen > 0 ->
         answer = sent; sent = OFF; answerToken = seen;
         printf("a deposed leader answers, as if nothing had changed\n") }
    :: d_step { stopReport > 0 ->
         printf("the stop of token %d is committed\n", stopReport);
         if :: !lost && owned && token == stopReport -> free() :: else fi;
#ifdef REACH_planned_move
         assert(owned);
#endif
         stopReport = 0 }
    :: d_step { !lost -> lost = true; rowChanged = (expiring > 0); printf("the node is declared lost\n") }
    :: d_step { lost -> lost = false; rowChanged = (expiring > 0); sent = OFF; answer = OFF; answerToken = 0; stopReport = 0;
         printf("the node registers again in the same boot\n") }
    :: d_step { !owned && !elsewhere && !lost && token < TOKENS ->
         owned = true; token++; printf("token %d is granted to the node\n", token) }
    :: d_step { !elsewhere && token > 0 && (!owned || NO_StopAck && releasing) ->
         free(); elsewhere = true; printf("the instance is granted ELSEWHERE and runs there\n");
         assert(runs == 0) }
    :: d_step { owned && !releasing -> releasing = true; printf("token %d is to be released\n", token) }
    od
}

active proctype Leader() {
end:
    do
    :: d_step { expiring == 0 && owned && lost && (NO_LeaseWait || silent >= WAIT) ->
         expiring = token; printf("the leader has waited and proposes that the lease of token %d is over\n", token) }
    :: d_step { deposed && expiring == 0 && owned && lost && oldSilent >= WAIT ->
         expiring = token; otherTerm = true; printf("a deposed leader proposes that the lease of token %d is over\n", token) }
    :: d_step { expiring > 0 -> if
         :: owned && token == expiring && lost && (NO_TermBound || !otherTerm) && (NO_ReadSet || !rowChanged) ->
              free(); printf("token %d is freed: its lease is over\n", token);
#ifdef REACH_lease_expiry
              assert(false);
#endif
         :: else -> printf("the proposal is refused\n") fi;
         forget() }
    :: d_step { expiring > 0 -> forget(); printf("the proposal is lost\n") }
    :: d_step { true -> deposed = true; oldSilent = silent; otherTerm = (expiring > 0);
         silent = (NO_NewLeader -> WAIT : 0); printf("another leader\n") }
    od
}

/* Time passes unless an owner whose lease is over must have stopped by now. */
active proctype Clock() {
end:
    do
    :: d_step { lease == OFF || lease < LEASE + LATE ->
         older(silent, WAIT);
         if :: deposed -> older(oldSilent, WAIT) :: else fi;
         older(sent, LEASE + LATE); older(answer, LEASE + LATE); older(lease, LEASE + LATE);
         printf("a tick\n") }
    od
}
