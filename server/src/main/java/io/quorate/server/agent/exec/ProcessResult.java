package io.quorate.server.agent.exec;

import java.time.Duration;

/**
 * How a process ended.
 *
 * @param exitCode its exit code, 128 + n after signal n; meaningless when timedOut
 * @param timedOut it was killed at its timeout
 * @param output the first bytes of its output, at most {@link ProcessRunner#OUTPUT_LIMIT_BYTES}
 * @param tail the last bytes of its output as text, at most {@link ProcessRunner#TAIL_BYTES}
 */
public record ProcessResult(int exitCode, boolean timedOut, String output, String tail, Duration took) {}
