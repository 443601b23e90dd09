package io.quorate.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who may know whom, over every module that the server's jar carries. */
class BoundariesTest {
    private static final Pattern GENERATED = Pattern.compile(".*/io/quorate/([a-z]+/)?v1/.*");

    /** Ours alone: of the generated classes there are hundreds, and their Maven modules already keep them apart. */
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
