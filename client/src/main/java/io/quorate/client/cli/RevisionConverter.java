package io.quorate.client.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the revision of an object, one number: a position, whose second number looks like it, is refused. */
public final class RevisionConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        if (text.matches("[0-9]{1,18}")) {
            return Long.valueOf(text);
        }
        String what = text.matches("[0-9]+:[0-9]+") ? "is a position of the cluster" : "is no number";
        throw new TypeConversionException(
                "'" + text + "' " + what + ", and a revision is one number: REV in quorate get NAME -o wide");
    }
}
