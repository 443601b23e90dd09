package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.Role;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.TicketConstraintSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What becomes of {@code rsc_ticket}: a ticket constraint, or one for each of its sets. */
final class TicketImport {
    private final Cib cib;
    private final Findings findings;
    private final References references;
    private final Targets targets;
    private final ConstraintWriter writer;

    TicketImport(Cib cib, Findings findings, References references, Targets targets, ConstraintWriter writer) {
        this.cib = cib;
        this.findings = findings;
        this.references = references;
        this.targets = targets;
        this.writer = writer;
    }

    void read(Element element) {
        String subject = "rsc_ticket " + element.id();
        RelationImport verdict = new RelationImport(targets);
        List<String> names = new ArrayList<>();
        if (element.has("rsc")) {
            add(element, subject, references.expanded(element.get("rsc")), element.get("rsc-role"), verdict, names);
        }
        for (Element child : element.children("resource_set")) {
            Element set = cib.sets().resolved(child);
            add(element, subject, references.inSet(set), set.get("role"), verdict, names);
        }
        if (names.isEmpty() && verdict.isWhole()) {
            verdict.lost("it names no resource that is known", false);
        }
        verdict.tell(
                findings, element, subject, names.size(), names.isEmpty() ? "" : rules(names, element.get("ticket")));
    }

    /** Files do not say which tickets are held: people do, when the resources are to run here. */
    private String rules(List<String> names, String ticket) {
        String rules = (names.size() == 1 ? "the ticket constraint " : "for each set a ticket constraint: ")
                + String.join(", ", names);
        return isGranted(ticket) ? rules + "; the ticket is granted here: quorate ticket grant " + ticket : rules;
    }

    private boolean isGranted(String ticket) {
        return cib.status().all("tickets", "ticket_state").stream()
                .anyMatch(state -> state.id().equals(ticket) && Values.isTrue(state.get("granted")));
    }

    private void add(
            Element element,
            String subject,
            List<String> ids,
            String role,
            RelationImport verdict,
            List<String> names) {
        Optional<Role> meant = ColocationReader.role(role);
        boolean promoted = meant.equals(Optional.of(Role.PROMOTED));
        if (meant.isPresent() && !promoted) {
            verdict.changed("the role " + role + " is taken as any: Pacemaker knows promoted and all others here");
        }
        Set<String> possible = new LinkedHashSet<>();
        for (String id : ids) {
            if (!verdict.isPossible(id, id, true)) {
                continue;
            }
            Optional<String> obstacle = targets.obstacle(id, meant.filter(one -> promoted));
            if (obstacle.isPresent()) {
                verdict.lost(obstacle.get(), true);
            } else {
                possible.add(targets.name(id));
            }
        }
        if (possible.isEmpty()) {
            return;
        }
        TicketConstraintSpec.Builder spec = TicketConstraintSpec.newBuilder()
                .setTicket(element.get("ticket"))
                .addAllResources(possible);
        if (promoted) {
            spec.setRole(io.quorate.v1.Role.ROLE_PROMOTED);
        }
        spec.setLossPolicy(lossPolicy(element.get("loss-policy"), promoted, verdict));
        names.add(writer.add(element, subject, element.id(), spec));
    }

    /** Unspecified where Pacemaker has the same default. */
    private static LossPolicy lossPolicy(String text, boolean promoted, RelationImport verdict) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "stop" -> LossPolicy.LOSS_POLICY_STOP;
            case "fence" -> LossPolicy.LOSS_POLICY_FENCE;
            case "freeze" -> LossPolicy.LOSS_POLICY_FREEZE;
            case "demote" -> {
                if (!promoted) {
                    verdict.changed("demote is taken as stop, as Pacemaker does where the role is not promoted");
                }
                yield promoted ? LossPolicy.LOSS_POLICY_DEMOTE : LossPolicy.LOSS_POLICY_STOP;
            }
            default -> LossPolicy.LOSS_POLICY_UNSPECIFIED;
        };
    }
}
