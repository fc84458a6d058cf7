package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class RunArgumentsTest {
    private final CommandSpec pod = CommandSpec.create()
            .addOption(OptionSpec.builder("--net").type(String.class).build())
            .addOption(OptionSpec.builder("--mount").type(String.class).build())
            .addOption(OptionSpec.builder("--interactive").arity("0").build());
    private final CommandSpec app = CommandSpec.create()
            .addOption(OptionSpec.builder("--memory").type(String.class).build())
            .addOption(OptionSpec.builder("--mount").type(String.class).build())
            .addOption(OptionSpec.builder("--readonly-rootfs").arity("0").build());

    private RunArguments split(String... words) {
        return RunArguments.split(List.of(words), pod, app);
    }

    @Test
    void options_belong_to_the_pod_until_an_image_is_named_and_then_to_it() {
        var split =
                split("--net", "none", "--mount=a", "example.com/web", "--memory", "16Mi", "--mount=b", "other.aci");
        assertEquals(List.of("--net", "none", "--mount=a"), split.pod());
        assertEquals(
                List.of(
                        new RunArguments.Image("example.com/web", List.of("--memory", "16Mi", "--mount=b"), List.of()),
                        new RunArguments.Image("other.aci", List.of(), List.of())),
                split.images());
    }

    @Test
    void a_pods_option_may_follow_an_image() {
        var split = split("example.com/web", "--net", "host", "--interactive");
        assertEquals(List.of("--net", "host", "--interactive"), split.pod());
    }

    @Test
    void arguments_run_from_two_dashes_to_three() {
        var split = split("a", "--readonly-rootfs", "--", "--memory", "--", "x", "---", "b", "--", "y");
        assertEquals(
                List.of(
                        new RunArguments.Image("a", List.of("--readonly-rootfs"), List.of("--memory", "--", "x")),
                        new RunArguments.Image("b", List.of(), List.of("y"))),
                split.images());
    }

    @Test
    void a_stray_end_of_arguments_means_nothing() {
        assertEquals(2, split("---", "a", "---", "b").images().size());
    }

    @Test
    void an_apps_option_before_any_image_is_refused() {
        var refused = assertThrows(AestusException.class, () -> split("--memory", "16Mi", "a"));
        assertEquals("cannot apply '--memory': it belongs to an image and must follow one", refused.getMessage());
    }

    @Test
    void arguments_before_any_image_are_refused() {
        assertThrows(AestusException.class, () -> split("--", "a"));
    }
}
