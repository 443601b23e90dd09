/* -DNO_ with the name of a guard takes that guard out of the models; every guard that is not taken out is in. */
#ifndef NO_Confirmed
#define NO_Confirmed 0
#endif
#ifndef NO_ConfirmedToken
#define NO_ConfirmedToken 0
#endif
#ifndef NO_Evidence
#define NO_Evidence 0
#endif
#ifndef NO_FenceContradicted
#define NO_FenceContradicted 0
#endif
#ifndef NO_FencedIncarnation
#define NO_FencedIncarnation 0
#endif
#ifndef NO_GenerationFloor
#define NO_GenerationFloor 0
#endif
#ifndef NO_Incarnation
#define NO_Incarnation 0
#endif
#ifndef NO_JoinClean
#define NO_JoinClean 0
#endif
#ifndef NO_LeaseWait
#define NO_LeaseWait 0
#endif
#ifndef NO_NewLeader
#define NO_NewLeader 0
#endif
#ifndef NO_NoRegrant
#define NO_NoRegrant 0
#endif
#ifndef NO_OneOp
#define NO_OneOp 0
#endif
#ifndef NO_OwnerIncarnation
#define NO_OwnerIncarnation 0
#endif
#ifndef NO_PetFresh
#define NO_PetFresh 0
#endif
#ifndef NO_ProbeFirst
#define NO_ProbeFirst 0
#endif
#ifndef NO_PromotionEndsFirst
#define NO_PromotionEndsFirst 0
#endif
#ifndef NO_PromotionIsOwned
#define NO_PromotionIsOwned 0
#endif
#ifndef NO_ReadSet
#define NO_ReadSet 0
#endif
#ifndef NO_RestoreQuarantine
#define NO_RestoreQuarantine 0
#endif
#ifndef NO_Revoke
#define NO_Revoke 0
#endif
#ifndef NO_SameMachine
#define NO_SameMachine 0
#endif
#ifndef NO_SingleOwner
#define NO_SingleOwner 0
#endif
#ifndef NO_StopAck
#define NO_StopAck 0
#endif
#ifndef NO_StopEmpty
#define NO_StopEmpty 0
#endif
#ifndef NO_TermBound
#define NO_TermBound 0
#endif
#ifndef NO_TicketFresh
#define NO_TicketFresh 0
#endif
#ifndef NO_Tombstone
#define NO_Tombstone 0
#endif
#ifndef NO_TwoHolders
#define NO_TwoHolders 0
#endif
