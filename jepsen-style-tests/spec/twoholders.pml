/*
 * Live migration: from its beginning until the source has stopped two nodes hold the instance, each under a token of its own.
 *
 * The source and the target are modelled; any other node is as quick as can be, as in incarnation.pml. migrate_to takes what
 * runs from the source to the target in one step, at any time after it was begun, and needs no agent. Evidence is a committed
 * stop or a confirmed "off" (its own guards are in incarnation.pml). A target that started anew has another life: nobody is
 * there to stop what arrives, and what its former life held is free when it says that it does not run.
 *
 * @guard TwoHolders in MigrationRules Lives: a new grant needs evidence from both holders.
 * @guard SingleOwner in OwnershipRules: what its source still owns is not granted.
 * @guard OneOp in MemberOperations MemberDesk: a stop counts only when no operation of that instance is left.
 * @guard ProbeFirst in MigrationRules Sightings: what may have been sent after its target had looked is looked for again.
 *
 * @reach migrated: the target owns it after the source has stopped
 * @reach source_fenced: the target owns it because the source was fenced after it had arrived
 * @reach given_up: granted elsewhere after both holders gave evidence
 */
#include "guards.h"

bool source = true, target, arrived, begun, elsewhere;   /* the log: who holds it, whether a migration was ever begun */
bool sourceLost, releaseSource, releaseTarget, mustProbe, targetAnew;
bool sending, done, sourceRuns = true, targetRuns;       /* the nodes */
bool sourcePower = true, targetPower = true;
bool sourceStopped, targetStopped, targetClean, cleanOld; /* reports on their way */

#define NOT_RUNNING assert(!sourceRuns && !targetRuns)

/* The source's part ends: what has arrived is the target's, what has not may still be found there: unless its target
 * is there to stop it and was not told to before now, for then it may have stopped before it got it. */
inline endOfSource() {
    source = false;
    if
    :: target && arrived && !releaseTarget
    :: else -> mustProbe = begun && targetPower && !(target && !targetAnew && !releaseTarget); cleanOld = targetClean
    fi
}

active proctype Nodes() {
end:
    do
    :: d_step { source && target && sourcePower && sourceRuns && !sending && !done && !releaseSource ->
         sending = true; done = true; printf("the source begins migrate_to\n") }
    :: d_step { sending -> sending = false;
         if :: targetPower -> sourceRuns = false; targetRuns = true; printf("it RUNS on the target now\n"); assert(!elsewhere)
            :: else -> printf("migrate_to fails\n") fi }
    :: d_step { source && releaseSource && sourcePower && !sourceStopped ->
         sending = (NO_OneOp && sending); sourceRuns = false; sourceStopped = true;
         printf("the source stops it and reports that\n") }
    :: d_step { target && releaseTarget && targetPower && !targetAnew && !targetStopped ->
         targetRuns = false; targetStopped = true; printf("the target stops it and reports that\n") }
    :: d_step { targetPower && !targetRuns && !targetClean && (targetAnew || mustProbe) ->
         targetClean = true; printf("the target says that it does not run there\n") }
    :: d_step { targetPower && targetRuns && !target && !source -> targetRuns = false; printf("what was found on the target is stopped\n") }
    :: d_step { target && targetPower && !targetAnew -> targetAnew = true; targetRuns = false; targetStopped = false;
         printf("the target boots again and registers, with another life\n") }
    od
}

active proctype Log() {
end:
    do
    :: d_step { source && !target && !begun && !releaseSource -> target = true; begun = true; printf("a migration begins\n") }
    :: d_step { target && !targetAnew && targetRuns && !arrived -> arrived = true; printf("the target reports that it runs\n") }
    :: d_step { source && !releaseSource -> releaseSource = true; printf("the source is to stop\n") }
    :: d_step { target && (!source || releaseSource || sourceLost) && !arrived && !releaseTarget -> releaseTarget = true; printf("the target is to stop\n") }
    :: d_step { target && arrived && !source && !releaseTarget -> releaseTarget = true; printf("the new owner is to stop\n") }
    :: d_step { sourceStopped -> sourceStopped = false; printf("the stop of the source is committed\n");
         if :: source && !sourceLost -> endOfSource() :: else fi;
#ifdef REACH_migrated
         assert(!(target && arrived));
#endif
       }
    :: d_step { targetStopped -> targetStopped = false; target = false; arrived = false;
         printf("the stop of the target is committed\n") }
    :: d_step { targetClean -> targetClean = false; mustProbe = (mustProbe && cleanOld); cleanOld = false;
         printf("what the target said is committed\n");
         if :: targetAnew -> target = false; arrived = false :: else fi }
    :: d_step { source && !sourceLost -> sourceLost = true; printf("the source is declared lost\n") }
    :: d_step { sourceLost && sourcePower && source -> sourcePower = false; sending = false; sourceRuns = false; endOfSource();
         printf("the source is fenced\n");
#ifdef REACH_source_fenced
         assert(!(target && arrived));
#endif
       }
    :: d_step { targetPower && target -> targetPower = false; targetRuns = false; target = false; arrived = false;
         mustProbe = false; targetStopped = false; targetClean = false; printf("the target is fenced\n") }
    :: d_step { !elsewhere && (!source || NO_SingleOwner && releaseSource) && (!target || NO_TwoHolders) && (!mustProbe || NO_ProbeFirst) ->
         elsewhere = true; source = false; target = false; printf("the instance is granted ELSEWHERE and runs there\n");
#ifdef REACH_given_up
         assert(!begun);
#endif
         NOT_RUNNING }
    od
}
