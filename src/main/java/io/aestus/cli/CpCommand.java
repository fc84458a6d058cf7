package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.Owners;
import io.aestus.aci.TreeCopy;
import io.aestus.aci.UnpackLimits;
import io.aestus.appc.AcName;
import io.aestus.executor.PodStatus;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus cp}: files into an app and out of it. Nothing is run in the pod. */
final class CpCommand implements Command {
    private static final String STREAM = "-";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "cp",
                        "Copies files and directories between this host and an app, or between apps; - is a tar on standard"
                                + " input or output. Nothing is run in the pod. Owners keep the numbers that they have in"
                                + " the pod. From an app that has ended, what it left can be copied as well.",
                        "aestus cp shop:/etc/motd .",
                        "aestus cp config shop:web:/etc/web",
                        "aestus cp shop:web:/var/log - | tar t")
                .addOption(Options.uuidFile())
                .addPositional(Options.words(
                        "FROM TO",
                        "2",
                        "a path of the host, or POD:[APP:]PATH of an app; with --uuid-file :[APP:]PATH. A path of the"
                                + " host that has a colon begins with / or ./"));
        spec.usageMessage().customSynopsis("aestus cp [OPTIONS] FROM TO");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        List<String> words = Options.words(arguments);
        String from = words.get(0);
        String to = words.get(1);
        if (!isOfApp(from) && !isOfApp(to)) {
            throw new WrongUsage("cannot copy: neither is a path of an app, such as shop:web:/etc/motd");
        }
        try {
            List<String> notes = copy(from, to, arguments, session);
            notes.forEach(session::note);
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot copy " + Quoted.of(from) + " to " + Quoted.of(to) + ": " + e.getMessage(),
                    e);
        }
        return ExitCode.DONE;
    }

    private static boolean isOfApp(String word) {
        return word.contains(":") && !word.startsWith("/") && !word.startsWith(".") && !word.equals(STREAM);
    }

    private static List<String> copy(String from, String to, ParseResult arguments, Session session)
            throws IOException, InterruptedException {
        if (from.equals(STREAM)) {
            try (CopyEnd target = end(to, arguments, session);
                    Directory into = target.directory()) {
                return target.writing(
                        () -> TreeCopy.fromTar(session.in(), into, UnpackLimits.DEFAULT, target.outward()));
            }
        }
        try (CopyEnd source = end(from, arguments, session);
                CopyEnd.Place what = source.source()) {
            if (to.equals(STREAM)) {
                String top = what.name().isEmpty() ? "." : what.name();
                return TreeCopy.toTar(what.directory(), what.name(), top, session.out(), source.inward());
            }
            try (CopyEnd target = end(to, arguments, session)) {
                Owners owners = id -> target.outward().of(source.inward().of(id));
                return target.writing(() -> {
                    try (CopyEnd.Place place = target.target(what.name())) {
                        return TreeCopy.toDirectory(
                                what.directory(), what.name(), place.directory(), place.name(), owners);
                    }
                });
            }
        }
    }

    private static CopyEnd end(String word, ParseResult arguments, Session session) throws IOException {
        if (!isOfApp(word)) {
            return CopyEnd.ofHost(word);
        }
        int colon = word.indexOf(':');
        String name = word.substring(0, colon);
        String rest = word.substring(colon + 1);
        Optional<String> app = Optional.empty();
        int second = rest.indexOf(':');
        if (second >= 0 && !rest.startsWith("/")) {
            app = Optional.of(rest.substring(0, second));
            rest = rest.substring(second + 1);
        }
        if (!rest.startsWith("/")) {
            throw new WrongUsage("cannot copy " + Quoted.of(word) + ": expected POD:[APP:]PATH with an absolute path");
        }
        PodStatus pod = session.executor()
                .status(
                        name.isEmpty()
                                ? session.podOfFile(arguments)
                                        .orElseThrow(() ->
                                                new WrongUsage("cannot copy " + Quoted.of(word) + ": no pod is named"))
                                : session.executor().find(name));
        AcName which = PodForms.theApp(pod, app);
        return CopyEnd.ofApp(session.executor().files(pod.uuid(), which), rest);
    }
}
