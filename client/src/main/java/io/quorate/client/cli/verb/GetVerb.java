package io.quorate.client.cli.verb;

import com.google.protobuf.Message;
import io.quorate.client.Category;
import io.quorate.client.ObjectNames;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ObjectText;
import io.quorate.client.cli.Output;
import io.quorate.client.cli.OutputFormat;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.WatchPrinter;
import io.quorate.client.cli.text.ConstraintTables;
import io.quorate.client.cli.text.Tables;
import io.quorate.client.manifest.ManifestWriter;
import io.quorate.v1.AnyObject;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.GetObjectResponse;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.ListObjectsRequest;
import io.quorate.v1.ListObjectsResponse;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResponseHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Objects: one, all of a kind, or all. */
@Command(
        name = "get",
        description = "Objects as a table, JSON or YAML.",
        footer = {
            "",
            "  quorate get resources -l tier=front,env!=test --watch",
            "  quorate get web -o yaml       # can be applied again"
        })
public final class GetVerb extends ReadVerb {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KIND|KIND/NAME|NAME",
            description = {
                "resources, groups, clones, nodes, fenceDevices, fencePlans, locations, colocations, orders,",
                "ticketConstraints, an object of them, or settings"
            })
    private String target = "";

    @Option(names = "--watch", description = "Go on with what happens to them")
    private boolean watch;

    @Option(names = "--set", paramLabel = "NAME", description = "Only objects of this set")
    private String set = "";

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description =
                    "Only objects with such labels: a=b, a!=b, \"a in (x, y)\", \"a notin (x, y)\", a, !a; comma = and")
    private String selector = "";

    @Option(names = "--all-rules", description = "With every rule that touches it, wherever it is written")
    private boolean allRules;

    public GetVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) throws InterruptedException {
        if (watch && read().isPast()) {
            throw new UsageException("--watch shows what comes; it does not go with --at");
        }
        boolean list = target.isEmpty() || ObjectNames.isKind(target);
        if (!selector.isEmpty() && !list) {
            throw new UsageException("-l selects among the objects of a kind; it does not go with the name of one");
        }
        if (target.equals("settings")) {
            return settings(client);
        }
        if (allRules && list) {
            throw new UsageException("--all-rules is about one resource or group: name it");
        }
        if (list) {
            printList(client, target.isEmpty() ? "" : ObjectNames.kind(target));
        } else {
            printOne(client);
        }
        if (!watch) {
            return ExitCodes.OK;
        }
        out().flush();
        return new WatchPrinter(cli(), options()).follow(client, list ? "" : ObjectNames.object(target), selector);
    }

    private void printOne(QuorateClient client) {
        GetObjectResponse answer = fetchTarget(client);
        List<AnyObject> objects = new ArrayList<>(List.of(answer.getObject()));
        if (options().output() == OutputFormat.YAML) {
            addInner(client, answer.getObject(), objects);
        }
        if (!allRules) {
            printObjects(objects, answer.getObject(), answer.getHeader());
            return;
        }
        List<ConstraintTables.Rule> rules = ConstraintTables.touching(
                list(client, ListObjectsRequest.newBuilder()).getObjectsList(), names(answer.getObject()));
        List<AnyObject> others = rules.stream()
                .map(ConstraintTables.Rule::object)
                .filter(object -> object.hasLocation()
                        || object.hasColocation()
                        || object.hasOrder()
                        || object.hasTicketConstraint())
                .filter(object -> !objects.contains(object))
                .distinct()
                .toList();
        boolean yaml = options().output() == OutputFormat.YAML;
        if (yaml || options().output() == OutputFormat.JSON) {
            objects.addAll(others);
        }
        ListObjectsResponse all = ListObjectsResponse.newBuilder()
                .setHeader(answer.getHeader())
                .addAllObjects(objects)
                .build();
        printObjects(objects, all, answer.getHeader());
        if (yaml) {
            printShortForms(rules, objects);
        } else if (forPeople()) {
            out().print("\n" + ConstraintTables.rules(rules));
        }
    }

    /** A bare word may have been meant as a kind: where nothing has that name, the kinds are said. */
    private GetObjectResponse fetchTarget(QuorateClient client) {
        try {
            return fetch(client, ObjectNames.object(target));
        } catch (QuorateException e) {
            if (e.category() != Category.NOT_FOUND || target.indexOf('/') >= 0) {
                throw e;
            }
            throw QuorateException.of(
                            e.category(), e.code(), "\"" + target + "\" is no kind, and nothing has that name")
                    .object(e.object())
                    .nextStep("kinds are " + String.join(", ", ObjectNames.kinds()) + ", settings")
                    .cause(e)
                    .build();
        }
    }

    /** What a group or a clone is made of, so that the file is whole. */
    private void addInner(QuorateClient client, AnyObject object, List<AnyObject> objects) {
        if (object.hasClone()) {
            AnyObject copied =
                    fetch(client, object.getClone().getSpec().getOf()).getObject();
            objects.add(copied);
            addInner(client, copied, objects);
        }
        for (String member : object.getGroup().getSpec().getMembersList()) {
            objects.add(fetch(client, "resources/" + member).getObject());
        }
    }

    /** What is written in objects that are not part of the file: as comments, so that it can still be applied. */
    private void printShortForms(List<ConstraintTables.Rule> rules, List<AnyObject> objects) {
        Set<String> written = objects.stream().map(ObjectNames::key).collect(Collectors.toSet());
        rules.stream()
                .filter(rule -> !written.contains(ObjectNames.key(rule.object())))
                .forEach(rule -> out().println("# " + rule.where() + " = " + rule.text()));
    }

    /** The object's own name, and those of what it is made of or is part of. */
    private static Set<String> names(AnyObject object) {
        Set<String> names = new TreeSet<>(object.getGroup().getSpec().getMembersList());
        names.add(ObjectNames.meta(object).getName());
        if (!object.getResource().getGroup().isEmpty()) {
            names.add(object.getResource().getGroup());
        }
        for (String name : List.of(
                object.getClone().getSpec().getOf(),
                object.getGroup().getClone(),
                object.getResource().getClone())) {
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private GetObjectResponse fetch(QuorateClient client, String object) {
        return client.read(
                ResourceServiceGrpc.getGetObjectMethod(),
                GetObjectRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setObject(object)
                        .build());
    }

    private int settings(QuorateClient client) {
        GetSettingsResponse answer = client.read(
                ClusterServiceGrpc.getGetSettingsMethod(),
                GetSettingsRequest.newBuilder().setRead(read().toOptions()).build());
        if (options().output() == OutputFormat.YAML) {
            out().print(ManifestWriter.write(List.of(ManifestWriter.manifest(answer.getSettings()))));
        } else {
            print(answer, () -> Tables.settings(answer.getSettings()));
        }
        return ExitCodes.OK;
    }

    private void printList(QuorateClient client, String kind) {
        ListObjectsResponse all = list(
                client,
                ListObjectsRequest.newBuilder().setKind(kind).setSet(set).setLabelSelector(selector));
        printObjects(new ArrayList<>(all.getObjectsList()), all, all.getHeader());
    }

    private ListObjectsResponse list(QuorateClient client, ListObjectsRequest.Builder request) {
        request.setRead(read().toOptions());
        ListObjectsResponse.Builder all = ListObjectsResponse.newBuilder();
        ListObjectsResponse page;
        do {
            page = client.read(ResourceServiceGrpc.getListObjectsMethod(), request.build());
            all.setHeader(page.getHeader()).addAllObjects(page.getObjectsList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return all.build();
    }

    private void printObjects(List<AnyObject> objects, Message answer, ResponseHeader header) {
        if (options().output() == OutputFormat.YAML) {
            out().print(ManifestWriter.writeObjects(objects));
        } else {
            Output.print(
                    out(), options().output(), answer, () -> ObjectText.tables(objects, cli().nowMillis(), wide()));
        }
        out().flush();
        sayIfStale(header);
    }
}
