package io.aestus.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From a command line of rkt to one of Aestus that does the same: spellings, defaults, and options that have no use any more.
 * What an app is given after {@code --} is left alone.
 */
final class RktWords {
    private static final Set<String> RUNNING = Set.of("run", "prepare");

    /** Flags that a Go program takes as {@code --flag=true} too. */
    private static final Set<String> FLAGS = Set.of(
            "--debug",
            "--force",
            "--full",
            "--inherit-env",
            "--insecure-allow-http",
            "--interactive",
            "--mark-only",
            "--mds-register",
            "--no-legend",
            "--no-overlay",
            "--no-store",
            "--overwrite",
            "--private-users",
            "--quiet",
            "--readonly-rootfs",
            "--root",
            "--rootfs-only",
            "--skip-fingerprint-review",
            "--store-only",
            "--trust-keys-from-https",
            "--wait",
            "--wait-ready");

    private static final Map<String, String> SPELLINGS = Map.of(
            "--cap-retain", "--caps-retain",
            "--cap-remove", "--caps-remove",
            "--local-config", "--config-dir",
            "--user-config", "--config-dir",
            "--dns-domain", "--dns-search");

    /** With a value; what they chose between is no choice any more. */
    private static final Set<String> DROPPED = Set.of(
            "--stage1-url",
            "--stage1-path",
            "--stage1-name",
            "--stage1-hash",
            "--stage1-from-dir",
            "--cpuprofile",
            "--memprofile");

    private final List<String> notices = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private String command = "";
    private boolean saysNetwork;

    private RktWords() {}

    /**
     * What Aestus is to be told.
     *
     * @param command the name of the command, which Aestus may not have; empty if there is none
     * @param notices what was left out, for people
     */
    record Translation(List<String> words, String command, List<String> notices) {}

    /** What rkt had to be started for, and is there without: its command, and why nothing is to be started. */
    static final Map<String, String> NOT_NEEDED = Map.of(
            "metadata-service", "nothing is to be started: each pod has a metadata service of its own",
            "api-service", "nothing is to be started: the agent serves the API, see aestus agent --help");

    static Translation translate(List<String> args) {
        var translator = new RktWords();
        translator.read(args);
        return new Translation(List.copyOf(translator.words), translator.command, List.copyOf(translator.notices));
    }

    private void read(List<String> args) {
        int commandAt = -1;
        boolean isOfApp = false;
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            if (isOfApp || word.equals("--")) {
                isOfApp = !word.equals("---");
                words.add(word);
            } else if (word.startsWith("--")) {
                i = option(args, i);
            } else {
                if (command.isEmpty()) {
                    command = Commands.TOP.find(word).map(Commands.Entry::name).orElse(word);
                    commandAt = words.size();
                }
                words.add(word);
            }
        }
        if (commandAt >= 0) {
            addDefaults(commandAt);
        }
    }

    /** In rkt a pod is in a network unless it is told otherwise, and its shell is bash. */
    private void addDefaults(int commandAt) {
        if (RUNNING.contains(command) && !saysNetwork && !words.contains("--pod-manifest")) {
            words.add(commandAt + 1, "--net=default");
        }
        if (command.equals("enter") && isNamedAlone(commandAt)) {
            words.add("/bin/bash");
        }
    }

    private boolean isNamedAlone(int commandAt) {
        List<String> rest = new ArrayList<>(words.subList(commandAt + 1, words.size()));
        int app = rest.indexOf("--app");
        if (app >= 0 && app + 1 < rest.size()) {
            rest.subList(app, app + 2).clear();
        }
        return rest.stream().filter(word -> !word.startsWith("-")).count() == 1;
    }

    /** Translates the option at {@code at}. @return where its last word stands */
    private int option(List<String> args, int at) {
        String word = args.get(at);
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1));
        if (name.startsWith("--stage1-") && isFly(value.orElse(at + 1 < args.size() ? args.get(at + 1) : ""))) {
            words.add("--stage1=fly");
            return value.isPresent() ? at : at + 1;
        }
        if (DROPPED.contains(name)) {
            notices.add(name + " means nothing to Aestus and is left out");
            return value.isPresent() ? at : at + 1;
        }
        if (FLAGS.contains(name) && value.filter(RktWords::isBoolean).isPresent()) {
            if (isTrue(value.get())) {
                flag(name);
            }
            return at;
        }
        if (FLAGS.contains(name) && value.isEmpty()) {
            flag(name);
            return at;
        }
        if (name.equals("--net") && value.isEmpty()) {
            saysNetwork = true;
            words.add("--net=default"); // it never takes the word behind it
            return at;
        }
        saysNetwork |= name.equals("--net");
        String spelling = SPELLINGS.getOrDefault(name, name);
        if (isMeaningless(name, value)) {
            return at;
        }
        words.add(value.map(given -> spelling + "=" + given).orElse(spelling));
        return at;
    }

    private static boolean isFly(String stage1) {
        return stage1.contains("stage1-fly");
    }

    private void flag(String name) {
        switch (name) {
            case "--no-overlay" -> notices.add("--no-overlay is left out: roots are always overlays");
            case "--quiet" -> {} // prepare prints nothing but the UUID
            case "--store-only" -> words.add("--pull-policy=never");
            case "--no-store" -> words.add("--pull-policy=update");
            case "--private-users" -> words.add("--private-users=on");
            default -> words.add(name);
        }
    }

    /** What says that all shall be as it is. */
    private boolean isMeaningless(String name, Optional<String> value) {
        return name.equals("--pretty-print")
                && command.equals("cat-manifest")
                && value.filter("true"::equals).isPresent();
    }

    private static boolean isBoolean(String word) {
        return Set.of("true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False")
                .contains(word);
    }

    private static boolean isTrue(String word) {
        return word.startsWith("t") || word.startsWith("T") || word.equals("1");
    }
}
