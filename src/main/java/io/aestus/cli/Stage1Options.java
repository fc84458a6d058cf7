package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.executor.AppOptions;
import io.aestus.executor.PodOptions;
import io.aestus.executor.Stage1Name;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * What {@code run} and {@code prepare} say of how the pod is isolated.
 *
 * @param name empty for what the node uses
 * @param isFly whether that comes to no isolation at all
 */
record Stage1Options(Optional<Stage1Name> name, boolean isFly) {
    private static final String STAGE1 = "--stage1";

    /** rkt's: an image of a stage1, by name, file or address. What is in it is here already. */
    private static final List<String> OF_RKT =
            List.of("--stage1-name", "--stage1-hash", "--stage1-path", "--stage1-url", "--stage1-from-dir");

    static CommandSpec add(CommandSpec spec) {
        spec.addOption(Options.value(
                STAGE1, "WHICH", "what isolates the pod: native (default), fly, or an OCI runtime as oci:PATH"));
        for (String name : OF_RKT) {
            spec.addOption(OptionSpec.builder(name)
                    .type(String.class)
                    .paramLabel("IMAGE")
                    .description("rkt's: stage1-coreos is native, stage1-fly is fly")
                    .hidden(true)
                    .build());
        }
        return spec;
    }

    /**
     * What the words say.
     *
     * @param usual what isolates pods that do not say
     */
    static Stage1Options read(ParseResult arguments, Stage1Name usual) {
        Optional<Stage1Name> name =
                Options.value(arguments, STAGE1).map(word -> Options.understood(word, Stage1Name::parse));
        for (String option : OF_RKT) {
            Optional<String> image = Options.value(arguments, option);
            if (image.isPresent()) {
                name = Optional.of(ofRkt(option, image.get()));
            }
        }
        return new Stage1Options(name, name.orElse(usual) instanceof Stage1Name.Fly);
    }

    private static Stage1Name ofRkt(String option, String image) {
        String last = image.substring(image.lastIndexOf('/') + 1);
        if (last.startsWith("stage1-fly")) {
            return new Stage1Name.Fly();
        }
        if (last.startsWith("stage1-coreos") || last.startsWith("stage1-host") || last.startsWith("stage1-src")) {
            return new Stage1Name.Native();
        }
        throw new WrongUsage(
                        "cannot isolate by " + option + "=" + Quoted.of(image) + ": no images of stage1 are run here")
                .withRemedy("--stage1=native, fly, or for virtual machines oci:PATH of such a runtime");
    }

    /** A pod that flies has what is the host's, unless the words ask for something else: then it is told that it has not. */
    PodOptions fit(PodOptions options, ParseResult arguments) {
        if (!isFly) {
            return options;
        }
        PodOptions fitted = options.withIpc(PodOptions.Sharing.HOST);
        if (options.network() == PodOptions.NetworkMode.NONE && !Options.isSet(arguments, "--net")) {
            fitted = fitted.withNetwork(PodOptions.NetworkMode.HOST);
        }
        return Options.isSet(arguments, "--private-users")
                ? fitted
                : fitted.withUserNamespace(PodOptions.UserNamespace.HOST);
    }

    /** Likewise for its apps. */
    AppOptions fit(AppOptions options) {
        return isFly ? options.withProcesses(AppOptions.Processes.HOST) : options;
    }
}
