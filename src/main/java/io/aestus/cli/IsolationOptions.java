package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppOptions.Device;
import io.aestus.executor.AppOptions.ResourceLimit;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.linux.Rlimit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Options by which an app, or a whole pod, is confined in ways that no option of its own has a word for. */
final class IsolationOptions {
    private static final String ISOLATOR = "--isolator";
    private static final String DEVICE = "--device";
    private static final String ULIMIT = "--ulimit";

    private IsolationOptions() {}

    /** Any isolator: of the pod before the first image, of an app after its image. */
    static OptionSpec isolator(String whose) {
        return Options.values(
                ISOLATOR, "NAME=JSON", "an isolator of " + whose + ", such as aestus.io/pids='{\"limit\": 100}'");
    }

    /** What is an app's alone. */
    static CommandSpec addOfApp(CommandSpec spec) {
        return spec.addOption(isolator("this app"))
                .addOption(Options.values(
                        DEVICE, "PATH[:PATH][:rwm]", "a device of the host, where the app sees it, and what it may"))
                .addOption(Options.values(ULIMIT, "NAME=SOFT[:HARD]", "a limit of each process, such as nofile=1024"));
    }

    /** {@code base} with the isolators that were named, each in the place of the one of its name. */
    static Isolators isolators(Isolators base, ParseResult options) {
        Isolators all = base;
        for (String text : Options.values(options, ISOLATOR)) {
            all = all.with(isolator(RunOptions.pair(text, ISOLATOR)));
        }
        return all;
    }

    private static Isolator isolator(String[] sides) {
        String what = ISOLATOR + " " + sides[0];
        Json value =
                JsonReader.read(sides[1].getBytes(StandardCharsets.UTF_8), what).value();
        JsonObject isolator =
                JsonObject.builder().put("name", sides[0]).put("value", value).build();
        return Isolators.read(JsonView.of(Json.array(List.of(isolator), each -> each), what))
                .all()
                .getFirst();
    }

    /** {@code base} with the devices and limits of an app. */
    static AppOptions options(AppOptions base, ParseResult options) {
        var devices = new ArrayList<>(base.devices());
        Options.values(options, DEVICE).forEach(text -> devices.add(device(text)));
        var limits = new ArrayList<>(base.rlimits());
        Options.values(options, ULIMIT).forEach(text -> limits.add(limit(text)));
        return base.withDevices(devices).withRlimits(limits);
    }

    private static Device device(String text) {
        String[] parts = text.split(":", -1);
        String last = parts[parts.length - 1];
        boolean hasAccess = parts.length > 1 && !last.startsWith("/");
        int paths = parts.length - (hasAccess ? 1 : 0);
        if (paths > 2 || parts[0].isEmpty()) {
            throw new WrongUsage("cannot read " + DEVICE + ": " + Quoted.of(text) + " is not PATH[:PATH][:rwm]");
        }
        return new Device(Path.of(parts[0]), parts[paths - 1], hasAccess ? last : "");
    }

    private static ResourceLimit limit(String text) {
        String[] sides = RunOptions.pair(text, ULIMIT);
        var resource = Rlimit.Resource.find(sides[0])
                .orElseThrow(
                        () -> new WrongUsage("cannot read " + ULIMIT + ": there is no limit " + Quoted.of(sides[0])));
        String[] bounds = sides[1].split(":", -1);
        long soft = bound(bounds[0]);
        long hard = bound(bounds[bounds.length - 1]);
        if (bounds.length > 2 || Long.compareUnsigned(soft, hard) > 0) {
            throw new WrongUsage("cannot read " + ULIMIT + ": " + Quoted.of(sides[1])
                    + " is not SOFT:HARD, the first no higher than the second");
        }
        return new ResourceLimit(resource.toString(), soft, hard);
    }

    private static long bound(String text) {
        if (text.equals("unlimited")) {
            return Rlimit.INFINITY;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new WrongUsage(
                    "cannot read " + ULIMIT + ": " + Quoted.of(text) + " is neither a number nor unlimited");
        }
        return Long.parseLong(text);
    }
}
