/*
 * A restore from a backup while nodes still run what the newer state granted them.
 *
 * Three nodes; the group knows those that joined before the backup. A token is generation * 10 + number; nothing but tokens and
 * runs outlives a restore, and it may happen twice. Evidence in normal operation is in the other models: here an owner
 * releases in one step.
 *
 * @guard GenerationFloor in Generations RestoreVerb: the new generation exceeds every one that was ever used.
 * @guard RestoreQuarantine in Restore OwnershipRules: nothing is granted before every node, those added since the backup too, has said what it runs.
 *
 * @reach granted_again: granted to another node after a restore
 * @reach adopted: what runs is its node's again, under a new token
 */
#include "guards.h"
#define N        3
#define NONE     N
#define NUMBERS  3

byte generation = 1, number, owner = NONE; bool member[N];            /* the state */
byte savedNumber, savedOwner = NONE; bool savedMember[N];             /* the backup */
bool quarantine, heard[N];
byte restores, highestGeneration = 1;
byte token[N]; bool runs[N];                                          /* the nodes */
byte highestToken;                                                    /* that any service was ever shown */

#define TOKEN        (generation * 10 + number)
#define ALL_HEARD    (heard[0] && heard[1] && heard[2])
#define MAY_GRANT(n) (quarantine && !NO_RestoreQuarantine -> ALL_HEARD && runs[0] + runs[1] + runs[2] == 0 : owner == NONE)

active [N] proctype Node() {
    byte n = _pid;
end:
    do
    :: d_step { !member[n] && !quarantine && number < NUMBERS -> member[n] = true; number++; printf("node %d joins\n", n) }
    :: d_step { member[n] && number < NUMBERS && MAY_GRANT(n) ->
         owner = n; number++; token[n] = TOKEN; quarantine = false; heard[0] = false; heard[1] = false; heard[2] = false;
         printf("token %d.%d is granted to node %d\n", generation, number, n);
#ifdef REACH_granted_again
         assert(restores == 0);
#endif
         assert(TOKEN > highestToken); highestToken = TOKEN }
    :: d_step { quarantine && ALL_HEARD && runs[n] && runs[0] + runs[1] + runs[2] == 1 && number < NUMBERS ->
         member[n] = true; owner = n; number++; token[n] = TOKEN; quarantine = false; heard[0] = false; heard[1] = false; heard[2] = false;
         printf("node %d keeps it, under token %d.%d\n", n, generation, number);
#ifdef REACH_adopted
         assert(false);
#endif
         assert(TOKEN > highestToken); highestToken = TOKEN }
    :: d_step { token[n] > 0 && !runs[n] -> runs[n] = true; printf("it RUNS on node %d\n", n);
         assert(runs[0] + runs[1] + runs[2] == 1) }
    :: d_step { !quarantine && owner == n && token[n] > 0 ->
         runs[n] = false; token[n] = 0; owner = NONE; printf("node %d releases it\n", n) }
    /* a node that registers with the restored group starts nothing any more under a token that is not in it */
    :: d_step { quarantine && !heard[n] -> heard[n] = true; token[n] = 0; printf("node %d says what it runs\n", n) }
    :: d_step { quarantine && heard[n] && runs[n] -> runs[n] = false; printf("it is stopped on node %d by hand\n", n) }
    od
}

active proctype Administrator() {
    byte n;
end:
    do
    :: d_step { restores == 0 -> savedNumber = number; savedOwner = owner;
         for (n : 0 .. N - 1) { savedMember[n] = member[n] }
         n = 0; printf("a backup is made\n") }
    :: d_step { restores < 2 -> restores++;
         generation = (NO_GenerationFloor -> 2 : highestGeneration + 1); highestGeneration = generation;
         number = savedNumber; owner = savedOwner; quarantine = true;
         for (n : 0 .. N - 1) { member[n] = savedMember[n]; heard[n] = false }
         n = 0; printf("the backup is restored, generation %d\n", generation) }
    od
}
