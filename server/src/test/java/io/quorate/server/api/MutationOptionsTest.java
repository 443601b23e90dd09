package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.quorate.server.FreePorts;
import io.quorate.v1.MutationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a mutation's options ask for is done or refused, never ignored, whichever rpc it is. */
class MutationOptionsTest {
    @Test
    void aPlanIsRefusedByEveryMutation() throws Exception {
        try (ServersFixture fixture = new ServersFixture()) {
            int nodePort = FreePorts.next();
            LocalRaft raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", nodePort)));
            GrpcServers servers = fixture.start(raft, raft, new SilentLeader(), nodePort, Optional.empty());
            List<String> refused = new ArrayList<>();
            for (Server server : servers.servers()) {
                for (var service : server.getServices()) {
                    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                        planned(method.getMethodDescriptor()).ifPresent(request -> {
                            StatusRuntimeException failure = refusal(fixture, servers, method, request);
                            assertThat(failure)
                                    .as(method.getMethodDescriptor().getFullMethodName())
                                    .isNotNull();
                            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                            assertThat(failure).hasMessageContaining("plan_id");
                            refused.add(method.getMethodDescriptor().getBareMethodName());
                        });
                    }
                }
            }
            assertThat(refused).contains("ApplyManifests", "ConfirmFence", "TransferLeadership", "SetOverride");
            assertThat(refused).hasSizeGreaterThan(18);
        }
    }

    /** A request of this method that names a plan; empty when it is no mutation. */
    private static Optional<Message> planned(MethodDescriptor<?, ?> method) {
        if (!(method.getRequestMarshaller() instanceof MethodDescriptor.PrototypeMarshaller<?> marshaller)
                || !(marshaller.getMessagePrototype() instanceof Message prototype)) {
            return Optional.empty();
        }
        FieldDescriptor field = prototype.getDescriptorForType().findFieldByName("options");
        boolean mutation = field != null
                && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType().equals(MutationOptions.getDescriptor());
        return mutation
                ? Optional.of(prototype
                        .newBuilderForType()
                        .setField(
                                field,
                                MutationOptions.newBuilder().setPlanId("p1").build())
                        .build())
                : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    private static StatusRuntimeException refusal(
            ServersFixture fixture, GrpcServers servers, ServerMethodDefinition<?, ?> method, Message request) {
        MethodDescriptor<Message, Message> descriptor =
                (MethodDescriptor<Message, Message>) method.getMethodDescriptor();
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        fixture.plaintext(servers.apiPort()), descriptor, CallOptions.DEFAULT, request));
    }
}
