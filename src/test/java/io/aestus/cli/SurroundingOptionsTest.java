package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.Dns;
import io.aestus.executor.PodOptions.HostsEntry;
import io.aestus.executor.PodOptions.Sharing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class SurroundingOptionsTest {
    private static PodOptions over(PodOptions base, String... words) {
        var spec = SurroundingOptions.add(CommandSpec.create().name("run"));
        return SurroundingOptions.over(base, new CommandLine(spec).parseArgs(words));
    }

    @Test
    void what_is_not_said_stays_as_it_was() {
        var prepared = over(
                PodOptions.DEFAULT, "--hostname=shop", "--dns=192.0.2.53", "--hosts-entry=192.0.2.1=a", "--ipc=parent");
        assertEquals(prepared, over(prepared));
        assertEquals(Optional.of("shop"), prepared.hostname());
        assertEquals(Sharing.HOST, prepared.ipc());
        var changed = over(prepared, "--dns=192.0.2.54", "--dns-search=shop.test", "--ipc=private");
        assertEquals(Optional.of(new Dns(List.of("192.0.2.54"), List.of("shop.test"), List.of())), changed.dns());
        assertEquals(List.of(new HostsEntry("192.0.2.1", List.of("a"))), changed.hosts());
        assertEquals(Sharing.POD, changed.ipc());
    }

    @Test
    void the_hosts_own_files_can_be_asked_for() {
        var hosts = over(PodOptions.DEFAULT, "--hosts-entry=host", "--dns=host");
        assertEquals(Sharing.HOST, hosts.hostsFile());
        assertEquals(Optional.empty(), hosts.dns());
        assertEquals(Sharing.POD, over(hosts, "--hosts-entry=192.0.2.1=a").hostsFile());
    }

    @ParameterizedTest
    @CsvSource({
        "--ipc=mine, is neither auto",
        "--hosts-entry=host --hosts-entry=192.0.2.1=a, host excludes other entries",
        "--dns=host --dns=192.0.2.53, host excludes all other words",
        "--dns=none --dns-search=a, none excludes all other words",
    })
    void what_contradicts_itself_is_refused(String words, String reason) {
        var wrong = assertThrows(AestusException.class, () -> over(PodOptions.DEFAULT, words.split(" ")));
        assertTrue(wrong.message().contains(reason), wrong.message());
    }
}
