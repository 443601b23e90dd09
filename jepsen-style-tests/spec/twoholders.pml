/*
 * Live migration: from migrate_to until the source has stopped two nodes hold the instance, each under a token of its own.
 *
 * Three nodes, one instance that migrates from node 0 to node 1; node 2 is where it could be started instead. The guest (what
 * really runs) exists where runs[n] is set, and migrate_to makes it run on the target and not on the source in one step,
 * so that two of it run only when a second one was started. A migrate_to is a process of its own: the agent that began it
 * may be gone. Evidence is a committed stop or a confirmed "off".
 *
 * @guard TwoHolders in MigrationRules Lives: a new grant needs evidence from both holders.
 * @guard SingleOwner in OwnershipRules: what is owned is not granted.
 * @guard OneOp in MemberOperations MemberDesk: a stop counts only when no operation of that instance is left.
 * @guard ProbeFirst in Sightings MigrationRules: what may have been sent after its target was done with is looked for first.
 *
 * @reach migrated: the target is the one owner after the source has stopped
 * @reach source_fenced: the target becomes the owner because the source was fenced after it had arrived
 * @reach started_again: it is started elsewhere after both holders gave evidence
 */
#include "guards.h"
#define N    3
#define NONE N

/* the log */
byte owner = NONE, arrival = NONE;    /* the two holders */
bool departing, arrived, mustProbe;   /* mustProbe: the next grant asks every node that is up */
bool up[N] = true;                    /* the log's view: not fenced */
/* the nodes */
bool power[N] = true, runs[N], sending, seen[N];
bool stopReport[N], arrivalReport, probed[N];
byte grants;

#define ONE_GUEST assert(runs[0] + runs[1] + runs[2] <= 1)

/* Ends what a node holds; the one that has got it is the owner, otherwise the instance is free once the other has ended too. */
inline end_of(n) {
    if
    :: n == owner && arrival != NONE && arrived -> owner = arrival; arrival = NONE; arrived = false; departing = false
    :: n == owner && !(arrival != NONE && arrived) -> owner = NONE; departing = false;
         if :: arrival != NONE && !up[arrival] || arrival == NONE && sending -> mustProbe = true :: else fi
    :: n == arrival && n != owner -> arrival = NONE; arrived = false; departing = false
    :: else
    fi
}
