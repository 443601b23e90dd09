package io.quorate.statemachine.cib;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads XML that somebody else wrote: no entities, no document type, and limits on everything that could grow. */
final class XmlReader {
    /** A CIB of 10,000 resources on 64 nodes with its history has about 30 MB and half a million elements. */
    static final int MAX_ELEMENTS = 2_000_000;

    static final int MAX_DEPTH = 64;
    static final int MAX_VALUE = 1 << 20;

    private XmlReader() {}

    /** An element whose end has not been read. */
    private record Open(String name, SortedMap<String, String> attributes, int line, List<Element> children) {}

    static Element read(InputStream in) throws CibException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        try {
            return read(factory.createXMLStreamReader(in));
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
            throw new CibException(line, "this is not XML: " + firstLine(e));
        }
    }

    private static Element read(XMLStreamReader reader) throws XMLStreamException, CibException {
        Deque<Open> open = new ArrayDeque<>();
        @Nullable Element root = null;
        int elements = 0;
        while (reader.hasNext()) {
            int line = reader.getLocation().getLineNumber();
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++elements > MAX_ELEMENTS) {
                        throw new CibException(line, "more than " + MAX_ELEMENTS + " elements");
                    }
                    if (open.size() >= MAX_DEPTH) {
                        throw new CibException(line, "elements are nested more than " + MAX_DEPTH + " deep");
                    }
                    open.push(new Open(reader.getLocalName(), attributes(reader, line), line, new ArrayList<>()));
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    Open ended = open.pop();
                    Element element = new Element(ended.name(), ended.attributes(), ended.children(), ended.line());
                    if (open.isEmpty()) {
                        root = element;
                    } else {
                        open.getFirst().children().add(element);
                    }
                }
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new CibException(line, "document types and entities are not read: a CIB has none");
                default -> {
                    // Text, comments and processing instructions say nothing in a CIB.
                }
            }
        }
        return Objects.requireNonNull(root, "a document without an element is refused by the parser");
    }

    private static SortedMap<String, String> attributes(XMLStreamReader reader, int line) throws CibException {
        SortedMap<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String value = reader.getAttributeValue(i);
            if (value.length() > MAX_VALUE) {
                throw new CibException(
                        line, "the value of " + reader.getAttributeLocalName(i) + " is longer than " + MAX_VALUE);
            }
            attributes.put(reader.getAttributeLocalName(i), value);
        }
        return attributes;
    }

    private static String firstLine(XMLStreamException failure) {
        String message = String.valueOf(failure.getMessage());
        int end = message.lastIndexOf("Message: ");
        return end < 0 ? message : message.substring(end + "Message: ".length());
    }
}
