package io.quorate.statemachine.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.placement.Answer.Placed;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What holds of every decision. */
class EnginePropertiesTest {
    @Property(tries = 500)
    void theSameProblemHasTheSameAnswer(@ForAll long seed) {
        Problem problem = RandomProblem.of(seed);
        assertThat(Engine.plan(problem)).isEqualTo(Engine.plan(problem)).isEqualTo(Engine.plan(RandomProblem.of(seed)));
    }

    @Property(tries = 500)
    void otherNamesInTheSameOrderRenameTheAnswerAndChangeNothingElse(@ForAll long seed) {
        IntFunction<String> node = number -> "machine-%04d".formatted(3 * number + 7);
        IntFunction<String> resource = number -> "a%04dz".formatted(number * number + number);
        Map<String, String> names = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            names.put("n%02d".formatted(i), node.apply(i));
            names.put("r%02d".formatted(i), resource.apply(i));
        }
        Answer answer = Engine.solve(RandomProblem.of(seed));
        Answer renamed = new Answer(
                answer.placed().stream()
                        .map(placed ->
                                new Placed(names.get(placed.resource()), names.get(placed.machine()), placed.role()))
                        .toList(),
                answer.fenced().stream().map(names::get).toList());
        assertThat(Engine.solve(RandomProblem.of(seed, node, resource))).isEqualTo(renamed);
    }

    @Property(tries = 1_000)
    void noMandatoryRuleIsViolated(@ForAll long seed) {
        Problem problem = RandomProblem.of(seed);
        List<Placed> placed = Engine.solve(problem).placed();
        Set<String> available = problem.machines().stream()
                .filter(Machine::isAvailable)
                .map(Machine::name)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(placed).allMatch(each -> available.contains(each.machine()));
        for (Problem.Location rule : problem.locations()) {
            rule.scores().forEach((node, score) -> {
                if (score <= -Score.INFINITY) {
                    assertThat(where(problem, placed, rule.resource()))
                            .as(rule.id())
                            .doesNotContain(node);
                }
            });
        }
        for (Problem.Colocation rule : problem.colocations()) {
            Set<String> dependent = where(problem, placed, rule.dependent());
            Set<String> primary = where(problem, placed, rule.primary());
            if (rule.score() >= Score.INFINITY) {
                assertThat(primary).as(rule.id()).containsAll(dependent);
            } else if (rule.score() <= -Score.INFINITY && !isClone(problem, rule.primary())) {
                assertThat(Collections.disjoint(dependent, primary))
                        .as(rule.id())
                        .isTrue();
            }
        }
        for (Problem.Order rule : problem.orders()) {
            if (rule.kind() == Problem.Kind.MANDATORY
                    && !where(problem, placed, rule.then()).isEmpty()) {
                assertThat(where(problem, placed, rule.firsts().get(0)))
                        .as(rule.id())
                        .isNotEmpty();
            }
        }
    }

    private static boolean isClone(Problem problem, String id) {
        return problem.resources().stream()
                .anyMatch(resource -> resource.id().equals(id) && resource instanceof Resource.Clone);
    }

    /** The nodes where something of a resource runs. */
    private static Set<String> where(Problem problem, List<Placed> placed, String id) {
        Set<String> primitives = problem.resources().stream()
                .filter(resource -> resource.id().equals(id))
                .flatMap(EnginePropertiesTest::primitives)
                .collect(Collectors.toCollection(TreeSet::new));
        return placed.stream()
                .filter(each -> primitives.contains(each.resource()))
                .map(Placed::machine)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> primitives(Resource resource) {
        if (resource instanceof Resource.Clone clone) {
            return primitives(clone.of());
        }
        return resource instanceof Resource.Group group
                ? group.members().stream().map(Resource::id)
                : Stream.of(resource.id());
    }

    /** What had to wait for something is done in the second pass; then nothing is left to do. */
    @Property(tries = 1_000)
    void whatWasDecidedAndDoneStays(@ForAll long seed) {
        Problem problem = RandomProblem.of(seed);
        Problem done = after(problem, Engine.solve(problem));
        Answer answer = Engine.solve(done);
        Transition next = Engine.plan(after(done, answer));
        assertThat(next.answer().placed()).containsExactlyInAnyOrderElementsOf(answer.placed());
        assertThat(next.answer().fenced()).isEmpty();
        assertThat(next.operations()).isEmpty();
    }

    private static Problem after(Problem problem, Answer answer) {
        List<Machine> machines = problem.machines().stream()
                .map(machine -> answer.fenced().contains(machine.name())
                        ? ProblemBuilder.machine(machine.name(), false, false)
                        : machine)
                .toList();
        List<Problem.Activity> activities = answer.placed().stream()
                .map(placed -> new Problem.Activity(
                        placed.resource(),
                        OptionalInt.empty(),
                        placed.machine(),
                        placed.role(),
                        false,
                        false,
                        false,
                        false))
                .toList();
        return new Problem(
                problem.options(),
                machines,
                problem.resources(),
                problem.locations(),
                problem.colocations(),
                problem.orders(),
                problem.ticketed(),
                activities,
                problem.promotionScores(),
                problem.failCounts());
    }
}
