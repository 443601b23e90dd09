/*
 * Lives of a node: registration, reboot, re-attachment, fencing, people, operations that outlive their agent. No clocks.
 *
 * One exclusive instance and one node name, which a second machine may claim as well. Any other node is as quick as can be:
 * what is granted there runs there at once, for ever. Reports, "off" read backs and a person's word arrive at any later time. An
 * agent that dies forgets what it stopped; the instance and an operation under way go on without it. A device's "off" and a
 * person's "I pulled its plug" are the truth of the moment in which they were read (but for FenceContradicted).
 *
 * @guard Evidence in OwnershipRules: silence alone frees nothing that is exclusive.
 * @guard OwnerIncarnation in OwnershipRules WorkSets: only the life that was granted it may start it.
 * @guard Incarnation in NodeGuards: reports of an earlier life, or an earlier agent process of this one (Session), are refused.
 * @guard NoRegrant in Lives Invariants: a token whose stop is committed is nobody's any more.
 * @guard OneOp in MemberOperations MemberDesk ProbeDesk: a stop or a probe counts only when no operation is left.
 * @guard StopEmpty in OwnershipRules MemberOperations: a stop counts only when nothing runs afterwards.
 * @guard SameMachine in NodeRules: a name belongs to one machine.
 * @guard JoinClean in NodeRules: a former life's things are free only when its node says that they do not run.
 * @guard FencedIncarnation in FenceRules Lives: a confirmation frees only what its own life owned.
 * @guard TicketFresh in NodeRules OrderDesk AgentCalls: who switches asks just before, so that no later life is switched off.
 * @guard FenceContradicted in FenceRules FenceCoordinator: "off" of a node that still gives signs of life frees nothing.
 *
 * @reach released: granted elsewhere after a stop
 * @reach fenced: granted elsewhere after a device's "off"
 * @reach confirmed: granted elsewhere after a person's word
 * @reach rebooted: granted elsewhere because the same machine came back in another boot (what Rebooted is for)
 * @reach same_boot: granted elsewhere because a given up node came back in the same boot and had stopped all
 * @reach reattached: the same life goes on with its token after its agent died
 */
#include "guards.h"
#define MACHINES 2
#define LIVES    3
#define TOKENS   2

mtype = { NEVER, JOINING, UP, LOST, OFF };
mtype = { IDLE, OURS, ORPHANED };
mtype = { NOTHING, RELEASED, FENCED, CONFIRMED, REBOOTED, SAME_BOOT };

/* the log */
mtype phase = NEVER;
byte life, bootId, machine = MACHINES;     /* of the node's present life */
bool owned, stopCommitted, elsewhere;
byte ownerLife, token;
bool provable, sameBoot;                   /* how the owner's life ended, once another one began */
bool ticket; byte ticketLife;
/* on their way */
byte stopReport; bool stopOld;             /* its token; whether another agent process registered since */
bool clean, cleanOld;                      /* "it does not run here" */
byte off, personOff;                       /* the life of which a device or a person says that it is off */
/* the machines */
bool power[MACHINES] = true, runs[MACHINES];
mtype operation[MACHINES] = IDLE;  /* a start under way */
byte boots[MACHINES] = 1, agent[MACHINES], seen[MACHINES], stopped[MACHINES];

#define BOOT_ID(m)   (m * 4 + boots[m])
#define IN_CONTACT   (phase == JOINING || phase == UP)
#define DONE(m)      (operation[m] == IDLE || NO_OneOp && operation[m] == ORPHANED)

#ifdef REACH_released
#define REACHED RELEASED
#endif
#ifdef REACH_fenced
#define REACHED FENCED
#endif
#ifdef REACH_confirmed
#define REACHED CONFIRMED
#endif
#ifdef REACH_rebooted
#define REACHED REBOOTED
#endif
#ifdef REACH_same_boot
#define REACHED SAME_BOOT
#endif
#ifndef REACHED
#define REACHED NOTHING
#endif

inline free(why) {
    owned = false; ownerLife = 0; provable = false; sameBoot = false;
    assert(why != REACHED)
}

inline agentDies(m) {
    agent[m] = 0; seen[m] = 0; stopped[m] = 0;
    if :: operation[m] == OURS -> operation[m] = ORPHANED :: else fi
}

inline powerOff(m) {
    agentDies(m); power[m] = false; runs[m] = false; operation[m] = IDLE
}

inline beginLife(m) {
    if
    :: owned && ownerLife == life -> sameBoot = (bootId == BOOT_ID(m)); provable = !sameBoot
    :: else
    fi;
    life++; phase = JOINING
}

active [MACHINES] proctype Machine() {
    byte m = _pid;
end:
    do
    :: d_step { power[m] && agent[m] == 0 && (machine == MACHINES || machine == m || NO_SameMachine) && (life < LIVES || bootId == BOOT_ID(m) && phase != OFF && !ticket) ->
         if
         :: bootId == BOOT_ID(m) && phase != OFF && !ticket -> phase = JOINING;
              printf("machine %d re-attaches to life %d\n", m, life);
#ifdef REACH_reattached
              assert(!(owned && ownerLife == life && runs[m]));
#endif
         :: else -> beginLife(m); printf("machine %d registers, life %d\n", m, life)
         fi;
         bootId = BOOT_ID(m); machine = m; agent[m] = life; ticket = false; ticketLife = (NO_TicketFresh -> ticketLife : 0);
         stopOld = (stopReport > 0); cleanOld = clean }
    :: d_step { agent[m] > 0 && agent[m] == life && machine == m && IN_CONTACT ->
         seen[m] = (owned && (ownerLife == life || NO_OwnerIncarnation) -> token : 0);
         printf("machine %d is told token %d\n", m, seen[m]) }
    :: d_step { agent[m] > 0 && seen[m] > stopped[m] && !runs[m] && operation[m] == IDLE ->
         operation[m] = OURS; printf("machine %d begins to start it\n", m) }
    :: d_step { operation[m] != IDLE -> operation[m] = IDLE; runs[m] = true;
         printf("machine %d: it RUNS\n", m); assert(!elsewhere && !(runs[0] && runs[1])) }
    :: d_step { agent[m] > 0 && (DONE(m) || !NO_OneOp) && (runs[m] || seen[m] > 0 || operation[m] != IDLE) && stopReport == 0 ->
         runs[m] = false; operation[m] = (NO_OneOp -> operation[m] : IDLE);
         stopReport = seen[m]; stopped[m] = (seen[m] > 0 -> seen[m] : stopped[m]); seen[m] = 0;
         printf("machine %d stops it and reports token %d\n", m, stopReport) }
    :: d_step { NO_StopEmpty && agent[m] > 0 && runs[m] && seen[m] > 0 && stopReport == 0 ->
         stopReport = seen[m]; stopped[m] = seen[m]; seen[m] = 0;
         printf("machine %d: the stop of token %d says OK, and it still runs\n", m, stopReport) }
    :: d_step { agent[m] > 0 && agent[m] == life && machine == m && !clean && !runs[m] && seen[m] == 0 && DONE(m) ->
         clean = true; printf("machine %d says that it does not run here\n", m) }
    :: d_step { agent[m] > 0 -> agentDies(m); printf("machine %d: its agent dies\n", m) }
    :: d_step { power[m] -> powerOff(m); printf("machine %d loses its power\n", m) }
    :: d_step { !power[m] && boots[m] < 2 -> power[m] = true; boots[m]++; printf("machine %d boots again\n", m) }
    od
}

active proctype Log() {
end:
    do
    :: d_step { !owned && !elsewhere && phase == UP && token < TOKENS ->
         owned = true; ownerLife = life; token++; printf("token %d is granted to life %d\n", token, life) }
    :: d_step { !elsewhere && token > 0 && (!owned || stopCommitted) -> owned = false; elsewhere = true;
         if :: stopCommitted -> owned = true /* what NoRegrant forbids */ :: else fi;
         printf("the instance is granted ELSEWHERE and runs there\n"); assert(!runs[0] && !runs[1]) }
    :: d_step { stopReport > 0 ->
         printf("the stop of token %d is committed\n", stopReport);
         if
         :: owned && token == stopReport && (!stopOld && IN_CONTACT && ownerLife == life || NO_Incarnation) ->
              if :: NO_NoRegrant -> stopCommitted = true :: else -> free(RELEASED) fi
         :: else
         fi;
         stopReport = 0; stopOld = false }
    :: d_step { clean ->
         printf("what the node does not run is committed\n");
         if
         :: !cleanOld && IN_CONTACT -> phase = UP; if
              :: owned && ownerLife != life && provable -> free(REBOOTED)
              :: owned && ownerLife != life && sameBoot -> free(SAME_BOOT)
              :: else
              fi
         :: else
         fi;
         clean = false; cleanOld = false }
    :: d_step { phase == JOINING && (owned && ownerLife == life) -> phase = UP; printf("the node is up with what it owns\n") }
    :: d_step { NO_JoinClean && phase == JOINING && owned && ownerLife != life && (provable || sameBoot) ->
         phase = UP; free(SAME_BOOT); printf("the node is up, and what its former life owned is free\n") }
    :: d_step { IN_CONTACT -> phase = LOST; printf("the node is declared lost\n") }
    :: d_step { NO_Evidence && phase == LOST && owned -> free(LOST); printf("freed by silence alone\n") }
    od
}

active proctype Fencing() {
end:
    do
    :: d_step { phase == LOST && !ticket && off == 0 -> ticket = true; ticketLife = life;
         printf("life %d is to be fenced\n", life) }
    :: d_step { ticketLife > 0 && (ticket || NO_TicketFresh) && off == 0 && machine < MACHINES ->
         printf("the device switches machine %d off, for life %d\n", machine, ticketLife);
         assert(ticketLife == life || !power[machine]);
         powerOff(machine); off = ticketLife }
    :: d_step { NO_FenceContradicted && ticket && off == 0 && power[machine] ->
         off = ticketLife; printf("the device says \"off\", and life %d still answers\n", ticketLife) }
    :: d_step { off > 0 ->
         printf("\"off\" of life %d is committed\n", off);
         if
         :: ticket || NO_TicketFresh ->
              if :: owned && (ownerLife == off || NO_FencedIncarnation) -> free(FENCED) :: else fi;
              if :: life == off -> phase = OFF :: else fi;
              ticket = false; ticketLife = 0
         :: else
         fi;
         off = 0 }
    :: d_step { personOff == 0 && phase == LOST && !power[machine] -> personOff = life;
         printf("a person sees that machine %d is off\n", machine) }
    :: d_step { personOff > 0 && (phase == LOST || life != personOff) -> /* another life that still owns something may be named */
         printf("a person confirms that life %d is off\n", personOff);
         if :: owned && (ownerLife == personOff || NO_FencedIncarnation) -> free(CONFIRMED) :: else fi;
         if :: life == personOff -> phase = OFF; ticket = false; ticketLife = 0 :: else fi;
         personOff = 0 }
    od
}
