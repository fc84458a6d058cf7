package io.aestus.metadata;

import io.aestus.appc.PodUuid;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * By what pods of this node know each other: each has a key, made of the node's and its UUID, that no app ever sees.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#identity-endpoint">appc: Identity Endpoint</a>
 */
final class Identity {
    private static final String ALGORITHM = "HmacSHA512";
    private static final byte[] NOTHING = {};

    private final NodeKey node;

    Identity(NodeKey node) {
        this.node = node;
    }

    /** HMAC-SHA512 over the 16 bytes of the UUID and the content, as rkt has it, by the key of that pod. */
    byte[] sign(PodUuid pod, byte[] content) {
        var uuid = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(pod.value().getMostSignificantBits())
                .putLong(pod.value().getLeastSignificantBits())
                .array();
        byte[] key = hmac(node.bytes(), uuid, NOTHING);
        return hmac(key, uuid, content);
    }

    /** Whether a pod of this node, which may be gone, has signed that content so. */
    boolean isSignature(byte[] signature, PodUuid pod, byte[] content) {
        return MessageDigest.isEqual(sign(pod, content), signature);
    }

    private static byte[] hmac(byte[] key, byte[] first, byte[] second) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(first);
            mac.update(second);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
