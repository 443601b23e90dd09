package io.quorate.bench;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Three etcd processes on loopback with their own defaults; the client speaks with the leader. */
final class EtcdTarget implements Target {
    private static final Duration READY_WITHIN = Duration.ofSeconds(30);

    private final ServerProcesses processes = new ServerProcesses();
    private final List<Long> pids = new ArrayList<>();
    private final ManagedChannel channel;

    EtcdTarget(Path binary, Path dir) throws IOException, InterruptedException {
        List<Integer> ports = ServerProcesses.freePorts(6);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            peers.add("e" + i + "=http://127.0.0.1:" + ports.get(3 + i));
        }
        for (int i = 0; i < 3; i++) {
            String client = "http://127.0.0.1:" + ports.get(i);
            String peer = "http://127.0.0.1:" + ports.get(3 + i);
            Process process = processes.start(
                    dir.resolve("e" + i + ".log"),
                    List.of(
                            binary.toString(),
                            "--name=e" + i,
                            "--data-dir=" + dir.resolve("e" + i),
                            "--listen-client-urls=" + client,
                            "--advertise-client-urls=" + client,
                            "--listen-peer-urls=" + peer,
                            "--initial-advertise-peer-urls=" + peer,
                            "--initial-cluster=" + String.join(",", peers),
                            "--logger=zap",
                            "--log-level=error"));
            pids.add(process.pid());
        }
        try {
            channel = leader(ports.subList(0, 3));
        } catch (IllegalStateException e) {
            processes.close();
            throw e;
        }
    }

    private static ManagedChannel leader(List<Integer> ports) throws InterruptedException {
        return Await.answer("etcd: a leader", READY_WITHIN, () -> {
            for (int port : ports) {
                ManagedChannel candidate = Channels.open(port);
                try {
                    byte[] status = ClientCalls.blockingUnaryCall(
                            candidate,
                            EtcdWire.STATUS,
                            CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS),
                            new byte[0]);
                    if (EtcdWire.leads(status)) {
                        return candidate;
                    }
                    candidate.shutdownNow();
                } catch (RuntimeException e) {
                    candidate.shutdownNow();
                    throw e;
                }
            }
            return null;
        });
    }

    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public List<Long> pids() {
        return pids;
    }

    private ListenableFuture<byte[]> call(MethodDescriptor<byte[], byte[]> method, byte[] request) {
        return ClientCalls.futureUnaryCall(channel.newCall(method, CallOptions.DEFAULT), request);
    }

    @Override
    public ListenableFuture<?> commit(int key, String value) {
        return call(EtcdWire.PUT, EtcdWire.put("key-" + key, value));
    }

    @Override
    public ListenableFuture<?> read(int key) {
        return Futures.transform(
                call(EtcdWire.RANGE, EtcdWire.range("key-" + key)),
                answer -> {
                    if (EtcdWire.count(answer) != 1) {
                        throw new IllegalStateException("key-" + key + " is missing");
                    }
                    return answer;
                },
                MoreExecutors.directExecutor());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        processes.close();
    }
}
