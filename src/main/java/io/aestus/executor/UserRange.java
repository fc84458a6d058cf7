package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.UserNamespaceMap;

/**
 * The users of a pod as the host sees them: its user n is the host's base + n, and groups likewise.
 *
 * @param base 0 for the host's own users
 */
record UserRange(int base, int count) {
    /** No user namespace but the one that this process is in: on most hosts every user is the host's. */
    static final UserRange HOST = new UserRange(0, OwnUsers.count());

    boolean isPrivate() {
        return base != 0;
    }

    /** The host's number of a user or group of the pod. */
    int onHost(int id) {
        return isPrivate() ? base + id : id;
    }

    /** The pod's number of a user or group of the host; itself if the pod has none. */
    int inPod(int id) {
        return isPrivate() && id >= base && id - base < count ? id - base : id;
    }

    /** Whether the pod has a user or group of this number. */
    boolean contains(long id) {
        return id >= 0 && id < (count == Integer.MAX_VALUE ? 0xFFFF_FFFFL : count);
    }

    UserNamespaceMap map() {
        return UserNamespaceMap.shifted(base, count);
    }

    void addTo(JsonObject.Builder json) {
        json.put("userBase", base).put("userCount", count);
    }

    static UserRange read(JsonView json) {
        return new UserRange(
                json.required("userBase").wholeInt(0, Integer.MAX_VALUE),
                json.required("userCount").wholeInt(1, Integer.MAX_VALUE));
    }
}
