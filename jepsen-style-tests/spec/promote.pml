/*
 * A promotable clone: a copy runs on each node, and one of them at most is promoted.
 *
 * As in incarnation.pml every other node is as quick as can be: what it is granted, it has promoted at once. Our node's copy is an
 * ownership, and its promotion another one, with its own token, tied to the copy's. Lives and fencing are in incarnation.pml;
 * fencing here is one step.
 *
 * @guard PromotionIsOwned in CloneGuards PromotionRules Lives: a promotion is an ownership with a token of its own.
 * @guard PromotionEndsFirst in CloneGuards PromotionRules: a copy is demoted before it is stopped or restarted.
 * @guard StopEmpty in OwnershipRules MemberOperations: a demote counts only when a monitor says so.
 * @guard Tombstone in Reconciler InstanceTable: a promotion that was ended is not begun again under its token.
 *
 * @reach demoted: promoted elsewhere after a demote
 * @reach fenced: promoted elsewhere after the node was fenced
 * @reach twice: our node is promoted under its second token
 */
#include "guards.h"
#define TOKENS 2

bool promotionOwned, copyOwned = true, elsewhere, lost;   /* the log */
byte token;
bool power = true, runs = true, promoted;                /* our node */
byte seen, demoted, demoteReport, learnt;
bool stopReport;
#ifdef REACH_fenced
#define FENCED assert(!promoted)
#else
#define FENCED skip
#endif

active proctype Agent() {
end:
    do
    :: d_step { power && !lost && learnt == 0 && promotionOwned -> learnt = token; printf("an answer with token %d is on its way\n", token) }
    :: d_step { power && learnt > 0 -> seen = learnt; learnt = 0; printf("the node is told token %d\n", seen) }
    :: d_step { power && runs && !promoted && seen > 0 && (NO_Tombstone || seen > demoted) ->
         promoted = true; printf("the node PROMOTES its copy under token %d\n", seen);
#ifdef REACH_twice
         assert(seen < 2);
#endif
         assert(!elsewhere) }
    :: d_step { power && seen > 0 && demoteReport == 0 ->
         promoted = false; demoted = seen; demoteReport = seen; seen = 0;
         printf("the node demotes its copy and reports token %d\n", demoted) }
    :: d_step { NO_StopEmpty && power && seen > 0 && promoted && demoteReport == 0 ->
         demoted = seen; demoteReport = seen; seen = 0;
         printf("demote says OK, and the copy is still promoted\n") }
    /* the copy's own processes end, but what made it promoted (a role that others see, an address) is taken back by demote only */
    :: d_step { power && runs && !stopReport && (NO_PromotionEndsFirst || !promoted && seen == 0) ->
         runs = false; stopReport = true; printf("the node stops its copy\n") }
    od
}

active proctype Log() {
end:
    do
    :: d_step { !promotionOwned && !elsewhere && copyOwned && !lost && token < TOKENS ->
         promotionOwned = true; token++; printf("promotion %d is granted to the node\n", token) }
    :: d_step { !elsewhere && token > 0 && (!promotionOwned || NO_PromotionIsOwned) ->
         promotionOwned = false; elsewhere = true;
         printf("the promotion is granted ELSEWHERE and is there\n"); assert(!promoted) }
    :: d_step { demoteReport > 0 ->
         printf("the demote of token %d is committed\n", demoteReport);
         if
         :: promotionOwned && demoteReport == token && !lost -> promotionOwned = false;
#ifdef REACH_demoted
              assert(false);
#endif
         :: else
         fi;
         demoteReport = 0 }
    :: d_step { stopReport -> stopReport = false; copyOwned = false; promotionOwned = false;
         printf("the stop of the copy is committed; its promotion ends with it\n") }
    :: d_step { !lost -> lost = true; printf("the node is declared lost\n") }
    :: d_step { lost && power -> FENCED; power = false; runs = false; promoted = false; copyOwned = false; promotionOwned = false;
         printf("the node is fenced\n") }
    od
}
