package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.executor.AppOptions;
import io.aestus.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** From words to isolators, devices and limits. */
class IsolationOptionsTest {
    private static ParseResult parsed(String... words) {
        return new CommandLine(IsolationOptions.addOfApp(CommandSpec.create().name("run"))).parseArgs(words);
    }

    @Test
    void an_isolator_takes_the_place_of_the_one_of_its_name() {
        Isolators first = IsolationOptions.isolators(
                Isolators.NONE,
                parsed("--isolator", "os/linux/cpu-shares=300", "--isolator=aestus.io/pids={\"limit\": 9}"));
        Isolators second = IsolationOptions.isolators(first, parsed("--isolator", "os/linux/cpu-shares=400"));
        assertEquals(
                List.of(
                        new LinuxIsolator.CpuShares(400),
                        new Isolator.Unknown(
                                "aestus.io/pids",
                                JsonObject.builder().put("limit", 9).build())),
                second.all());
    }

    @Test
    void devices_are_seen_where_it_is_said() {
        var options = IsolationOptions.options(
                AppOptions.DEFAULT,
                parsed("--device=/dev/fuse", "--device=/dev/sda:/dev/disk", "--device", "/dev/kvm:rw"));
        assertEquals(
                List.of(
                        new AppOptions.Device(Path.of("/dev/fuse"), "/dev/fuse", ""),
                        new AppOptions.Device(Path.of("/dev/sda"), "/dev/disk", ""),
                        new AppOptions.Device(Path.of("/dev/kvm"), "/dev/kvm", "rw")),
                options.devices());
    }

    @Test
    void one_number_is_both_limits() {
        var options = IsolationOptions.options(
                AppOptions.DEFAULT, parsed("--ulimit=nofile=1024", "--ulimit=core=0:unlimited"));
        assertEquals(
                List.of(
                        new AppOptions.ResourceLimit("NOFILE", 1024, 1024),
                        new AppOptions.ResourceLimit("CORE", 0, -1)),
                options.rlimits());
    }

    @ParameterizedTest
    @CsvSource({
        "--device=/dev/a:/dev/b:/dev/c, is not PATH[:PATH][:rwm]",
        "--ulimit=fun=1, there is no limit 'fun'",
        "--ulimit=nofile=2:1, the first no higher than the second",
        "--ulimit=nofile=many, neither a number nor unlimited",
    })
    void what_is_misspelt_is_said(String word, String reason) {
        var wrong =
                assertThrows(AestusException.class, () -> IsolationOptions.options(AppOptions.DEFAULT, parsed(word)));
        assertEquals(true, wrong.message().contains(reason), wrong.message());
    }

    @Test
    void an_isolator_that_is_no_json_is_refused_with_its_name() {
        var wrong = assertThrows(
                AestusException.class,
                () -> IsolationOptions.isolators(Isolators.NONE, parsed("--isolator=os/linux/cpu-shares=many")));
        assertEquals(true, wrong.message().contains("--isolator os/linux/cpu-shares"), wrong.message());
    }
}
