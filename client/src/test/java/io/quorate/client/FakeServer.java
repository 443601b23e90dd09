package io.quorate.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quorate.v1.Position;
import io.quorate.v1.ResponseHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A server on loopback whose methods a test writes one by one; a method that it has not is UNIMPLEMENTED. */
public final class FakeServer implements AutoCloseable {
    private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();
    private final List<Message> requests = new CopyOnWriteArrayList<>();
    private final Server server;

    public FakeServer() {
        this(0);
    }

    /** @param port 0: one that is free */
    public FakeServer(int port) {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .fallbackHandlerRegistry(new HandlerRegistry() {
                        @Override
                        public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                            return methods.get(name);
                        }
                    })
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Serves a whole service too. */
    public FakeServer with(BindableService service) {
        service.bindService()
                .getMethods()
                .forEach(method -> methods.put(method.getMethodDescriptor().getFullMethodName(), method));
        return this;
    }

    /** What a call, unary or server streaming, does. */
    public <Q extends Message, R> FakeServer on(
            MethodDescriptor<Q, R> method, BiConsumer<Q, StreamObserver<R>> handler) {
        BiConsumer<Q, StreamObserver<R>> recorded = (request, observer) -> {
            requests.add(request);
            handler.accept(request, observer);
        };
        methods.put(
                method.getFullMethodName(),
                ServerMethodDefinition.create(
                        method,
                        method.getType() == MethodDescriptor.MethodType.UNARY
                                ? ServerCalls.asyncUnaryCall(recorded::accept)
                                : ServerCalls.asyncServerStreamingCall(recorded::accept)));
        return this;
    }

    /** A call that answers at once; what the function throws is its failure. */
    public <Q extends Message, R> FakeServer answer(MethodDescriptor<Q, R> method, Function<Q, R> handler) {
        return on(method, (request, observer) -> {
            R answer;
            try {
                answer = handler.apply(request);
            } catch (StatusRuntimeException e) {
                observer.onError(e);
                return;
            }
            observer.onNext(answer);
            observer.onCompleted();
        });
    }

    /** All requests of a type, in order. */
    public <Q extends Message> List<Q> requests(Class<Q> type) {
        return requests.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public Endpoint endpoint() {
        return new Endpoint("127.0.0.1", server.getPort());
    }

    /** As if the process were killed: every connection breaks. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            boolean unused = server.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Breaks the connections without waiting, for use inside a handler. */
    public void kill() {
        server.shutdownNow();
    }

    /** A failure as the servers send it; metadata as key, value, key, value. */
    public static StatusRuntimeException failure(Status.Code code, String reason, String message, String... metadata) {
        ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain("quorate").setReason(reason);
        for (int i = 0; i < metadata.length; i += 2) {
            info.putMetadata(metadata[i], metadata[i + 1]);
        }
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(Any.pack(info.build()))
                .build());
    }

    public static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId("c1")
                .setPosition(position(revision))
                .setLeader("n1-7f3a")
                .setAnsweredBy("n1-7f3a")
                .build();
    }

    public static Position position(long revision) {
        return Positions.of(1, revision);
    }
}
