package io.quorate.server.api;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Map;
import java.util.Set;

/** Holds every request to {@link PlaneLimits#REQUEST_BYTES}, but an apply and the plan of one. */
final class RequestSizeLimit implements ServerInterceptor {
    private static final Set<String> WITH_MANIFESTS =
            Set.of("quorate.v1.ResourceService/ApplyManifests", "quorate.v1.ResourceService/CreatePlan");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        if (WITH_MANIFESTS.contains(call.getMethodDescriptor().getFullMethodName())) {
            return listener;
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            private boolean refused;

            @Override
            public void onMessage(Q message) {
                if (message instanceof MessageLite sized && sized.getSerializedSize() > PlaneLimits.REQUEST_BYTES) {
                    refused = true;
                    var failure = ErrorMapper.toStatus(
                            new ApiException(
                                    Status.Code.RESOURCE_EXHAUSTED,
                                    "TOO_LARGE",
                                    "the request is larger than " + PlaneLimits.REQUEST_BYTES + " bytes",
                                    Map.of()),
                            "",
                            "");
                    Metadata trailers = failure.getTrailers();
                    call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
                    return;
                }
                super.onMessage(message);
            }

            @Override
            public void onHalfClose() {
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }
}
