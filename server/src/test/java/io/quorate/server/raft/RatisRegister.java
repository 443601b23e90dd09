package io.quorate.server.raft;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/** A register on bare Ratis, read through its own option LINEARIZABLE: what this project must not do. */
final class RatisRegister implements RegisterProcess.Register {

    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final RaftServer server;
    private final RaftServer.Division division;
    private volatile String value = "0";

    RatisRegister(Path directory, int port) throws Exception {
        MemberIdentity identity = DataDirectory.identityOf(directory);
        RaftGroup group = Peers.group(identity);
        RaftProperties properties = RegisterProcess.SETTINGS.properties(directory.resolve("raft"), "127.0.0.1", port);
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        this.server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(identity.memberId()))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachine(new Machine())
                .setProperties(properties)
                .build();
        this.division = server.getDivision(group.getGroupId());
        server.start();
    }

    private final class Machine extends BaseStateMachine {
        @Override
        public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
            var entry = java.util.Objects.requireNonNull(transaction.getLogEntry());
            value = entry.getStateMachineLogEntry().getLogData().toStringUtf8();
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(Message.EMPTY);
        }

        @Override
        public CompletableFuture<Message> query(Message request) {
            return CompletableFuture.completedFuture(Message.valueOf(value));
        }
    }

    @Override
    public boolean leads() {
        return division.getInfo().isLeaderReady();
    }

    @Override
    public void write(String newValue) throws Exception {
        submit(RaftClientRequest.writeRequestType(), newValue);
    }

    @Override
    public String read() throws Exception {
        return submit(RaftClientRequest.readRequestType(), "")
                .getMessage()
                .getContent()
                .toString(StandardCharsets.UTF_8);
    }

    private RaftClientReply submit(RaftClientRequest.Type type, String content) throws Exception {
        RaftClientReply reply = server.submitClientRequestAsync(RaftClientRequest.newBuilder()
                        .setClientId(clientId)
                        .setServerId(server.getId())
                        .setGroupId(division.getGroup().getGroupId())
                        .setCallId(callIds.incrementAndGet())
                        .setMessage(Message.valueOf(content))
                        .setType(type)
                        .build())
                .get(2, TimeUnit.SECONDS);
        if (!reply.isSuccess()) {
            throw new IllegalStateException(String.valueOf(reply.getException()));
        }
        return reply;
    }
}
