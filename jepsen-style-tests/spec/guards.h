/* -DNO_Guard takes a guard out of the models; every guard that is not taken out is in. */
#ifndef NO_Confirmed
#define NO_Confirmed 0
#endif
#ifndef NO_ConfirmedToken
#define NO_ConfirmedToken 0
#endif
#ifndef NO_LeaseWait
#define NO_LeaseWait 0
#endif
#ifndef NO_NewLeader
#define NO_NewLeader 0
#endif
#ifndef NO_PetFresh
#define NO_PetFresh 0
#endif
#ifndef NO_ReadSet
#define NO_ReadSet 0
#endif
#ifndef NO_Revoke
#define NO_Revoke 0
#endif
#ifndef NO_StopAck
#define NO_StopAck 0
#endif
#ifndef NO_TermBound
#define NO_TermBound 0
#endif
#ifndef NO_Tombstone
#define NO_Tombstone 0
#endif
