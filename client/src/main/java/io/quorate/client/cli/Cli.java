package io.quorate.client.cli;

import io.quorate.client.QuorateException;
import io.quorate.client.cli.verb.CompletionVerb;
import io.quorate.client.manifest.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command line: finds the verb, runs it, tells errors in one or two lines and returns the exit code.
 *
 * <p>Other modules plug their verbs in with {@link #add}; a verb of two words ("backup verify") joins the group that
 * its first word names.
 */
public final class Cli {
    private static final Set<String> HELP = Set.of("help", "-h", "--help");
    private static final Set<String> FLAGS_WITHOUT_VALUE =
            Set.of("--verbose", "--no-color", "--no-progress", "--stale", "--no-wait", "--dry-run", "--yes");

    private final CliContext context;
    private final Map<String, VerbEntry> verbs = new LinkedHashMap<>();

    private Cli(CliContext context) {
        this.context = context;
    }

    /** With the verbs of this module. */
    public static Cli create(CliContext context) {
        Cli cli = new Cli(context);
        StandardVerbs.all().forEach(cli::add);
        cli.add(new VerbEntry(
                "completion",
                "a completion script for the shell",
                world -> new CompletionVerb(world, cli::completionScript)));
        return cli;
    }

    /** Adds a verb of another module. */
    public Cli add(VerbEntry entry) {
        if (verbs.putIfAbsent(entry.name(), entry) != null) {
            throw new IllegalArgumentException("two verbs named " + entry.name());
        }
        return this;
    }

    /** Runs one command line; never throws. */
    public int run(String... arguments) {
        try {
            return dispatch(leadingOptionsLast(arguments));
        } finally {
            context.out().flush();
            context.err().flush();
        }
    }

    private int dispatch(List<String> arguments) {
        if (arguments.isEmpty() || (arguments.size() == 1 && HELP.contains(arguments.get(0)))) {
            context.out().print(HelpText.overview(verbs.values()));
            return ExitCodes.OK;
        }
        String first = arguments.get(0);
        if (HELP.contains(first)) {
            return help(arguments.subList(1, arguments.size()));
        }
        if (first.equals("-V") || first.equals("--version")) {
            return dispatch(List.of("version"));
        }
        VerbEntry single = verbs.get(first);
        boolean twoWords = arguments.size() > 1 && verbs.containsKey(first + " " + arguments.get(1));
        if (single != null && !twoWords) {
            return execute(single, arguments.subList(1, arguments.size()));
        }
        return twoWords || isGroup(first) ? dispatchGroup(first, arguments) : unknown(first);
    }

    private int dispatchGroup(String group, List<String> arguments) {
        String second = arguments.size() > 1 ? arguments.get(1) : "--help";
        VerbEntry entry = verbs.get(group + " " + second);
        if (entry != null) {
            return execute(entry, arguments.subList(2, arguments.size()));
        }
        if (HELP.contains(second)) {
            context.out().print(HelpText.group(group, inGroup(group)));
            return arguments.size() > 1 ? ExitCodes.OK : ExitCodes.USAGE;
        }
        return unknown(group + " " + second);
    }

    private int help(List<String> topic) {
        Optional<String> text = HelpText.topic(String.join(" ", topic));
        if (text.isPresent()) {
            context.out().print(text.get());
            return ExitCodes.OK;
        }
        List<String> verb = new ArrayList<>(topic);
        verb.add("--help");
        return dispatch(verb);
    }

    private int unknown(String typed) {
        context.err().println("error: no verb \"" + typed + "\" · " + Suggestions.forVerb(typed, verbs.keySet()));
        return ExitCodes.USAGE;
    }

    private int execute(VerbEntry entry, List<String> arguments) {
        CommandLine command = commandLine(entry);
        return command.execute(arguments.toArray(String[]::new));
    }

    private CommandLine commandLine(VerbEntry entry) {
        CommandLine command = new CommandLine(entry.factory().apply(context));
        command.setCommandName("quorate " + entry.name());
        command.setOut(context.out());
        command.setErr(context.err());
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setUsageHelpAutoWidth(false);
        command.setUsageHelpWidth(110);
        command.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        if (command.getCommandSpec().optionsMap().get("--help") == null) {
            command.getCommandSpec()
                    .addOption(CommandLine.Model.OptionSpec.builder("-h", "--help")
                            .usageHelp(true)
                            .description("Show this")
                            .build());
        }
        command.setParameterExceptionHandler((failure, args) -> usage(entry, failure));
        command.setExecutionExceptionHandler((failure, line, parsed) -> failed(failure, line));
        return command;
    }

    private int usage(VerbEntry entry, CommandLine.ParameterException failure) {
        String message = String.valueOf(failure.getMessage());
        context.err().println("error: " + message.lines().findFirst().orElse(message));
        List<String> near = failure instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched()
                : List.of();
        Collection<String> options =
                failure.getCommandLine().getCommandSpec().optionsMap().keySet();
        String hint = near.stream()
                .flatMap(word -> NearestName.of(word, options).stream())
                .findFirst()
                .map(option -> "did you mean " + option + "? · ")
                .orElse("");
        context.err().println("       " + hint + "quorate " + entry.name() + " --help");
        return ExitCodes.USAGE;
    }

    private int failed(Exception failure, CommandLine line) {
        context.out().flush();
        PrintWriter err = context.err();
        boolean verbose = isVerbose(line);
        int code;
        if (failure instanceof QuorateException known) {
            err.print(ErrorText.of(known));
            code = known.exitCode();
        } else if (failure instanceof UsageException) {
            err.println("error: " + failure.getMessage());
            code = ExitCodes.USAGE;
        } else if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            err.println("interrupted");
            code = ExitCodes.ERROR;
        } else {
            err.println("error: " + ErrorText.unexpected(failure));
            if (!verbose) {
                err.println("       this is a defect of quorate: --verbose shows where");
            }
            code = ExitCodes.ERROR;
        }
        if (verbose) {
            failure.printStackTrace(err);
        }
        return code;
    }

    private static boolean isVerbose(CommandLine line) {
        @Nullable Object verb = line.getCommand();
        return verb instanceof ClientVerb client && client.options().verbose();
    }

    /** A script for bash (and zsh through bashcompinit) that completes verbs, options and their values. */
    public String completionScript() {
        return AutoComplete.bash("quorate", model());
    }

    /** All verbs as one command: to complete command lines, and to check those that texts name. It runs nothing. */
    public CommandLine model() {
        CommandLine root = new CommandLine(CommandSpec.create().name("quorate"));
        // some words are a verb and a group: "dev" and "dev kill"
        Map<String, CommandLine> first = new LinkedHashMap<>();
        for (VerbEntry entry : verbs.values()) {
            if (entry.group().isEmpty()) {
                first.put(entry.name(), commandLine(entry));
            }
        }
        for (VerbEntry entry : verbs.values()) {
            if (!entry.group().isEmpty()) {
                first.computeIfAbsent(entry.group(), name -> new CommandLine(CommandSpec.create()))
                        .addSubcommand(entry.word(), commandLine(entry));
            }
        }
        first.forEach(root::addSubcommand);
        return root;
    }

    private boolean isGroup(String word) {
        return !inGroup(word).isEmpty();
    }

    private List<VerbEntry> inGroup(String group) {
        return verbs.values().stream()
                .filter(entry -> entry.group().equals(group))
                .toList();
    }

    /** {@code quorate --context prod status} means {@code quorate status --context prod}. */
    private static List<String> leadingOptionsLast(String[] arguments) {
        List<String> rest = new ArrayList<>(Arrays.asList(arguments));
        List<String> leading = new ArrayList<>();
        while (!rest.isEmpty() && rest.get(0).startsWith("-") && !isHelpOrVersion(rest.get(0))) {
            String option = rest.remove(0);
            leading.add(option);
            if (!option.contains("=") && !FLAGS_WITHOUT_VALUE.contains(option) && !rest.isEmpty()) {
                leading.add(rest.remove(0));
            }
        }
        rest.addAll(leading);
        return rest;
    }

    private static boolean isHelpOrVersion(String argument) {
        return HELP.contains(argument) || argument.equals("-V") || argument.equals("--version");
    }
}
