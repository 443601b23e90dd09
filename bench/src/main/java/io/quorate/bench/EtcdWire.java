package io.quorate.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The little of etcd's protocol that a put, a get and finding the leader need, by field numbers. */
final class EtcdWire {
    static final MethodDescriptor<byte[], byte[]> PUT = method("etcdserverpb.KV", "Put");
    static final MethodDescriptor<byte[], byte[]> RANGE = method("etcdserverpb.KV", "Range");
    static final MethodDescriptor<byte[], byte[]> STATUS = method("etcdserverpb.Maintenance", "Status");

    private EtcdWire() {}

    private static MethodDescriptor<byte[], byte[]> method(String service, String name) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .build();
    }

    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** PutRequest: key = 1, value = 2. */
    static byte[] put(String key, String value) {
        return fields(key, value);
    }

    /** RangeRequest: key = 1; serializable (7) stays false: linearizable. */
    static byte[] range(String key) {
        return fields(key);
    }

    private static byte[] fields(String... values) {
        byte[][] bytes = new byte[values.length][];
        int size = 0;
        for (int i = 0; i < values.length; i++) {
            bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
            size += CodedOutputStream.computeByteArraySize(i + 1, bytes[i]);
        }
        byte[] message = new byte[size];
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(message);
            for (int i = 0; i < values.length; i++) {
                out.writeBytes(i + 1, UnsafeByteOperations.unsafeWrap(bytes[i]));
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return message;
    }

    /** RangeResponse: count = 4. */
    static long count(byte[] rangeResponse) {
        return number(rangeResponse, 4);
    }

    /** StatusResponse: header = 1 with member_id = 2, leader = 4. */
    static boolean leads(byte[] statusResponse) {
        long leader = number(statusResponse, 4);
        return leader != 0 && leader == number(message(statusResponse, 1), 2);
    }

    private static long number(byte[] message, int field) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == (field << 3 | WireFormat.WIRETYPE_VARINT)) {
                    return in.readUInt64();
                }
                in.skipField(tag);
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] message(byte[] outer, int field) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(outer);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == (field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                    return in.readByteArray();
                }
                in.skipField(tag);
            }
            return new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
