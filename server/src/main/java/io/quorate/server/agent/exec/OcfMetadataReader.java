package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Reads the XML of {@code meta-data}. The text is untrusted: no entity is declared or fetched. */
final class OcfMetadataReader {
    private static final Pattern SECRET_NAME =
            Pattern.compile("(^|_)(pass|passwd|password|secret|community|private_key)$");

    private OcfMetadataReader() {}

    /** Reads it, or throws RefusedException when it is not the metadata of a resource agent. */
    static OcfMetadata read(String xml) {
        if (xml.contains("<!ENTITY")) {
            throw new RefusedException("metadata declares XML entities", ExitCodes.ERR_INSTALLED);
        }
        try {
            Document document = builder().parse(new InputSource(new StringReader(xml.strip())));
            Element root = document.getDocumentElement();
            if (!root.getTagName().equals("resource-agent")) {
                throw new RefusedException("metadata is not that of a resource agent", ExitCodes.ERR_INSTALLED);
            }
            return new OcfMetadata(root.getAttribute("name"), parameters(root), actions(root));
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new RefusedException("metadata cannot be read: " + e.getMessage(), ExitCodes.ERR_INSTALLED);
        }
    }

    private static DocumentBuilder builder() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
        factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setEntityResolver((publicId, systemId) -> new InputSource(new StringReader("")));
        builder.setErrorHandler(new DefaultHandler());
        return builder;
    }

    private static SortedMap<String, OcfMetadata.Parameter> parameters(Element root) {
        SortedMap<String, OcfMetadata.Parameter> parameters = new TreeMap<>();
        for (Element element : elements(root, "parameter")) {
            String name = element.getAttribute("name");
            String required = element.getAttribute("required");
            boolean secret = SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).find();
            parameters.put(
                    name, new OcfMetadata.Parameter(name, required.equals("1") || required.equals("true"), secret));
        }
        return parameters;
    }

    private static List<OcfMetadata.Action> actions(Element root) {
        List<OcfMetadata.Action> actions = new ArrayList<>();
        for (Element element : elements(root, "action")) {
            actions.add(new OcfMetadata.Action(
                    element.getAttribute("name"),
                    Durations.parse(element.getAttribute("timeout")).orElse(Duration.ZERO),
                    Durations.parse(element.getAttribute("interval")).orElse(Duration.ZERO),
                    depth(element.getAttribute("depth")),
                    element.getAttribute("role")));
        }
        return actions;
    }

    private static int depth(String text) {
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    }

    private static List<Element> elements(Element root, String tag) {
        NodeList nodes = root.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int index = 0; index < nodes.getLength(); index++) {
            elements.add((Element) nodes.item(index));
        }
        return elements;
    }
}
