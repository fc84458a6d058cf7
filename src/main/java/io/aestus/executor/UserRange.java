package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.UserNamespaceMap;

/**
 * The users of a pod as the host sees them: its user n is the host's base + n, and groups likewise. The host's numbers are the kernel's 32
 * bits, in Java negative from 2^31 on.
 *
 * @param base 0 for the host's own users
 */
record UserRange(int base, int count) {
    /** No user namespace but the one that this process is in: on most hosts every user is the host's. */
    static final UserRange HOST = new UserRange(0, OwnUsers.count());

    private static final long HIGHEST_ID = 0xFFFF_FFFEL;

    /** @throws AestusException {@link Problem#INVALID} unless the kernel has so many */
    static UserRange of(long base, long count) {
        if (base <= 0 || count <= 0 || count > Integer.MAX_VALUE || base + count - 1 > HIGHEST_ID) {
            throw new AestusException(
                    Problem.INVALID, "cannot make a user namespace of " + count + " users from " + base + " on");
        }
        return new UserRange((int) base, (int) count);
    }

    boolean isPrivate() {
        return base != 0;
    }

    /** The host's number of a user or group of the pod. */
    int onHost(int id) {
        return isPrivate() ? base + id : id;
    }

    /** The pod's number of a user or group of the host; itself if the pod has none. */
    int inPod(int id) {
        return isPrivate() && Integer.compareUnsigned(id - base, count) < 0 ? id - base : id;
    }

    /** Whether the pod has a user or group of this number. */
    boolean contains(long id) {
        return id >= 0 && id < (count == Integer.MAX_VALUE ? 0xFFFF_FFFFL : count);
    }

    UserNamespaceMap map() {
        return UserNamespaceMap.shifted(base, count);
    }

    void addTo(JsonObject.Builder json) {
        json.put("userBase", Integer.toUnsignedLong(base)).put("userCount", count);
    }

    static UserRange read(JsonView json) {
        return new UserRange(
                (int) json.required("userBase").whole(0, HIGHEST_ID),
                json.required("userCount").wholeInt(1, Integer.MAX_VALUE));
    }
}
