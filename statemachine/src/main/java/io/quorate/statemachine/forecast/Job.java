package io.quorate.statemachine.forecast;

import io.quorate.log.v1.Command;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.statemachine.model.Migrations;

/**
 * Something that an agent, or the leader's clock, does by itself once it has been told. The key names it for as long as it
 * is the same job.
 */
sealed interface Job {
    String key();

    /** The instance that it is about; empty for others. */
    default String instance() {
        return "";
    }

    /** The owner starts the members, after a grant or a restart. */
    record Start(InstanceRow row) implements Job {
        @Override
        public String key() {
            return "start " + row.getId() + " " + row.getOwnership().getToken().getNumber() + " "
                    + row.getRecover().getRevision();
        }

        @Override
        public String instance() {
            return row.getId();
        }
    }

    /** The owner stops everything and gives it back. */
    record Stop(InstanceRow row) implements Job {
        @Override
        public String key() {
            return "stop " + row.getId() + " " + row.getOwnership().getToken().getNumber();
        }

        @Override
        public String instance() {
            return Migrations.serviceId(row);
        }
    }

    /** The source of a live migration sends what runs to its target. */
    record Send(InstanceRow row) implements Job {
        @Override
        public String key() {
            return "send " + row.getId() + " "
                    + row.getOwnership().getDeparture().getToken().getNumber();
        }

        @Override
        public String instance() {
            return row.getId();
        }
    }

    /** The target of a live migration takes over what was sent. */
    record Arrive(InstanceRow row) implements Job {
        @Override
        public String key() {
            return "arrive " + row.getId() + " " + row.getOwnership().getToken().getNumber();
        }

        @Override
        public String instance() {
            return Migrations.serviceId(row);
        }
    }

    /** The lease of a lost owner runs out: a bestEffort unit is free then. */
    record Lease(InstanceRow row) implements Job {
        @Override
        public String key() {
            return "lease " + row.getId() + " " + row.getOwnership().getToken().getNumber();
        }

        @Override
        public String instance() {
            return Migrations.serviceId(row);
        }
    }

    /** A node says of instances that it does not run them. */
    record Probe(NodeRow node, Command.Builder answers, String about) implements Job {
        @Override
        public String key() {
            return "probe " + node.getName() + " " + about;
        }
    }

    /** A node that registered has looked at everything, and is up. */
    record Join(NodeRow node, Command.Builder answers) implements Job {
        @Override
        public String key() {
            return "join " + node.getName() + " " + node.getSession();
        }
    }

    /** Another node switches one off and reads it back. */
    record Fence(FenceTicketRow ticket, NodeRow executor) implements Job {
        @Override
        public String key() {
            return "fence " + ticket.getId();
        }
    }
}
