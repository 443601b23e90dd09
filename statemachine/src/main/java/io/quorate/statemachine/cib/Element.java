package io.quorate.statemachine.cib;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One element of an XML document. Text between elements is left out: a CIB has none that matters.
 *
 * @param at where it begins
 */
record Element(String name, SortedMap<String, String> attributes, List<Element> children, Place at) {
    /** A place in the file; both numbers count from 1. */
    record Place(int line, int column) {
        static final Place START = new Place(1, 1);

        @Override
        public String toString() {
            return "line " + line + ", column " + column;
        }
    }

    Element {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
        children = List.copyOf(children);
    }

    /** Its attribute of that name, or the empty string. */
    String get(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    Optional<String> find(String attribute) {
        return Optional.ofNullable(attributes.get(attribute));
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    String id() {
        return get("id");
    }

    /** Its direct children of that name, in order. */
    List<Element> children(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    Optional<Element> child(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).findFirst();
    }

    /** The grandchildren: {@code all("resources", "primitive")}. */
    List<Element> all(String childName, String grandchildName) {
        return children(childName).stream()
                .flatMap(child -> child.children(grandchildName).stream())
                .toList();
    }

    /** Itself and everything below, in document order. */
    Stream<Element> walk() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(Element::walk));
    }
}
