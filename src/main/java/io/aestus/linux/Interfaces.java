package io.aestus.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Network interfaces that go from one network namespace to another. */
public final class Interfaces {
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e&&[^/:%]]{1,15}");

    private static final int IFF_UP = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int LINK_BYTES = 16; // struct ifinfomsg

    private static final int ADDRESS_BYTES = 8; // struct ifaddrmsg
    private static final int FLAGS = 2;
    private static final int SCOPE = 3;
    private static final int INDEX = 4;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_F_PERMANENT = 0x80;
    private static final int ROOM = 128;

    private Interfaces() {}

    /** Whether an interface can be called so. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    /** The network in which this process is. */
    public static Fd own() throws SyscallException {
        return Namespaces.of(ProcessHandle.current().pid(), Namespace.NETWORK);
    }

    /** Whether a network has an interface of that name. */
    public static boolean has(Fd network, String name) throws IOException {
        return Namespaces.inside(network, Namespace.NETWORK, () -> {
            try (var socket = NetlinkSocket.open()) {
                return socket.index(name).isPresent();
            }
        });
    }

    /**
     * Moves an interface with the addresses that it is to keep and that others can reach, and sets it up there.
     *
     * @return false if {@code from} has none of that name
     * @throws SyscallException EEXIST if {@code to} has one called {@code newName}, EINVAL for an interface that cannot be moved
     */
    public static boolean move(Fd from, String name, Fd to, String newName) throws IOException {
        Optional<List<ByteBuffer>> addresses =
                Namespaces.inside(from, Namespace.NETWORK, () -> leave(name, to, newName));
        if (addresses.isEmpty()) {
            return false;
        }
        return Namespaces.inside(to, Namespace.NETWORK, () -> settle(newName, addresses.get()));
    }

    private static Optional<List<ByteBuffer>> leave(String name, Fd to, String newName) throws IOException {
        try (var socket = NetlinkSocket.open()) {
            OptionalInt index = socket.index(name);
            if (index.isEmpty()) {
                return Optional.empty();
            }
            List<ByteBuffer> addresses = addresses(socket, index.getAsInt());
            ByteBuffer link = link(index.getAsInt(), 0, ROOM);
            NetlinkSocket.attribute(link, IFLA_NET_NS_FD, to.number());
            NetlinkSocket.attribute(link, IFLA_IFNAME, (newName + "\0").getBytes(StandardCharsets.UTF_8));
            socket.change(NetlinkSocket.RTM_NEWLINK, link, "move interface " + name);
            return Optional.of(addresses);
        }
    }

    private static boolean settle(String name, List<ByteBuffer> addresses) throws IOException {
        try (var socket = NetlinkSocket.open()) {
            int index = socket.index(name)
                    .orElseThrow(() -> new SyscallException("find interface " + name + " again", Errno.ENODEV));
            for (ByteBuffer address : addresses) {
                address.putInt(INDEX, index);
                socket.change(NetlinkSocket.RTM_NEWADDR, address, "give interface " + name + " its address");
            }
            socket.change(NetlinkSocket.RTM_NEWLINK, link(index, IFF_UP, 0), "set interface " + name + " up");
            return true;
        }
    }

    private static ByteBuffer link(int index, int flags, int room) {
        ByteBuffer link = NetlinkSocket.message(LINK_BYTES + room);
        return link.putInt(0).putInt(index).putInt(flags).putInt(flags);
    }

    /** As messages that set them again. */
    private static List<ByteBuffer> addresses(NetlinkSocket socket, int index) throws SyscallException {
        var addresses = new ArrayList<ByteBuffer>();
        ByteBuffer any = NetlinkSocket.message(ADDRESS_BYTES).putLong(0);
        for (ByteBuffer found : socket.all(NetlinkSocket.RTM_GETADDR, any, "list addresses")) {
            boolean isLasting = (found.get(FLAGS) & IFA_F_PERMANENT) != 0;
            boolean isGlobal = found.get(SCOPE) == 0;
            if (found.getInt(INDEX) == index && isLasting && isGlobal) {
                addresses.add(copy(found));
            }
        }
        return addresses;
    }

    private static ByteBuffer copy(ByteBuffer found) {
        ByteBuffer copy = NetlinkSocket.message(NetlinkSocket.aligned(found.remaining()));
        copy.putLong(found.getLong(0));
        for (int at = ADDRESS_BYTES; at + 4 <= found.limit(); ) {
            int length = found.getShort(at);
            int type = found.getShort(at + 2);
            if (length < 4 || at + length > found.limit()) {
                break;
            }
            if (type == IFA_ADDRESS || type == IFA_LOCAL || type == IFA_BROADCAST) {
                byte[] value = new byte[length - 4];
                found.get(at + 4, value);
                NetlinkSocket.attribute(copy, type, value);
            }
            at += NetlinkSocket.aligned(length);
        }
        return copy;
    }
}
