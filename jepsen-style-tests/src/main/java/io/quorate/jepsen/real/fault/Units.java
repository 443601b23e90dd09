package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What hosts do by themselves: one that was switched off is switched on again, and a service that ended is started again, unless
 * its exit code says that somebody must look first, as the units of the operator's guide have it. What a fault holds down stays
 * down. For any thread.
 */
public final class Units implements AutoCloseable {
    /** RestartPreventExitStatus of the guide's units. */
    private static final Set<Integer> STAYS_DOWN = Set.of(2, 6, 70);

    private static final long LOOK_MILLIS = 200;
    private static final long BOOT_MILLIS = 3_000;
    private static final long END_MILLIS = 60_000;

    private final Lab lab;
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final Set<String> mayStop = ConcurrentHashMap.newKeySet();
    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private final Set<Daemon> reported = ConcurrentHashMap.newKeySet();
    private final List<String> unexpected = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    /** Begins. */
    public Units(Lab lab) {
        this.lab = lab;
        this.thread = new Thread(this::mind, "units");
        thread.setDaemon(true);
        thread.start();
    }

    private static String unit(Host host, String service) {
        return host.name() + "/" + service;
    }

    /** The host stays off while it is off. */
    void hold(Host host) {
        held.add(host.name());
    }

    void release(Host host) {
        held.remove(host.name());
    }

    void hold(Host host, String service) {
        held.add(unit(host, service));
    }

    void release(Host host, String service) {
        held.remove(unit(host, service));
    }

    boolean isHeld(Host host, String service) {
        return held.contains(host.name()) || held.contains(unit(host, service));
    }

    /** From now on services of the host may stop for good, and stay down: a fault gives them reason to. */
    void mayStop(Host host) {
        mayStop.add(host.name());
        down.add(host.name());
    }

    /** Somebody has looked, and starts what has stopped for good. */
    void startStopped(Host host) {
        down.remove(host.name());
    }

    /** A new run begins, in which nothing has reason to stop for good. */
    public void begin() {
        mayStop.clear();
        reported.clear();
    }

    /** Services that stopped for good without a reason, since the last call. */
    public List<String> unexpected() {
        List<String> all = List.copyOf(unexpected);
        unexpected.clear();
        return all;
    }

    private void mind() {
        while (!closed) {
            for (Host host : lab.hosts()) {
                try {
                    mind(host);
                } catch (LabException e) {
                    if (!closed) {
                        unexpected.add(host.name() + ": " + e.getMessage());
                    }
                }
            }
            Await.pause(LOOK_MILLIS);
        }
    }

    private void mind(Host host) {
        if (!host.hasPower() || !host.isOn()) {
            if (!held.contains(host.name())) {
                Await.pause(BOOT_MILLIS);
                if (!closed && !held.contains(host.name())) {
                    host.powerOff();
                    host.powerOn();
                }
            }
            return;
        }
        for (String service : host.enabled()) {
            Optional<Daemon> daemon = host.lastDaemon(service);
            if (daemon.isPresent()
                    && !daemon.get().isAlive()
                    && !isHeld(host, service)
                    && mayStart(host, service, daemon.get())) {
                restart(host, service);
            }
        }
    }

    private boolean mayStart(Host host, String service, Daemon daemon) {
        int code = daemon.exitCode().orElse(0);
        boolean stays = STAYS_DOWN.contains(code);
        if (stays && !mayStop.contains(host.name()) && reported.add(daemon)) {
            unexpected.add(unit(host, service) + " stopped for good with exit code " + code);
        }
        return !stays || !down.contains(host.name());
    }

    private static void restart(Host host, String service) {
        try {
            host.start(service);
        } catch (LabException e) {
            if (host.isOn()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
