package io.aestus.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.network.PortMapping.Protocol;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PastaTest {
    private static String command(PortMapping... ports) {
        return String.join(" ", Pasta.command(Path.of("/bin/pasta"), Path.of("/n"), Path.of("/p"), List.of(ports)));
    }

    @Test
    void ports_lead_into_the_pod_and_none_besides() {
        String all = command(
                new PortMapping(Optional.empty(), 8080, 80, Protocol.TCP),
                new PortMapping(Optional.of("127.0.0.1"), 8443, 443, Protocol.TCP),
                new PortMapping(Optional.empty(), 5353, 53, Protocol.UDP));
        assertTrue(all.endsWith(" --tcp-ports 8080:80 --tcp-ports 127.0.0.1/8443:443 --udp-ports 5353:53"), all);
        assertTrue(command().endsWith(" --tcp-ports none --udp-ports none"), command());
        assertEquals(1, command().split("--no-map-gw", -1).length - 1);
    }
}
