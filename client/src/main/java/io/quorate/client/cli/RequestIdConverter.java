package io.quorate.client.cli;

import io.quorate.client.RequestId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code ID@1:42}. */
public final class RequestIdConverter implements ITypeConverter<RequestId> {
    @Override
    public RequestId convert(String text) {
        try {
            return RequestId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
