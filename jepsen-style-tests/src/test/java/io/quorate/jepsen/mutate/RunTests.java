package io.quorate.jepsen.mutate;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs single tests for {@code bin/mutate}: CLASS#METHOD, CLASS, or stories/NAME for a script. A line for each test that ran: "TEST",
 * CLASS.METHOD (of a script its name), passed or failed, why; with tabs between.
 */
public final class RunTests {
    private static final String SCRIPTS = "io.quorate.statemachine.apply.ScriptTest";

    private RunTests() {}

    public static void main(String[] arguments) throws ClassNotFoundException {
        List<DiscoverySelector> selectors = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith("stories/")) {
                selectors.addAll(methods(SCRIPTS, "everyScriptAnswersAsWritten"));
            } else if (argument.contains("#")) {
                String[] parts = argument.split("#", 2);
                selectors.addAll(methods(parts[0], parts[1]));
            } else {
                selectors.add(DiscoverySelectors.selectClass(argument));
            }
        }
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors)
                .configurationParameter("jqwik.database", "")
                .configurationParameter("junit.jupiter.execution.timeout.testable.method.default", "2 m")
                .configurationParameter("junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD")
                .build();
        Results results = new Results();
        LauncherFactory.create().execute(request, results);
        results.failures.forEach((test, why) -> System.out.println(
                "TEST\t" + test + "\t" + (why.isEmpty() ? "passed" : "failed") + "\t" + why.replaceAll("\\s+", " ")));
        System.exit(0);
    }

    private static List<DiscoverySelector> methods(String type, String name) throws ClassNotFoundException {
        List<DiscoverySelector> selectors = new ArrayList<>();
        for (Method method : Class.forName(type).getDeclaredMethods()) {
            if (method.getName().equals(name)) {
                selectors.add(DiscoverySelectors.selectMethod(method.getDeclaringClass(), method));
            }
        }
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("no test " + type + "#" + name);
        }
        return selectors;
    }

    /** By test: an empty text where it passed, else why not. A test with several cases fails with any of them. */
    private static final class Results implements TestExecutionListener {
        private final Map<String, String> failures = new LinkedHashMap<>();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            String why = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL
                    ? ""
                    : result.getThrowable().map(String::valueOf).orElse("failed");
            if (test.isTest()) {
                String name = test.getDisplayName();
                failures.merge(name, why, Results::worse);
                failures.merge("stories/" + name.replace(".txt", ""), why, Results::worse);
            }
            test.getSource()
                    .filter(MethodSource.class::isInstance)
                    .map(MethodSource.class::cast)
                    .ifPresent(method -> failures.merge(nameOf(method), why, Results::worse));
        }

        private static String worse(String one, String other) {
            return one.isEmpty() ? other : one;
        }

        private static String nameOf(MethodSource method) {
            String type = method.getClassName();
            return type.substring(type.lastIndexOf('.') + 1) + "." + method.getMethodName();
        }
    }
}
