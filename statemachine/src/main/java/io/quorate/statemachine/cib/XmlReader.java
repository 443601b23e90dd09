package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Element.Place;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads XML that somebody else wrote: no entities, no document type, and limits on everything that could grow. */
final class XmlReader {
    /** A CIB of 10,000 resources on 64 nodes with its history has about 30 MB and half a million elements. */
    static final int MAX_BYTES = 64 << 20;

    static final int MAX_ELEMENTS = 2_000_000;
    static final int MAX_DEPTH = 64;
    static final int MAX_VALUE = 1 << 20;

    private final XMLStreamReader reader;
    private final Deque<Open> open = new ArrayDeque<>();
    private int elements;
    private @Nullable Element root;

    private XmlReader(XMLStreamReader reader) {
        this.reader = reader;
    }

    /** An element whose end has not been read. */
    private record Open(String name, SortedMap<String, String> attributes, Place at, List<Element> children) {}

    static Element read(InputStream in) throws CibException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        LimitedStream limited = new LimitedStream(in, MAX_BYTES);
        try {
            return new XmlReader(factory.createXMLStreamReader(limited)).document();
        } catch (XMLStreamException e) {
            Place at = e.getLocation() == null ? Place.START : place(e.getLocation());
            throw new CibException(
                    at,
                    limited.isExceeded()
                            ? "the file is larger than " + (MAX_BYTES >> 20) + " MiB"
                            : "this is not XML: " + firstLine(e));
        }
    }

    private Element document() throws XMLStreamException, CibException {
        while (reader.hasNext()) {
            // Where the last event ended the next one begins; nothing tells of the lines before the first element.
            Place at = place(reader.getLocation());
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> begin(elements == 0 ? place(reader.getLocation()) : at);
                case XMLStreamConstants.END_ELEMENT -> end();
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new CibException(at, "document types and entities are not read: a CIB has none");
                default -> {
                    // Text, comments and processing instructions say nothing in a CIB.
                }
            }
        }
        return Objects.requireNonNull(root, "a document without an element is refused by the parser");
    }

    private void begin(Place at) throws CibException {
        if (++elements > MAX_ELEMENTS) {
            throw new CibException(at, "more than " + MAX_ELEMENTS + " elements");
        }
        if (open.size() >= MAX_DEPTH) {
            throw new CibException(at, "elements are nested more than " + MAX_DEPTH + " deep");
        }
        open.push(new Open(reader.getLocalName(), attributes(at), at, new ArrayList<>()));
    }

    private void end() {
        Open ended = open.pop();
        Element element = new Element(ended.name(), ended.attributes(), ended.children(), ended.at());
        if (open.isEmpty()) {
            root = element;
        } else {
            open.getFirst().children().add(element);
        }
    }

    private SortedMap<String, String> attributes(Place at) throws CibException {
        SortedMap<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String value = reader.getAttributeValue(i);
            if (value.length() > MAX_VALUE) {
                throw new CibException(
                        at, "the value of " + reader.getAttributeLocalName(i) + " is longer than " + MAX_VALUE);
            }
            attributes.put(reader.getAttributeLocalName(i), value);
        }
        return attributes;
    }

    private static Place place(Location location) {
        return new Place(Math.max(1, location.getLineNumber()), Math.max(1, location.getColumnNumber()));
    }

    private static String firstLine(XMLStreamException failure) {
        String message = String.valueOf(failure.getMessage());
        int from = message.lastIndexOf("Message: ");
        String text = from < 0 ? message : message.substring(from + "Message: ".length());
        return text.lines().findFirst().orElse(text).strip();
    }
}
