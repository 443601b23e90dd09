package io.quorate.statemachine.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.log.v1.CommandResult;
import io.quorate.statemachine.cib.CibException;
import io.quorate.statemachine.cib.CibImport;
import io.quorate.statemachine.cib.Finding;
import io.quorate.statemachine.cib.Finding.Verdict;
import io.quorate.statemachine.cib.Imported;
import io.quorate.statemachine.cib.Simulation;
import io.quorate.statemachine.placement.Problem;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is taken over from Pacemaker means the same: every known CIB makes objects that apply accepts, and where all of it was
 * taken over, our model gives units the nodes that the CIB itself gives them. The CIBs lie beside the repository;
 * QUORATE_PLACEMENT_CASES names another place.
 */
class ImportedPlacementTest {
    static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    /** Cases of which everything that says where things run was taken over, and of these the ones that agree. */
    private static final int COMPARABLE = 332;

    /** The one that does not has a capacity in its status section, which an import does not read. */
    private static final int AGREEING = 331;

    /**
     * Losses that change where something runs that was taken over. What was left out, with the constraints about it, is left
     * out of the CIB's own problem, too.
     */
    private static final Pattern OF_PLACES =
            Pattern.compile("rsc_.*|.* meta (target-role|is-managed|maintenance|critical|remote-node)"
                    + "|option (placement-strategy|symmetric-cluster).*");

    private static final Pattern OF_WHAT_IS_LEFT_OUT = Pattern.compile(".*(was left out|there is no resource).*");

    /** Whether clones are part of it: that waits for a policy that places them. */
    private static final boolean WITH_CLONES = false;

    private static final Pattern CLONE = Pattern.compile("<(clone|master)\\b.*?</\\1>", Pattern.DOTALL);

    private int comparable;
    private int agreeing;

    private static Path cases() {
        String elsewhere = System.getenv("QUORATE_PLACEMENT_CASES");
        return elsewhere != null
                ? Path.of(elsewhere)
                : Path.of(System.getProperty("quorate.root", ".."))
                        .resolve("../shared/data/placement/cases")
                        .normalize();
    }

    @Test
    void itIsAcceptedAndMeansTheSame() throws IOException, CibException {
        assumeTrue(Files.isDirectory(cases()), "the known CIBs are not there: " + cases());
        List<Path> files;
        try (Stream<Path> all = Files.list(cases())) {
            files = all.filter(file -> file.toString().endsWith(".xml"))
                    .sorted()
                    .toList();
        }
        List<String> refused = new ArrayList<>();
        List<String> different = new ArrayList<>();
        for (Path file : files) {
            judge(file, refused, different);
        }
        System.out.println("imported: " + files.size() + ", comparable: " + comparable + ", same places: " + agreeing);
        different.forEach(System.out::println);
        assertThat(refused).isEmpty();
        assertThat(comparable).isGreaterThanOrEqualTo(COMPARABLE);
        assertThat(agreeing).isGreaterThanOrEqualTo(AGREEING);
    }

    private static String cib(String resources, String constraints) {
        return "<cib><configuration><nodes><node id=\"1\" uname=\"n1\"/><node id=\"2\" uname=\"n2\"/>"
                + "<node id=\"3\" uname=\"n3\"/></nodes><resources>" + resources + "</resources><constraints>"
                + constraints + "</constraints></configuration></cib>";
    }

    private static Imported imported(String cib) throws CibException {
        return CibImport.read(new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)), TIME);
    }

    private static Problem problem(String cib) throws CibException {
        return Simulation.problem(
                new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)), Optional.of(TIME), TIME);
    }

    private static ImportedCluster cluster(String resources, String constraints) throws CibException {
        String cib = cib(resources, constraints);
        ImportedCluster cluster = new ImportedCluster(imported(cib), problem(cib));
        assertThat(cluster.apply().getCode()).isZero();
        return cluster;
    }

    private static String dummy(String id) {
        return "<primitive id=\"" + id + "\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>";
    }

    private static String prefers(String resource) {
        return "<rsc_location id=\"l" + resource + "\" rsc=\"" + resource + "\" node=\"n1\" score=\"5\"/>";
    }

    @Test
    void aSetThatKeepsApartKeepsEveryTwoApart() throws CibException {
        ImportedCluster cluster = cluster(
                dummy("a") + dummy("b") + dummy("c"),
                prefers("a") + prefers("b") + prefers("c") + "<rsc_colocation id=\"s\" score=\"-INFINITY\">"
                        + "<resource_set id=\"t\"><resource_ref id=\"a\"/><resource_ref id=\"b\"/>"
                        + "<resource_ref id=\"c\"/></resource_set></rsc_colocation>");
        assertThat(cluster.ours().values()).containsExactlyInAnyOrder("n1", "n2", "n3");
    }

    /** Below zero every two of a set of ours are apart, also where none is placed by another. */
    @Test
    void aSetThatKeepsApartNeedsNoSequence() throws CibException {
        ConstraintSet set = ConstraintSet.newBuilder()
                .addAllResources(List.of("a", "b", "c"))
                .setParallel(true)
                .build();
        Manifest apart = Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("s"))
                .setColocation(ColocationSpec.newBuilder().setScore(-1_000_000).addSets(set))
                .build();
        String cib = cib(dummy("a") + dummy("b") + dummy("c"), prefers("a") + prefers("b") + prefers("c"));
        List<Manifest> manifests = new ArrayList<>(imported(cib).manifests());
        manifests.add(apart);
        ImportedCluster cluster = new ImportedCluster(new Imported(manifests, List.of()), problem(cib));
        assertThat(cluster.apply().getCode()).isZero();
        assertThat(cluster.ours().values()).containsExactlyInAnyOrder("n1", "n2", "n3");
    }

    /** Of equal nodes the one with the fewest is taken, and a group is as many as it has members. */
    @Test
    void aGroupCountsAsItsMembers() throws CibException {
        ImportedCluster cluster = cluster(
                "<group id=\"a\">" + dummy("x") + dummy("y") + "</group>" + dummy("b") + dummy("c") + dummy("d")
                        + dummy("e"),
                "");
        assertThat(cluster.ours())
                .containsEntry("a", "n1")
                .containsEntry("d", "n2")
                .containsEntry("e", "n3");
        assertThat(cluster.ours()).isEqualTo(cluster.theirs());
    }

    private void judge(Path file, List<String> refused, List<String> different) throws IOException, CibException {
        String text = Files.readString(file);
        byte[] cib = (WITH_CLONES ? text : CLONE.matcher(text).replaceAll("")).getBytes(StandardCharsets.UTF_8);
        Imported imported = CibImport.read(new ByteArrayInputStream(cib), TIME);
        ImportedCluster cluster = new ImportedCluster(
                imported, Simulation.problem(new ByteArrayInputStream(cib), Optional.of(TIME), TIME));
        CommandResult result = cluster.apply();
        if (result.getCode() != 0) {
            refused.add(file.getFileName() + ": " + result.getMessage());
        } else if (imported.findings().stream().noneMatch(ImportedPlacementTest::isAboutPlaces)) {
            comparable++;
            List<String> differences = ImportedCluster.differences(cluster.ours(), cluster.theirs());
            if (differences.isEmpty()) {
                agreeing++;
            } else {
                different.add(file.getFileName() + ": " + String.join(", ", differences));
            }
        }
    }

    private static boolean isAboutPlaces(Finding finding) {
        return finding.verdict() == Verdict.NOT_SUPPORTED
                && OF_PLACES.matcher(finding.subject()).matches()
                && !OF_WHAT_IS_LEFT_OUT.matcher(finding.text()).matches();
    }
}
