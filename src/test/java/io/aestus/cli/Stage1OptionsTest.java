package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.executor.AppOptions;
import io.aestus.executor.PodOptions;
import io.aestus.executor.Stage1Name;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

class Stage1OptionsTest {
    private static ParseResult parse(String... words) {
        var spec = Stage1Options.add(CommandLine.Model.CommandSpec.create())
                .addOption(Options.value("--net", "NETWORKS", ""))
                .addOption(Options.value("--private-users", "WHICH", ""));
        return new CommandLine(spec).parseArgs(words);
    }

    private static Stage1Options read(String... words) {
        return Stage1Options.read(parse(words), new Stage1Name.Native());
    }

    @ParameterizedTest
    @CsvSource({
        "--stage1-name=coreos.com/rkt/stage1-coreos:1.30.0, native",
        "--stage1-path=/usr/lib/rkt/stage1-images/stage1-host.aci, native",
        "--stage1-url=https://example.com/stage1-fly-1.30.0-linux-amd64.aci, fly",
        "--stage1-from-dir=stage1-fly.aci, fly",
        "--stage1=fly, fly"
    })
    void the_words_of_rkt_mean_what_is_here(String word, String name) {
        assertEquals(Optional.of(name), read(word).name().map(Stage1Name::toString));
    }

    @Test
    void a_machine_for_each_pod_is_not_here() {
        var refused = assertThrows(WrongUsage.class, () -> read("--stage1-name=coreos.com/rkt/stage1-kvm"));
        assertTrue(refused.getMessage().contains("no images of stage1 are run here"), refused.getMessage());
        assertThrows(WrongUsage.class, () -> read("--stage1=nonsense"));
    }

    @Test
    void what_flies_has_what_is_the_hosts_unless_it_asks_for_something_else() {
        var fly = Stage1Options.read(parse(), new Stage1Name.Fly());
        assertEquals(Optional.empty(), fly.name());
        PodOptions fitted = fly.fit(PodOptions.DEFAULT, parse());
        assertEquals(PodOptions.NetworkMode.HOST, fitted.network());
        assertEquals(PodOptions.UserNamespace.HOST, fitted.userNamespace());
        assertEquals(AppOptions.Processes.HOST, fly.fit(AppOptions.DEFAULT).processes());
        PodOptions asked = fly.fit(PodOptions.DEFAULT, parse("--net=none", "--private-users=on"));
        assertEquals(PodOptions.NetworkMode.NONE, asked.network());
        assertEquals(PodOptions.UserNamespace.PRIVATE, asked.userNamespace());
        assertEquals(PodOptions.DEFAULT, read().fit(PodOptions.DEFAULT, parse()));
    }
}
