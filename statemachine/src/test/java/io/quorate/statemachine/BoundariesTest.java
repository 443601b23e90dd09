package io.quorate.statemachine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.temporal.Temporal;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.BaseStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The state machine is a deterministic function of its log: it reaches for nothing that can differ between replicas. */
class BoundariesTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.quorate.statemachine");

    private static final String CIB = "io.quorate.statemachine.cib..";

    /**
     * A CIB is XML, and the JDK's streaming parser reads it: fed with a stream that the caller opened, and with document
     * types and entities off, it is a function of its input and opens nothing. Everything else has no business with it.
     */
    private static final String XML_STREAMS = "javax.xml.stream..";

    private static final String[] ALLOWED = {
        "io.quorate.statemachine..",
        "io.quorate.v1..",
        "io.quorate.log.v1..",
        "io.quorate.agent.v1..",
        "com.google.protobuf..",
        "org.pcollections..",
        "org.jspecify.annotations..",
        "java.."
    };

    @Test
    void itDependsOnItselfTheMessagesAndPersistentCollectionsOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(CIB)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(ALLOWED));
    }

    @Test
    void theReaderOfPacemakersXmlDependsOnAStreamingParserBesides() {
        check(noClasses()
                .that()
                .resideInAPackage(CIB)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(Stream.concat(Stream.of(ALLOWED), Stream.of(XML_STREAMS))
                        .toArray(String[]::new)));
    }

    @Test
    void theApplyPathSeesNothingThatDecides() {
        check(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.quorate.statemachine.apply..",
                        "io.quorate.statemachine.model..",
                        "io.quorate.statemachine.command..",
                        "io.quorate.statemachine.snapshot..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quorate.statemachine.policy..",
                        "io.quorate.statemachine.placement..",
                        "io.quorate.statemachine.forecast..",
                        "io.quorate.statemachine.dates..",
                        CIB));
    }

    /** It proposes by what is replicated, and learns what is accepted by proposing it. */
    @Test
    void thePolicySeesTheModelAndTheCommandsOnly() {
        check(noClasses()
                .that()
                .resideInAPackage("io.quorate.statemachine.policy..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quorate.statemachine.apply..",
                        "io.quorate.statemachine.snapshot..",
                        "io.quorate.statemachine.forecast.."));
    }

    /** Parsing a URI opens nothing, so that alone of java.net is allowed. */
    @Test
    void itOpensNoFilesAndNoSockets() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.io\\.(File.*|RandomAccessFile|Console)|java\\.net\\.(?!URI$|URISyntaxException$).*")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..")
                .orShould()
                .dependOnClassesThat(resideInAPackage("javax..").and(resideOutsideOfPackage(XML_STREAMS))));
    }

    @Test
    void itStartsNoThreadsAndNoProcesses() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.lang.ref..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.(Thread.*|Process.*|Runtime)|java\\.util\\.Timer.*")
                .orShould()
                .callMethodWhere(call("parallelStream|parallel", Collection.class, BaseStream.class)));
    }

    @Test
    void itReadsNoClock() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.time\\.(Clock|InstantSource)|java\\.util\\.(Date|Calendar.*)")
                .orShould()
                .callMethodWhere(call("currentTimeMillis|nanoTime", System.class))
                .orShould()
                .callMethodWhere(call("now", Temporal.class)));
    }

    @Test
    void itReadsNoRandomnessNoEnvironmentAndNoLocale() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(Random|SplittableRandom|UUID)|java\\.security\\.SecureRandom")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.random..")
                .orShould()
                .callMethodWhere(call("random", Math.class, StrictMath.class))
                .orShould()
                .callMethodWhere(call("getenv|getProperty|getProperties|identityHashCode|lineSeparator", System.class))
                .orShould()
                .callMethodWhere(call("getDefault|systemDefault|defaultCharset", Object.class)));
    }

    /** Map.of and Set.of iterate in an order that is drawn at each JVM start. List.of and the sorted collections are fine. */
    @Test
    void nothingIsIteratedInHashOrder() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(HashMap|HashSet|IdentityHashMap|WeakHashMap|Hashtable)(\\$.*)?")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("org\\.pcollections\\.Hash.*")
                .orShould()
                .callMethodWhere(unsortedFactory("of|ofEntries|copyOf", Map.class))
                .orShould()
                .callMethodWhere(unsortedFactory("of|copyOf", Set.class))
                .orShould()
                .callMethodWhere(call("toSet|toUnmodifiableSet|toUnmodifiableMap", Collectors.class))
                .orShould()
                .callMethodWhere(withoutMapFactory("toMap", 4))
                .orShould()
                .callMethodWhere(withoutMapFactory("groupingBy", 3)));
    }

    /** A call of a method with a matching name on one of these types or a subtype. */
    private static DescribedPredicate<JavaCall<?>> call(String namePattern, Class<?>... owners) {
        return describe(
                "of " + namePattern,
                call -> call.getTarget().getName().matches(namePattern)
                        && Stream.of(owners).anyMatch(call.getTargetOwner()::isAssignableTo));
    }

    /** A call on exactly this type: {@code EnumSet.of} is sorted, {@code Set.of} is not. */
    private static DescribedPredicate<JavaCall<?>> unsortedFactory(String namePattern, Class<?> owner) {
        return describe(
                "of " + namePattern + " of " + owner.getSimpleName(),
                call -> call.getTarget().getName().matches(namePattern)
                        && call.getTargetOwner().isEquivalentTo(owner));
    }

    /** Collectors that make a HashMap unless the caller gives a map: the longest overload is the one that takes it. */
    private static DescribedPredicate<JavaCall<?>> withoutMapFactory(String name, int parametersWithFactory) {
        return describe(
                "of " + name + " without a map factory",
                call -> call.getTarget().getName().equals(name)
                        && call.getTargetOwner().isEquivalentTo(Collectors.class)
                        && call.getTarget().getRawParameterTypes().size() < parametersWithFactory);
    }

    private static DescribedPredicate<JavaCall<?>> describe(String description, Predicate<JavaCall<?>> predicate) {
        return DescribedPredicate.describe(description, predicate);
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }
}
