package io.aestus.linux;

import java.nio.ByteBuffer;

/** The loopback interface of the network namespace in which the calling thread is. */
public final class Loopback {
    private static final int IFF_UP = 1;

    /** In each new namespace the loopback interface is the first. */
    private static final int INTERFACE = 1;

    private static final int LINK_BYTES = 16; // struct ifinfomsg

    private Loopback() {}

    /** Sets it up, whereupon it has 127.0.0.1 and ::1. */
    public static void bringUp() throws SyscallException {
        ByteBuffer link = NetlinkSocket.message(LINK_BYTES);
        link.putInt(0).putInt(INTERFACE).putInt(IFF_UP).putInt(IFF_UP);
        try (var socket = NetlinkSocket.open()) {
            socket.change(NetlinkSocket.RTM_NEWLINK, link, "bring up the loopback interface");
        }
    }
}
