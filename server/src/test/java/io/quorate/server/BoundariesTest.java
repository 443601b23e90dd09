package io.quorate.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may know whom, over every module that the server's jar carries. */
class BoundariesTest {
    private static final Pattern GENERATED = Pattern.compile(".*/io/quorate/([a-z]+/)?v1/.*");

    private static final Pattern INSIDE = Pattern.compile("io\\.quorate\\.(server|statemachine)\\.[\\w.]+");

    /** Ours alone: of the generated classes there are hundreds, and their Maven modules already keep them apart. */
    private static final Path SIMULATION = Path.of("../jepsen-style-tests/src/main/java/io/quorate/jepsen/sim");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.matches(GENERATED))
            .importPackages("io.quorate");

    @Test
    void onlyTheRaftPackageSeesRatis() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.quorate.server.raft..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.ratis.."));
    }

    @Test
    void theStateMachineSeesNeitherClientNorServerNorTheNetwork() {
        check(noClasses()
                .that()
                .resideInAPackage("io.quorate.statemachine..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quorate.client..", "io.quorate.server..", "io.grpc..", "io.netty.."));
    }

    @Test
    void theClientDoesNotSeeTheServer() {
        check(noClasses()
                .that()
                .resideInAPackage("io.quorate.client..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.quorate.server.."));
    }

    @Test
    void theClientLibraryDoesNotSeeItsCommandLine() {
        check(noClasses()
                .that(resideInAPackage("io.quorate.client..").and(resideOutsideOfPackages("io.quorate.client.cli..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quorate.client.cli..", "picocli.."));
    }

    /** A leader that is wrong, old or hasty wastes a proposal; the policy decides, the rules of apply accept. */
    @Test
    void theAgentSeesNeitherTheLeaderNorThePolicyNorRaft() {
        check(noClasses()
                .that()
                .resideInAPackage("io.quorate.server.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quorate.server.leader..", "io.quorate.server.raft..", "io.quorate.statemachine.policy.."));
    }

    /** Else a test cannot move time, and what waits for a lease or a device is tested by sleeping. */
    @Test
    void theServerReadsItsClocksThroughOneInterface() {
        check(noClasses()
                .that()
                .resideInAPackage("io.quorate.server..")
                .and()
                .resideOutsideOfPackage("io.quorate.server.time..")
                .should()
                .accessTargetWhere(access(
                        "of a clock of Java's",
                        access -> isCall(access, System.class, "nanoTime|currentTimeMillis")
                                || isCall(access, Temporal.class, "now")
                                || isCall(access, java.time.Clock.class, "system.*|tick.*")
                                || isCall(access, InstantSource.class, "system"))));
    }

    /** Its threads are as many as the machine has cores, and one that blocks stops everybody else who uses it. */
    @Test
    void nothingRunsOnTheCommonPool() {
        check(noClasses()
                .should()
                .accessTargetWhere(access(
                        "of the common pool",
                        access -> isCall(access, ForkJoinPool.class, "commonPool")
                                || isCall(access, Collection.class, "parallelStream")
                                || isCall(access, BaseStream.class, "parallel")
                                || isAsyncWithoutExecutor(access))));
    }

    private static boolean isAsyncWithoutExecutor(JavaAccess<?> access) {
        return isCall(access, CompletionStage.class, "\\w+Async")
                && access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target
                && target.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Executor.class));
    }

    /** What the agent does next follows from what it is given: no clock, no file, no thread, nothing kept in between. */
    @Test
    void theReconcilerIsAPureFunction() {
        check(classes()
                .that()
                .haveFullyQualifiedName("io.quorate.server.agent.Reconciler")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java.lang",
                                "java.lang.invoke",
                                "java.lang.runtime",
                                "java.util",
                                "java.util.function",
                                "java.util.stream",
                                "com.google.protobuf..",
                                "io.quorate.v1..",
                                "io.quorate.agent.v1..",
                                "org.jspecify.annotations..")
                        .or(nestedIn(
                                "io.quorate.server.agent.",
                                List.of("Reconciler", "Action", "Contact", "InstanceState", "MemberState"))))
                .andShould(ArchConditions.have(noFields())));
    }

    private static DescribedPredicate<JavaClass> nestedIn(String prefix, List<String> names) {
        return DescribedPredicate.describe(
                "one of " + names,
                type -> names.stream()
                        .map(prefix::concat)
                        .anyMatch(name ->
                                type.getName().equals(name) || type.getName().startsWith(name + "$")));
    }

    private static DescribedPredicate<JavaClass> noFields() {
        return DescribedPredicate.describe(
                "no fields",
                type -> type.getFields().stream()
                        .allMatch(field -> field.getModifiers().contains(JavaModifier.SYNTHETIC)));
    }

    /**
     * What measures and breaks the product from outside may know of its inside no more than its formatted directories. The
     * simulation breaks it from inside: it is made of the product's own parts.
     */
    @Test
    void theSuiteAndTheBenchKnowTheServerByItsCommandsAndItsApi() throws IOException {
        List<String> seen = new ArrayList<>();
        for (String module : List.of("../jepsen-style-tests/src/main", "../bench/src/main")) {
            try (Stream<Path> files = Files.walk(Path.of(module))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java") && !path.startsWith(SIMULATION))
                        .toList()) {
                    INSIDE.matcher(Files.readString(file)).results().forEach(found -> seen.add(found.group()));
                }
            }
        }
        // Backups are read to compare what voters hold. Engine and policy are functions: the bench asks them directly,
        // to measure a decision without a process around it, the policy with states that it makes itself. The mutation
        // check goes through the table of rules.
        assertThat(seen)
                .allMatch(name -> name.equals("io.quorate.server.raft.ClusterBootstrap")
                        || name.equals("io.quorate.statemachine.apply.Reducer")
                        || name.equals("io.quorate.statemachine.apply.RuleTable")
                        || name.startsWith("io.quorate.statemachine.model.")
                        || name.startsWith("io.quorate.statemachine.snapshot.")
                        || name.startsWith("io.quorate.statemachine.placement.")
                        || name.startsWith("io.quorate.statemachine.policy.")
                        || name.startsWith("io.quorate.statemachine.cib."));
    }

    private static DescribedPredicate<JavaAccess<?>> access(String description, Predicate<JavaAccess<?>> predicate) {
        return DescribedPredicate.describe(description, predicate);
    }

    /** A call or a reference of a method with a matching name on this type or a subtype. */
    private static boolean isCall(JavaAccess<?> access, Class<?> owner, String name) {
        return access.getTarget().getName().matches(name)
                && access.getTargetOwner().isAssignableTo(owner);
    }

    @Test
    void everyPackageOfOursIsNullMarked() {
        check(classes().should(ArchConditions.be(inANullMarkedPackage())));
    }

    private static DescribedPredicate<JavaClass> inANullMarkedPackage() {
        return DescribedPredicate.describe(
                "in a @NullMarked package",
                type -> type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked"));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }
}
