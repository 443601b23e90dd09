/*
 * Leases, terms and renewals: when a lost node's bestEffort instance may run elsewhere (evidence e).
 *
 * Two nodes, one instance. The log is an atomic register; what Raft does not protect is here: a leader change, a deposed leader
 * that still measures and proposes, renewals that are late or lost, reports that are committed late. Times are ages in ticks.
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
 * @reach planned_move: the second token runs after a stop that was committed
 * @reach lease_expiry: the second token runs after the lease of a lost owner
 * @reach rejoined: a node that was lost and came back runs again
 */
#include "guards.h"
#define N     2
#define NONE  N
#define OFF   9   /* no such renewal, no such lease */
#define LEASE 1
#define LATE  1   /* the owner has stopped for sure at LEASE + LATE */
#define WAIT  (LEASE + LATE + 1)
#ifndef TOKENS
#define TOKENS 2
#endif

/* the log */
byte owner = NONE, token;
bool releasing, lost[N];
/* leaders: the ages of the last accepted renewals, as this one and the one before it know them */
byte silent[N], oldSilent[N];
bool deposed;
/* one ExpireLease on its way: for which token, measured in an earlier term, of a row that has changed since */
byte expiring;
bool otherTerm, rowChanged;
/* the nodes and their network: ages of a renewal, of its answer, of the lease */
byte sent[N] = OFF, answer[N] = OFF, lease[N] = OFF;
byte answerToken[N], seen[N], stopped[N], stopReport[N], granted[N];
byte runs[N];   /* the token under which it runs, or 0 */
#define GHOST(x) if :: REACHING -> x :: else fi
byte freed;    /* why the instance was last freed: 1 stop, 2 lease; kept for the questions of what is reached only */
bool rejoined[N];
#if defined REACH_planned_move || defined REACH_lease_expiry || defined REACH_rejoined
#define REACHING 1
#else
#define REACHING 0
#endif

inline older(age, cap) { if :: age < cap -> age++ :: else fi }
inline forget() { expiring = 0; otherTerm = false; rowChanged = false }
inline changeRow(n) { if :: expiring > 0 && owner == n -> rowChanged = true :: else fi }
inline free(why) { owner = NONE; releasing = false; GHOST(freed = why) }

/* Without ConfirmedToken an agent may go by its own replica, which may be behind: by the last token that it was ever granted. */
#define TO_START(n) (NO_ConfirmedToken && seen[n] == 0 -> granted[n] : seen[n])

active [N] proctype Agent() {
    byte n = _pid, t;
end:
    do
    :: d_step { sent[n] == OFF && answer[n] == OFF -> sent[n] = 0; printf("node %d sends a renewal\n", n) }
    :: d_step { sent[n] != OFF || answer[n] != OFF -> sent[n] = OFF; answer[n] = OFF; answerToken[n] = 0;
         printf("a renewal of node %d or its answer is lost\n", n) }
    :: d_step { answer[n] != OFF ->
         if
         :: NO_PetFresh -> lease[n] = 0
         :: !NO_PetFresh && answer[n] < LEASE && answer[n] < lease[n] -> lease[n] = answer[n]
         :: else
         fi;
         seen[n] = answerToken[n]; answer[n] = OFF; answerToken[n] = 0;
         printf("node %d takes the answer: token %d, lease of age %d\n", n, seen[n], lease[n]) }
    :: d_step { runs[n] == 0 && lease[n] < LEASE && TO_START(n) > 0 && (NO_Tombstone || TO_START(n) > stopped[n]) ->
         runs[n] = TO_START(n);
         printf("node %d STARTS under token %d\n", n, runs[n]);
#ifdef REACH_planned_move
         assert(!(runs[n] == 2 && freed == 1));
#endif
#ifdef REACH_lease_expiry
         assert(!(runs[n] == 2 && freed == 2));
#endif
#ifdef REACH_rejoined
         assert(!rejoined[n]);
#endif
         assert(runs[0] == 0 || runs[1] == 0) }
    :: d_step { stopReport[n] == 0 && (runs[n] > 0 || seen[n] > 0) ->
         if :: runs[n] > 0 -> t = runs[n] :: else -> t = seen[n] fi;
         runs[n] = 0; seen[n] = 0; stopReport[n] = t;
         if :: t > stopped[n] -> stopped[n] = t :: else fi;
         printf("node %d stops token %d and reports it\n", n, t); t = 0 }
    :: d_step { lease[n] != OFF && lease[n] >= LEASE -> runs[n] = 0; lease[n] = OFF; seen[n] = 0;
         printf("node %d stops all: its lease is over\n", n) }
    od
}

active [N] proctype Log() {
    byte n = _pid - N;
end:
    do
    :: d_step { sent[n] != OFF && (NO_Revoke || !lost[n]) ->
         silent[n] = 0; answer[n] = sent[n]; sent[n] = OFF;
         if :: owner == n && !releasing -> answerToken[n] = token :: else -> answerToken[n] = 0 fi;
         printf("the leader answers node %d\n", n) }
    :: d_step { NO_Confirmed && deposed && sent[n] != OFF && seen[n] > 0 -> oldSilent[n] = 0; answer[n] = sent[n]; sent[n] = OFF;
         answerToken[n] = seen[n]; printf("a deposed leader answers node %d\n", n) }
    :: d_step { stopReport[n] > 0 -> if
         :: !lost[n] && owner == n && token == stopReport[n] -> free(1)
         :: else fi;
         printf("the stop of token %d on node %d is committed\n", stopReport[n], n); stopReport[n] = 0 }
    :: d_step { !lost[n] -> lost[n] = true; changeRow(n); printf("node %d is declared lost\n", n) }
    :: d_step { lost[n] -> lost[n] = false; changeRow(n); sent[n] = OFF; answer[n] = OFF; answerToken[n] = 0; stopReport[n] = 0;
         GHOST(rejoined[n] = true); printf("node %d registers again in the same boot\n", n) }
    :: d_step { !lost[n] && token < TOKENS && (token > 0 || n == 0) /* the nodes are alike */ && (owner == NONE || NO_StopAck && releasing) ->
         owner = n; token++; releasing = false; if :: NO_ConfirmedToken -> granted[n] = token :: else fi; printf("token %d is granted to node %d\n", token, n) }
    od
}

active proctype Leader() {
end:
    do
    :: d_step { owner != NONE && !releasing -> releasing = true; printf("token %d is to be released\n", token) }
    :: d_step { expiring == 0 && owner != NONE && lost[owner] && (NO_LeaseWait || silent[owner] >= WAIT) ->
         expiring = token; printf("the leader has waited and proposes that the lease of token %d is over\n", token) }
    :: d_step { deposed && expiring == 0 && owner != NONE && lost[owner] && oldSilent[owner] >= WAIT ->
         expiring = token; otherTerm = true; printf("a deposed leader proposes that the lease of token %d is over\n", token) }
    :: d_step { expiring > 0 -> if
         :: owner != NONE && token == expiring && lost[owner] && (NO_TermBound || !otherTerm) && (NO_ReadSet || !rowChanged) ->
              free(2); printf("token %d is freed: its lease is over\n", token)
         :: else -> printf("the proposal is refused\n") fi;
         forget() }
    :: d_step { expiring > 0 -> forget(); printf("the proposal is lost\n") }
    :: d_step { true -> deposed = true; oldSilent[0] = silent[0]; oldSilent[1] = silent[1];
         if :: expiring > 0 -> otherTerm = true :: else fi;
         silent[0] = (NO_NewLeader -> WAIT : 0); silent[1] = silent[0];
         printf("another leader\n") }
    od
}

/* Time passes unless an owner whose lease is over must have stopped by now. */
#define MAY_PASS(n) (lease[n] == OFF || lease[n] < LEASE + LATE)
active proctype Clock() {
    byte n;
end:
    do
    :: d_step { MAY_PASS(0) && MAY_PASS(1) ->
         for (n : 0 .. N - 1) {
             older(silent[n], WAIT);
             if :: deposed -> older(oldSilent[n], WAIT) :: else fi;
             if :: sent[n] != OFF -> older(sent[n], LEASE) :: else fi;
             if :: answer[n] != OFF -> older(answer[n], LEASE) :: else fi;
             if :: lease[n] != OFF -> older(lease[n], LEASE + LATE) :: else fi
         }
         n = 0; printf("a tick\n") }
    od
}
