package io.quorate.client.manifest;

import io.quorate.client.manifest.YamlNode.Entry;
import io.quorate.client.manifest.YamlNode.Mapping;
import io.quorate.client.manifest.YamlNode.Scalar;
import io.quorate.client.manifest.YamlNode.Sequence;
import io.quorate.statemachine.model.Limits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML text to documents of {@link YamlNode}. Works on the parser's events, so that nothing is resolved, expanded or
 * constructed: anchors, aliases and tags are refused, and depth is bounded.
 */
final class YamlReader {
    private static final int MAX_DEPTH = 16;

    /** With room for what is no object: templates, tags, defaults. A file of more would be held in memory in vain. */
    private static final int MAX_DOCUMENTS = Limits.MANIFESTS_PER_APPLY + 1_000;

    /** Forty in each object of the largest apply. */
    private static final int MAX_VALUES = 40 * Limits.MANIFESTS_PER_APPLY;

    private static final String SPLIT = "split it: one apply takes at most " + Limits.MANIFESTS_PER_APPLY + " objects";

    private final String file;
    private final Problems problems;
    private final String text;
    private int values;

    private YamlReader(String file, String text, Problems problems) {
        this.file = file;
        this.text = text;
        this.problems = problems;
    }

    /** The documents of a file; those before a syntax error when it is not {@code complete}. */
    record Documents(List<YamlNode> roots, boolean complete) {}

    static Documents documents(String file, String text, Problems problems) {
        return new YamlReader(file, text, problems).documents();
    }

    private Documents documents() {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(Integer.MAX_VALUE) // the loader bounds the file's bytes
                .build();
        List<YamlNode> documents = new ArrayList<>();
        try {
            Iterator<Event> events = new Parse(settings).parseString(text).iterator();
            while (events.hasNext()) {
                Event event = events.next();
                if (event instanceof NodeEvent node) {
                    refuseTooMany(documents.size(), node);
                    documents.add(node(node, events, 1));
                }
            }
            return new Documents(documents, true);
        } catch (MarkedYamlEngineException e) {
            SourceMark at =
                    e.getProblemMark().or(e::getContextMark).map(this::mark).orElse(SourceMark.wholeFile(file));
            String context = e.getContext() == null ? "" : " (" + e.getContext() + ")";
            problems.add(at, "this is not valid YAML: " + e.getProblem() + context, "");
        } catch (ReaderException e) {
            String what = String.format("this is not text: character U+%04X is not allowed", e.getCodePoint());
            problems.add(markOf(e.getPosition()), what, "remove it");
        } catch (YamlEngineException e) {
            problems.add(SourceMark.wholeFile(file), "this is not valid YAML: " + e.getMessage(), "");
        } catch (UnsupportedNode e) {
            problems.add(e.at, e.what, e.fix);
        }
        return new Documents(documents, false);
    }

    private void refuseTooMany(int before, NodeEvent next) {
        if (before == MAX_DOCUMENTS) {
            SourceMark at = next.getStartMark().map(this::mark).orElse(SourceMark.wholeFile(file));
            throw new UnsupportedNode(at, "the file has more than " + MAX_DOCUMENTS + " documents", SPLIT);
        }
    }

    private YamlNode node(NodeEvent event, Iterator<Event> events, int depth) {
        SourceMark at = event.getStartMark().map(this::mark).orElse(SourceMark.wholeFile(file));
        refuseUnsupported(event, at, depth);
        if (event instanceof ScalarEvent scalar) {
            return new Scalar(at, scalar.getValue(), scalar.isPlain());
        }
        if (event instanceof SequenceStartEvent) {
            List<YamlNode> items = new ArrayList<>();
            for (Event next = events.next(); next instanceof NodeEvent item; next = events.next()) {
                items.add(node(item, events, depth + 1));
            }
            return new Sequence(at, items);
        }
        return mapping(at, events, depth);
    }

    private Mapping mapping(SourceMark at, Iterator<Event> events, int depth) {
        List<Entry> entries = new ArrayList<>();
        Map<String, SourceMark> seen = new HashMap<>();
        for (Event next = events.next(); next instanceof NodeEvent keyEvent; next = events.next()) {
            YamlNode key = node(keyEvent, events, depth + 1);
            if (!(events.next() instanceof NodeEvent valueEvent)) {
                throw new UnsupportedNode(key.at(), "a key has no value", "");
            }
            YamlNode value = node(valueEvent, events, depth + 1);
            if (!(key instanceof Scalar name)) {
                problems.add(key.at(), key.described() + " cannot be a key", "put it in quotes if it is text");
                continue;
            }
            SourceMark first = seen.putIfAbsent(name.text(), name.at());
            if (first == null) {
                entries.add(new Entry(name.at(), name.text(), value));
            } else {
                String what = "'" + name.text() + "' is there twice, first in line " + first.line();
                problems.add(name.at(), what, "remove one");
            }
        }
        return new Mapping(at, entries);
    }

    private void refuseUnsupported(NodeEvent event, SourceMark at, int depth) {
        if (event instanceof AliasEvent || event.getAnchor().isPresent()) {
            throw new UnsupportedNode(at, "anchors and aliases (& and *) are not supported", "write the value out");
        }
        Optional<String> tag = Optional.empty();
        if (event instanceof ScalarEvent scalar) {
            tag = scalar.getTag();
        } else if (event instanceof SequenceStartEvent sequence) {
            tag = sequence.getTag();
        } else if (event instanceof MappingStartEvent mapping) {
            tag = mapping.getTag();
        }
        if (tag.isPresent()) {
            throw new UnsupportedNode(at, "tags such as " + tag.get() + " are not supported", "remove it");
        }
        if (++values > MAX_VALUES) {
            throw new UnsupportedNode(at, "the file has more than " + MAX_VALUES + " keys and values", SPLIT);
        }
        if (depth > MAX_DEPTH) {
            throw new UnsupportedNode(at, "this is nested more than " + MAX_DEPTH + " levels deep", "");
        }
    }

    private SourceMark mark(Mark mark) {
        return new SourceMark(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private SourceMark markOf(int position) {
        int end = Math.min(Math.max(position, 0), text.length());
        int line = (int) text.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
        return new SourceMark(file, line, end - text.lastIndexOf('\n', end - 1));
    }

    /** Ends the reading of a file: what follows cannot be understood, or must not be looked at. */
    private static final class UnsupportedNode extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient SourceMark at;
        private final String what;
        private final String fix;

        UnsupportedNode(SourceMark at, String what, String fix) {
            super(what, null, false, false);
            this.at = at;
            this.what = what;
            this.fix = fix;
        }
    }
}
