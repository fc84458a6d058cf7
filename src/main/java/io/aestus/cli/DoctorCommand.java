package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.linux.HostKernel;
import io.aestus.linux.HostKernel.Feature;
import io.aestus.linux.HostKernel.Need;
import io.aestus.network.UserNetwork;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus doctor}: what this host can and cannot do, and what follows. */
final class DoctorCommand implements Command {
    private static final long WANTED_FREE = 1L << 30;

    /** File systems that cannot hold the writable layer of an overlay. */
    private static final Set<String> UNFIT = Set.of("overlay", "nfs", "nfs4", "vfat", "exfat", "9p");

    @Override
    public CommandSpec spec() {
        return Options.command(
                "doctor",
                "Says what this host can and cannot do, and what follows. Fails if something is missing without which no"
                        + " pod runs.",
                "aestus doctor",
                "aestus doctor --format=json");
    }

    @Override
    public Power power() {
        return Power.WANTED;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        HostKernel kernel = HostKernel.probe();
        var features = new ArrayList<>(kernel.features());
        addDisk(features, session.options().dir());
        Optional<OrdinaryUser> user = OrdinaryUser.current(session.environment());
        if (user.isPresent()) {
            features.addAll(0, UserFeatures.of(user.get()));
        }
        features.add(networks(session, user.isPresent()));
        boolean isFit = features.stream().noneMatch(each -> !each.isPresent() && each.need() == Need.REQUIRED);
        session.output().print(json(kernel, features, isFit), to -> print(kernel, features, isFit, session.ink(), to));
        return isFit ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void addDisk(List<Feature> features, Path dir) throws IOException {
        Path there = existing(dir);
        features.add(new Feature(
                "data directory",
                Need.REQUIRED,
                Files.isDirectory(there) && Files.isWritable(there),
                there.equals(dir) ? dir.toString() : dir + ", to be made",
                "neither images nor pods can be kept: run as root, or choose another by --dir"));
        FileStore store = Files.getFileStore(there);
        features.add(new Feature(
                "file system",
                Need.REQUIRED,
                !UNFIT.contains(store.type()),
                store.type(),
                "no app's root can be built there: choose another by --dir"));
        features.add(new Feature(
                "free space",
                Need.WANTED,
                store.getUsableSpace() >= WANTED_FREE,
                Figures.bytes(store.getUsableSpace()) + " free",
                "large images will not fit: aestus image gc, aestus gc"));
    }

    private static Feature networks(Session session, boolean isOfUser) {
        String obstacle = "";
        try {
            if (isOfUser) {
                new UserNetwork(session.options().dir()).requireReady("default");
            } else {
                session.networks().requireReady("default");
            }
        } catch (AestusException e) {
            obstacle = e.message();
        }
        return new Feature(
                "pod networks",
                Need.WANTED,
                obstacle.isEmpty(),
                obstacle.isEmpty() ? (isOfUser ? "slirp4netns or pasta" : "CNI plugins") : obstacle,
                "pods have the host's network or none, and no port leads into them");
    }

    private static Path existing(Path dir) {
        Path at = dir;
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private static void print(HostKernel kernel, List<Feature> features, boolean isFit, Ink ink, PrintStream to) {
        to.println("Linux " + kernel.release() + ", cgroups " + mode(kernel) + ", Java "
                + System.getProperty("java.version"));
        to.println();
        int width =
                features.stream().mapToInt(each -> each.name().length()).max().orElse(0);
        for (Feature each : features) {
            String name = each.name() + " ".repeat(width - each.name().length());
            to.println(ink.draw(tone(each), word(each)) + "  " + name + "  " + each.detail());
            if (!each.isPresent()) {
                to.println(" ".repeat(width + 11) + "→ " + each.consequence());
            }
        }
        to.println();
        to.println(isFit ? "Pods can run here." : "Pods cannot run here.");
    }

    private static Ink.Tone tone(Feature feature) {
        if (feature.isPresent()) {
            return Ink.Tone.GOOD;
        }
        return feature.need() == Need.REQUIRED ? Ink.Tone.BAD : Ink.Tone.DOUBTFUL;
    }

    private static String word(Feature feature) {
        if (feature.isPresent()) {
            return "ok     ";
        }
        return feature.need() == Need.REQUIRED ? "MISSING" : "missing";
    }

    private static String mode(HostKernel kernel) {
        return kernel.cgroups().mode().name().toLowerCase(Locale.ROOT);
    }

    private static JsonObject json(HostKernel kernel, List<Feature> features, boolean isFit) {
        return JsonObject.builder()
                .put("kernel", kernel.release())
                .put("cgroups", mode(kernel))
                .put("java", System.getProperty("java.version"))
                .put("can_run_pods", isFit)
                .put("features", Json.array(features, DoctorCommand::json))
                .build();
    }

    private static JsonObject json(Feature feature) {
        var json = JsonObject.builder()
                .put("name", feature.name())
                .put("need", feature.need().name().toLowerCase(Locale.ROOT))
                .put("present", feature.isPresent())
                .put("detail", feature.detail());
        if (!feature.isPresent()) {
            json.put("consequence", feature.consequence());
        }
        return json.build();
    }
}
