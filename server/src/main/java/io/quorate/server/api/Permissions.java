package io.quorate.server.api;

import io.quorate.server.api.Caller.Role;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an rpc needs, method by method: default deny, so a method that is not listed cannot be called by anybody. A test
 * walks every service of every plane and fails when a method has no line here.
 */
public final class Permissions {
    /** What a method lets its caller do. Roles for people will be sets of these. */
    public enum Permission {
        /** Look at the state. */
        READ(Set.of(Role.LOCAL, Role.CLIENT)),
        /** Move, drain, pause, clear: nothing that a definition does not already allow. */
        OPERATE(Set.of(Role.LOCAL, Role.CLIENT)),
        /** Switch nodes off, or say that they are. */
        FENCE(Set.of(Role.LOCAL, Role.CLIENT)),
        /** Write definitions: root on every node. */
        DEFINE(Set.of(Role.LOCAL, Role.CLIENT)),
        /** Change the cluster's own membership and levels. */
        ADMINISTER(Set.of(Role.LOCAL, Role.CLIENT)),
        /** Proves itself by a join token in the request. */
        JOIN(Set.of(Role.LOCAL, Role.CLIENT, Role.ANONYMOUS)),
        /** Says no more than that the process serves. */
        PROBE(Set.of(Role.LOCAL, Role.CLIENT, Role.NODE, Role.SERVER, Role.ANONYMOUS)),
        /** The agent plane; the node that a request names must be the certificate's. */
        AGENT(Set.of(Role.LOCAL, Role.NODE, Role.SERVER)),
        /** Between servers. */
        PEER(Set.of(Role.LOCAL, Role.SERVER));

        @SuppressWarnings("ImmutableEnumChecker") // an immutable set
        private final Set<Role> roles;

        Permission(Set<Role> roles) {
            this.roles = roles;
        }

        boolean allows(Role role) {
            return roles.contains(role);
        }
    }

    private static final Map<String, Permission> TABLE = table();

    private Permissions() {}

    /** What {@code fullMethodName}, as in {@code quorate.v1.ClusterService/GetStatus}, needs; empty: nobody may call. */
    public static Optional<Permission> of(String fullMethodName) {
        return Optional.ofNullable(TABLE.get(fullMethodName));
    }

    private static Map<String, Permission> table() {
        Map<String, Permission> table = new TreeMap<>();
        put(table, "quorate.v1.ClusterService", Permission.READ, "GetStatus", "GetSettings", "ListMembers");
        put(table, "quorate.v1.ClusterService", Permission.OPERATE, "TransferLeadership");
        put(table, "quorate.v1.ClusterService", Permission.ADMINISTER, "ReplaceMember", "CreateJoinToken");
        put(table, "quorate.v1.ClusterService", Permission.ADMINISTER, "SetFeatureLevel");
        put(table, "quorate.v1.ClusterService", Permission.JOIN, "JoinCluster");
        put(table, "quorate.v1.NodeService", Permission.READ, "GetNode", "ListNodes", "GetNodeAttribute");
        put(table, "quorate.v1.NodeService", Permission.READ, "ListFenceTickets", "CheckFencing", "ProbeNode");
        put(table, "quorate.v1.NodeService", Permission.OPERATE, "DrainNode", "ResumeNode", "SetNodeAttribute");
        put(table, "quorate.v1.NodeService", Permission.OPERATE, "MaintainNode", "EndNodeMaintenance");
        put(table, "quorate.v1.NodeService", Permission.FENCE, "FenceNode", "ConfirmFence");
        put(table, "quorate.v1.NodeService", Permission.ADMINISTER, "ForgetNode");
        put(table, "quorate.v1.ResourceService", Permission.DEFINE, "ApplyManifests", "DeleteObject");
        put(table, "quorate.v1.ResourceService", Permission.READ, "GetObject", "ListObjects", "ListFailures");
        put(table, "quorate.v1.ResourceService", Permission.READ, "ExplainPlacement", "GetLogs", "CreatePlan");
        put(table, "quorate.v1.ResourceService", Permission.OPERATE, "SetOverride", "ClearOverride", "MoveResource");
        put(
                table,
                "quorate.v1.ResourceService",
                Permission.OPERATE,
                "RestartResource",
                "ClearFailures",
                "ProbeResource");
        put(table, "quorate.v1.OwnershipService", Permission.READ, "GetOwner", "ListOwners", "ValidateToken");
        put(table, "quorate.v1.WatchService", Permission.READ, "WatchState");
        put(table, "quorate.v1.HistoryService", Permission.READ, "ListEvents");
        put(table, "quorate.v1.OperationService", Permission.READ, "GetOperation", "ListOperations", "WaitOperation");
        put(table, "quorate.v1.OperationService", Permission.OPERATE, "CancelOperation");
        put(table, "quorate.v1.TicketService", Permission.READ, "ListTickets");
        // A grant starts what another site may run, a revocation may fence by its constraints' loss policies.
        put(table, "quorate.v1.TicketService", Permission.FENCE, "ChangeTicket");
        put(table, "quorate.v1.MaintenanceService", Permission.OPERATE, "PauseCluster", "ResumeCluster");
        put(table, "quorate.v1.MaintenanceService", Permission.ADMINISTER, "CreateBackup");
        put(table, "quorate.agent.v1.AgentService", Permission.AGENT, "RegisterAgent", "RenewLease", "StreamWork");
        put(table, "quorate.agent.v1.AgentService", Permission.AGENT, "ReportResults", "CheckTicket");
        put(table, "quorate.peer.v1.PeerService", Permission.PEER, "ProposeCommand", "ReadBarrier", "ForwardCall");
        put(table, "quorate.peer.v1.PeerService", Permission.PEER, "IntroduceVoter");
        put(table, "grpc.health.v1.Health", Permission.PROBE, "Check", "List", "Watch");
        put(table, "grpc.reflection.v1.ServerReflection", Permission.READ, "ServerReflectionInfo");
        put(table, "grpc.reflection.v1alpha.ServerReflection", Permission.READ, "ServerReflectionInfo");
        return Map.copyOf(table);
    }

    private static void put(Map<String, Permission> table, String service, Permission permission, String... methods) {
        for (String method : methods) {
            table.put(service + "/" + method, permission);
        }
    }
}
