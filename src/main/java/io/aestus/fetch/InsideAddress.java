package io.aestus.fetch;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Addresses that mean this machine or its own network: other things on another network than on ours, so that no stranger may
 * choose among them.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IANA: special-purpose IPv4 addresses</a>
 */
final class InsideAddress {
    private static final List<Range> RANGES = List.of(
            Range.of("0.0.0.0", 8),
            Range.of("10.0.0.0", 8),
            Range.of("100.64.0.0", 10), // shared by a provider's customers, and by overlay networks
            Range.of("127.0.0.0", 8),
            Range.of("169.254.0.0", 16), // link-local: where clouds keep their metadata
            Range.of("172.16.0.0", 12),
            Range.of("192.0.0.0", 24),
            Range.of("192.168.0.0", 16),
            Range.of("198.18.0.0", 15), // benchmarks
            Range.of("224.0.0.0", 3), // multicast, reserved, broadcast
            Range.of("::", 96), // unspecified, loopback, IPv4 in the old form
            Range.of("fc00::", 7), // unique local
            Range.of("fe80::", 9), // link-local and the old site-local
            Range.of("ff00::", 8)); // multicast

    /** IPv6 that a gateway turns into the IPv4 address it holds: NAT64, and where in 6to4. */
    private static final Range NAT64 = Range.of("64:ff9b::", 32);

    private static final Range SIX_TO_FOUR = Range.of("2002::", 16);

    private InsideAddress() {}

    static boolean isInside(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (RANGES.stream().anyMatch(range -> range.holds(bytes))) {
            return true;
        }
        if (address instanceof Inet4Address) {
            return false;
        }
        return (NAT64.holds(bytes) && isInside(inet4(bytes, 12)))
                || (SIX_TO_FOUR.holds(bytes) && isInside(inet4(bytes, 2)));
    }

    private static InetAddress inet4(byte[] bytes, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + Integer.BYTES));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes always are an address
        }
    }

    private record Range(InetAddress base, int bits) {
        static Range of(String literal, int bits) {
            return new Range(InetAddress.ofLiteral(literal), bits);
        }

        boolean holds(byte[] address) {
            byte[] first = base.getAddress();
            if (address.length != first.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if (((address[bit >> 3] ^ first[bit >> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
