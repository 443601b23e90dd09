package io.quorate.server.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.config.ConfigException;
import io.quorate.server.raft.StartRefusedException;
import io.quorate.server.tls.TlsException;
import io.quorate.statemachine.snapshot.SnapshotException;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A verb that works on this host; its known failures are told in one line and have exit codes. */
abstract class HostVerb implements Callable<Integer> {
    private final CliContext context;

    HostVerb(CliContext context) {
        this.context = context;
    }

    final CliContext context() {
        return context;
    }

    /** Does it; returns the exit code. */
    abstract int run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        try {
            return run();
        } catch (ConfigException | IllegalArgumentException e) {
            return failed(e, ExitCodes.USAGE);
        } catch (TlsException | StartRefusedException | SnapshotException e) {
            return failed(e, ExitCodes.REFUSED);
        } catch (IOException e) {
            return failed(e, ExitCodes.ERROR);
        }
    }

    private int failed(Exception failure, int code) {
        String message = failure.getMessage();
        context.err().println("error: " + (message == null ? failure.toString() : message));
        return code;
    }

    final void say(String line) {
        context.out().println(line);
        context.out().flush();
    }
}
