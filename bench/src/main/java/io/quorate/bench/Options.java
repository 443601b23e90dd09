package io.quorate.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure, and how long.
 *
 * @param parts of commits, reads, failover, footprint, placement
 * @param outstanding numbers of calls in flight, one point each
 * @param warmUpSeconds before each point, uncounted
 * @param seconds counted at each point
 * @param rounds in which the systems are asked in turn at each point
 * @param repeats of each failover case
 * @param idleSeconds over which an idle cluster's CPU is counted
 * @param loadSeconds of commits, while memory is watched
 * @param busySeconds of busy loops beside an idle cluster
 * @param crmResources crm_simulate is asked about clusters with so many resources at most
 * @param launcher the {@code quorate} script
 * @param suite the script of the end-to-end suite
 * @param etcd the etcd binary, or null with a reason in {@code noEtcd}
 * @param crmSimulate where Debian's pacemaker-cli-utils is unpacked, or null with a reason in {@code noCrmSimulate}
 * @param crmLibraries where its libraries are found
 * @param data where data directories are made: on the disk that is to be measured
 */
record Options(
        List<String> parts,
        List<Integer> outstanding,
        int warmUpSeconds,
        int seconds,
        int rounds,
        int repeats,
        int idleSeconds,
        int loadSeconds,
        int busySeconds,
        int crmResources,
        Path launcher,
        Path suite,
        @Nullable Path etcd,
        String noEtcd,
        @Nullable Path crmSimulate,
        String noCrmSimulate,
        String crmLibraries,
        Path data,
        @Nullable Path json) {

    private static final List<String> ALL_PARTS = List.of("commits", "reads", "failover", "footprint", "placement");
    /** The footprint takes a quarter of an hour, and placement is a matter of its own: measured when they are named. */
    private static final List<String> UNNAMED_PARTS = List.of("commits", "reads", "failover");

    boolean wants(String part) {
        return parts.contains(part);
    }

    /** Throws IllegalArgumentException with what is wrong. */
    static Options parse(String... arguments) {
        List<String> parts = new ArrayList<>();
        List<Integer> outstanding = List.of(1, 16, 64, 256);
        int warmUp = 30;
        int seconds = 10;
        int rounds = 3;
        int repeats = 5;
        int idle = 60;
        int load = 600;
        int busy = 300;
        int crmResources = 5_000;
        Path json = null;
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (ALL_PARTS.contains(argument)) {
                parts.add(argument);
                continue;
            }
            if (!argument.startsWith("--") || i + 1 == arguments.length) {
                throw new IllegalArgumentException("unknown or incomplete argument " + argument);
            }
            String value = arguments[++i];
            switch (argument) {
                case "--json" -> json = Path.of(value);
                case "--warmup" -> warmUp = number(argument, value, 0, 3_600);
                case "--seconds" -> seconds = number(argument, value, 1, 3_600);
                case "--rounds" -> rounds = number(argument, value, 1, 100);
                case "--repeats" -> repeats = number(argument, value, 1, 100);
                case "--idle" -> idle = number(argument, value, 1, 3_600);
                case "--load" -> load = number(argument, value, 1, 86_400);
                case "--busy" -> busy = number(argument, value, 1, 86_400);
                case "--crm" -> crmResources = number(argument, value, 0, 100_000);
                case "--outstanding" -> outstanding = numbers(argument, value);
                default -> throw new IllegalArgumentException("unknown option " + argument);
            }
        }
        String etcd = System.getProperty("bench.etcd", "");
        String crm = System.getProperty("bench.crm", "");
        return new Options(
                parts.isEmpty() ? UNNAMED_PARTS : List.copyOf(parts),
                outstanding,
                warmUp,
                seconds,
                rounds,
                repeats,
                idle,
                load,
                busy,
                crmResources,
                Path.of(required("bench.launcher")),
                Path.of(required("bench.suite")),
                etcd.isEmpty() ? null : Path.of(etcd),
                System.getProperty("bench.noEtcd", "no etcd was given"),
                crm.isEmpty() ? null : Path.of(crm),
                System.getProperty("bench.noCrm", "no crm_simulate was given"),
                System.getProperty("bench.crmLibraries", ""),
                Path.of(required("bench.data")),
                json);
    }

    private static String required(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new IllegalArgumentException("start it with bench/run: " + property + " is not set");
        }
        return value;
    }

    private static List<Integer> numbers(String option, String value) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : value.split(",", -1)) {
            // A server of ours takes 256 calls at once from one connection.
            numbers.add(number(option, part, 1, 256));
        }
        return numbers;
    }

    private static int number(String option, String value, int least, int most) {
        int number;
        try {
            number = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + ": " + value + " is not a number", e);
        }
        if (number < least || number > most) {
            throw new IllegalArgumentException(option + ": from " + least + " to " + most);
        }
        return number;
    }
}
